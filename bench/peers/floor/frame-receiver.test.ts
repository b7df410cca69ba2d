import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameReceiver } from "./frame-receiver.ts";

function framed(body: string): Buffer {
  const frame = Buffer.alloc(4 + body.length);
  frame.writeInt32BE(body.length);
  frame.write(body, 4, "latin1");
  return frame;
}

/** Feeds `bytes` in pieces of these sizes, the last one for all that is left. */
function feed(receiver: FrameReceiver, bytes: Buffer, sizes: readonly number[]): void {
  let at = 0;
  for (let piece = 0; at < bytes.length; piece++) {
    const buffer = receiver.nextBuffer();
    const size = Math.min(sizes[piece % sizes.length] ?? 1, buffer.length, bytes.length - at);
    buffer.set(bytes.subarray(at, at + size));
    receiver.onBytes(size);
    at += size;
  }
}

test("frames come out whole and in order, however the bytes arrive", () => {
  const bodies = ["", "a", "b".repeat(3), "c".repeat(1000), "d".repeat(400_000), "e", "", "f".repeat(70_000)];
  const bytes = Buffer.concat(bodies.map(framed));
  for (const sizes of [[1_000_000], [1], [3], [4], [5], [7, 1, 65_536], [2, 300_000], [65_536]]) {
    const found: string[] = [];
    const receiver = new FrameReceiver((frame) => found.push(frame.toString("latin1", 4)));
    feed(receiver, bytes, sizes);
    assert.deepEqual(
      found.map((body) => [body.length, body[0]]),
      bodies.map((body) => [body.length, body[0]]),
      `pieces of ${sizes.join()}`,
    );
  }
});

test("connections share a buffer and do not disturb each other's frames", () => {
  const found: string[] = [];
  const left = new FrameReceiver((frame) => found.push(frame.toString("latin1", 4)));
  const right = new FrameReceiver((frame) => found.push(frame.toString("latin1", 4)));
  const bytes = [framed("left".repeat(10)), framed("right".repeat(10))];
  for (let at = 0; at < 54; at += 9) {
    feed(left, (bytes[0] as Buffer).subarray(at, at + 9), [9]);
    feed(right, (bytes[1] as Buffer).subarray(at, at + 9), [9]);
  }
  assert.deepEqual(found, ["left".repeat(10), "right".repeat(10)]);
});
