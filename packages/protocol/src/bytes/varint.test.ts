import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError } from "./decode-error.ts";
import { Reader } from "./reader.ts";
import { readVarlongAsNumber, sizeOfVarlongNumber, skipVarint, writeVarlongNumber } from "./varint.ts";

test("safe integers of every size come back from their varlong", () => {
  for (let power = 0; power <= 53; power += 1) {
    for (const value of [
      2 ** power - 1,
      -(2 ** power - 1),
      2 ** Math.min(power, 52),
      -(2 ** Math.min(power, 52)),
    ]) {
      const bytes = new Uint8Array(10);
      const end = writeVarlongNumber(bytes, 0, value);
      assert.equal(sizeOfVarlongNumber(value), end);
      const reader = new Reader(bytes, 0, end);
      assert.equal(readVarlongAsNumber(reader), value === 0 ? 0 : value);
      assert.equal(reader.remaining, 0);
    }
  }
});

test("skipping stops after the varint and refuses a long or cut one", () => {
  const reader = new Reader(Uint8Array.of(0x80, 0x80, 0x01, 0x05));
  skipVarint(reader, 5);
  assert.equal(reader.offset, 3);
  assert.throws(() => skipVarint(new Reader(new Uint8Array(8).fill(0x80)), 5), DecodeError);
  assert.throws(() => skipVarint(new Reader(Uint8Array.of(0x80)), 5), DecodeError);
});
