import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionLimits } from "../limits.ts";
import { FrameMemory } from "./frame-memory.ts";
import { FrameSplitter } from "./frame-splitter.ts";

const frameBytesMax = 100 * 1024 * 1024;

function frameOf(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + body.length);
  new DataView(frame.buffer).setInt32(0, body.length);
  frame.set(body, 4);
  return frame;
}

function lengthOnly(claimed: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, claimed);
  return bytes;
}

function bodyOf(length: number, salt = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + salt) & 0xff);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** All frames of a stream that arrives in these chunks. */
function split(splitter: FrameSplitter, chunks: readonly Uint8Array[]): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length && splitter.refusedLength === null; ) {
      at = splitter.take(chunk, at);
      if (splitter.frame === null) continue;
      frames.push(Uint8Array.from(splitter.frame));
      splitter.releaseFrame();
    }
  }
  return frames;
}

function newSplitter(max = frameBytesMax): { memory: FrameMemory; splitter: FrameSplitter } {
  const memory = new FrameMemory({ bytesLimit: 64 * 1024 * 1024, poisons: true });
  return { memory, splitter: new FrameSplitter(memory, max) };
}

test("a frame that lies whole in what arrived is handed out in place", () => {
  const { memory, splitter } = newSplitter();
  const stream = frameOf(bodyOf(100));
  splitter.take(stream, 0);
  assert.equal(splitter.frame?.buffer, stream.buffer);
  assert.equal(memory.usedBytes, 0);
});

test("frames come out the same however the stream is cut", () => {
  const bodies = [bodyOf(0), bodyOf(1, 3), bodyOf(300, 9), bodyOf(70_000, 1), bodyOf(5)];
  const stream = joined(bodies.map(frameOf));
  for (const step of [1, 2, 3, 5, 64, 1000, 65_536, stream.length]) {
    const { memory, splitter } = newSplitter();
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < stream.length; at += step) chunks.push(stream.subarray(at, at + step));
    assert.deepEqual(split(splitter, chunks), bodies, `chunks of ${step}`);
    assert.equal(memory.usedBytes, 0);
    assert.equal(splitter.isMidFrame, false);
  }
});

test("a negative length and one above the limit are refused before anything is allocated", () => {
  for (const claimed of [-1, -2147483648, 1001, 2147483647]) {
    const { memory, splitter } = newSplitter(1000);
    assert.deepEqual(split(splitter, [lengthOnly(claimed), bodyOf(10)]), []);
    assert.equal(splitter.refusedLength, claimed);
    assert.equal(memory.usedBytes, 0);
  }
});

test("a length alone costs no memory", () => {
  const { memory, splitter } = newSplitter();
  split(splitter, [lengthOnly(frameBytesMax)]);
  assert.equal(splitter.isMidFrame, true);
  assert.equal(memory.usedBytes, 0);
});

test("a gathering buffer stays within a factor of what arrived", () => {
  const { memory, splitter } = newSplitter();
  split(splitter, [lengthOnly(frameBytesMax), bodyOf(1)]);
  assert.ok(memory.usedBytes <= connectionLimits.gatherBytesMin);
  split(splitter, [bodyOf(200_000)]);
  assert.ok(memory.usedBytes <= 200_001 * connectionLimits.gatherGrowthFactor * 2);
});

test("over the budget a gathering buffer only doubles", () => {
  const memory = new FrameMemory({ bytesLimit: 100_000 });
  const splitter = new FrameSplitter(memory, frameBytesMax);
  const held = memory.take(200_000);
  split(splitter, [lengthOnly(frameBytesMax), bodyOf(100_000)]);
  assert.ok(memory.usedBytes - held.length <= 4 * 100_000);
});

test("the rest of a large frame lands where it belongs, without a copy", () => {
  const { splitter } = newSplitter();
  const body = bodyOf(300_000);
  const stream = frameOf(body);
  split(splitter, [stream.subarray(0, 100_000)]);
  const target = splitter.nextBuffer();
  assert.ok(target !== null && target.length === stream.length - 100_000);
  target.set(stream.subarray(100_000));
  splitter.take(target, 0);
  assert.deepEqual(splitter.frame, body);
  splitter.releaseFrame();
});

test("no buffer is offered for a short rest, between frames, or before a first byte", () => {
  const { splitter } = newSplitter();
  assert.equal(splitter.nextBuffer(), null);
  split(splitter, [lengthOnly(1_000_000)]);
  assert.equal(splitter.nextBuffer(), null);
  const short = newSplitter().splitter;
  split(short, [frameOf(bodyOf(1000)).subarray(0, 500)]);
  assert.equal(short.nextBuffer(), null);
});

test("a kept frame outlives the bytes it came in", () => {
  const { memory, splitter } = newSplitter();
  const body = bodyOf(64);
  const stream = frameOf(body);
  splitter.take(stream, 0);
  const kept = splitter.keepFrame();
  stream.fill(0);
  assert.deepEqual(kept.frame, body);
  assert.equal(memory.usedBytes, kept.buffer.length);
  memory.give(kept.buffer);
});

test("a kept frame that was gathered is not copied again", () => {
  const { memory, splitter } = newSplitter();
  const body = bodyOf(100_000);
  const stream = frameOf(body);
  splitter.take(stream.subarray(0, 50_000), 0);
  splitter.take(stream.subarray(50_000), 0);
  const used = memory.usedBytes;
  const kept = splitter.keepFrame();
  assert.equal(memory.usedBytes, used);
  assert.deepEqual(kept.frame, body);
  memory.give(kept.buffer);
  assert.equal(memory.usedBytes, 0);
});
