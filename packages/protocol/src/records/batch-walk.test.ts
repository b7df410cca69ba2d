// Finding batches in a buffer, and telling cut from corrupt ones.
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildBatch } from "./batch-builder.ts";
import { BATCH_CORRUPT, BATCH_INCOMPLETE, batchEnd, batchProblem } from "./batch-walk.ts";

const ONE = buildBatch({ records: [{ key: null, value: Uint8Array.of(1, 2, 3) }] });

function two(): Uint8Array {
  const bytes = new Uint8Array(2 * ONE.length);
  bytes.set(ONE);
  bytes.set(ONE, ONE.length);
  return bytes;
}

test("a walk meets each batch once and ends where the bytes end", () => {
  const bytes = two();
  const ends: number[] = [];
  for (let at = 0, next: number; (next = batchEnd(bytes, at, bytes.length)) > 0; at = next) ends.push(next);
  assert.deepEqual(ends, [ONE.length, 2 * ONE.length]);
});

test("a batch that is cut anywhere is incomplete, not corrupt", () => {
  for (let end = 0; end < ONE.length; end++) assert.equal(batchEnd(ONE, 0, end), BATCH_INCOMPLETE);
});

test("a length or magic that no batch has is corrupt", () => {
  for (const [at, byte] of [
    [8, 0x80],
    [11, 13],
    [16, 3],
    [16, 0xff],
  ] as const) {
    const bytes = ONE.slice();
    if (at === 11) bytes.fill(0, 8, 11);
    bytes[at] = byte;
    assert.equal(batchEnd(bytes, 0, bytes.length), BATCH_CORRUPT);
  }
});

test("every flipped bit that the CRC covers is found", () => {
  assert.equal(batchProblem(ONE, 0), null);
  for (let bit = 17 * 8; bit < ONE.length * 8; bit++) {
    const bytes = ONE.slice();
    bytes[bit >>> 3]! ^= 1 << (bit & 7);
    assert.equal(batchProblem(bytes, 0)?.error, "CORRUPT_MESSAGE");
  }
});
