import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameReceiver } from "./frame-receiver.ts";

function collect(bytesMax = 1_000_000): { receiver: FrameReceiver; frames: Uint8Array[]; bad: number[] } {
  const frames: Uint8Array[] = [];
  const bad: number[] = [];
  const receiver = new FrameReceiver(bytesMax, {
    onFrame: (frame) => frames.push(frame),
    onBadLength: (length) => bad.push(length),
  });
  return { receiver, frames, bad };
}

const TWO = Uint8Array.of(0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0, 4, 6, 7, 8, 9);

test("frames are cut right however the bytes are split", () => {
  for (let split = 1; split < TWO.length; split += 1) {
    const { receiver, frames } = collect();
    const shared = new Uint8Array(TWO.length);
    for (const part of [TWO.subarray(0, split), TWO.subarray(split)]) {
      shared.set(part);
      receiver.push(shared.subarray(0, part.length));
      shared.fill(0xee);
    }
    assert.deepEqual(frames, [Uint8Array.of(1, 2, 3, 4, 5), Uint8Array.of(6, 7, 8, 9)]);
  }
});

test("the rest of a large frame is received in its place", () => {
  const { receiver, frames } = collect();
  const length = 100_000;
  assert.equal(receiver.nextBuffer(), null);
  receiver.push(Uint8Array.of(0, length >> 16, (length >> 8) & 255, length & 255, 42));
  const place = receiver.nextBuffer();
  assert.equal(place?.length, length - 1);
  place?.fill(7);
  receiver.push(place as Uint8Array);
  assert.equal(frames[0]?.length, length);
  assert.deepEqual([frames[0]?.[0], frames[0]?.[1], frames[0]?.[length - 1]], [42, 7, 7]);
  assert.equal(receiver.nextBuffer(), null);
});

test("a length out of bounds is told once and ends the cutting", () => {
  for (const [prefix, length] of [
    [[0, 0, 0, 3], 3],
    [[0, 0x10, 0, 0], 0x100000],
    [[0xff, 0xff, 0xff, 0xff], -1],
  ] as const) {
    const { receiver, frames, bad } = collect();
    receiver.push(Uint8Array.from(prefix));
    receiver.push(TWO);
    assert.deepEqual([frames, bad], [[], [length]]);
  }
});
