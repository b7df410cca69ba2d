// Stamping a batch header in place, and the ring of sequences. Values of all fields: the golden batches.
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildBatch } from "./batch-builder.ts";
import { batchCrcMatches, stampCreateTime, stampLogAppendTime } from "./batch-crc.ts";
import {
  batchAttributes,
  batchBaseOffset,
  batchIsLogAppendTime,
  batchIsTransactional,
  batchLastOffset,
  batchLastSequence,
  batchMaxTimestamp,
  batchNumbersAreSafe,
  batchPartitionLeaderEpoch,
  decrementSequence,
  incrementSequence,
  setBaseOffset,
  setPartitionLeaderEpoch,
} from "./batch-header.ts";

function batch(): Uint8Array {
  const record = { timestamp: 1000, key: null, value: Uint8Array.of(1) };
  const plain = buildBatch({
    producerId: 7,
    producerEpoch: 1,
    baseSequence: 2147483647,
    isTransactional: true,
    records: [record, record],
  });
  // Not at position 0, so that accessors cannot forget the position.
  const shifted = new Uint8Array(plain.length + 5);
  shifted.set(plain, 5);
  return shifted;
}

test("stamping offset and leader epoch leaves the CRC right", () => {
  const bytes = batch();
  setBaseOffset(bytes, 5, 5_000_000_000);
  setPartitionLeaderEpoch(bytes, 5, 9);
  assert.equal(batchBaseOffset(bytes, 5), 5_000_000_000);
  assert.equal(batchLastOffset(bytes, 5), 5_000_000_001);
  assert.equal(batchPartitionLeaderEpoch(bytes, 5), 9);
  assert.ok(batchCrcMatches(bytes, 5));
});

test("stamping the timestamp sets type, max timestamp and CRC and keeps the other attributes", () => {
  const bytes = batch();
  const attributes = batchAttributes(bytes, 5);
  stampLogAppendTime(bytes, 5, 1_700_000_000_000);
  assert.ok(batchIsLogAppendTime(bytes, 5) && batchIsTransactional(bytes, 5));
  assert.equal(batchMaxTimestamp(bytes, 5), 1_700_000_000_000);
  assert.ok(batchCrcMatches(bytes, 5));
  stampCreateTime(bytes, 5, 1000);
  assert.equal(batchAttributes(bytes, 5), attributes);
  assert.ok(batchCrcMatches(bytes, 5));
});

test("sequences wrap to zero", () => {
  assert.equal(batchLastSequence(batch(), 5), 0);
  assert.equal(incrementSequence(2147483646, 3), 1);
  assert.equal(decrementSequence(1, 3), 2147483646);
  assert.equal(decrementSequence(5, 5), 0);
});

test("a batch whose last offset passes 2^53 is not safe", () => {
  const bytes = batch();
  assert.ok(batchNumbersAreSafe(bytes, 5));
  setBaseOffset(bytes, 5, Number.MAX_SAFE_INTEGER);
  assert.ok(!batchNumbersAreSafe(bytes, 5));
});
