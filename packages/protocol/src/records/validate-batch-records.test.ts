// Facts and rule breakers that a validation finds in a batch, whatever its codec.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createNodeZip } from "@ottla/ports";
import { buildBatch, type RecordToWrite } from "./batch-builder.ts";
import { BATCH_HEADER_BYTES, batchBaseTimestamp } from "./batch-header.ts";
import { BAD_RECORDS_MAX } from "./limits.ts";
import { decompressBatchBodyLater } from "./read-records.ts";
import { validateBatchBody, validateBatchRecords } from "./validate-batch-records.ts";
import {
  batchCountProblem,
  createRecordWalk,
  type RecordRules,
  type RecordWalk,
  startWalk,
  walkOn,
} from "./walk/record-walk.ts";

const zip = createNodeZip();
const BYTES_MAX = 1 << 20;
const value = new Uint8Array(300).fill(65);

function rules(bytes: Uint8Array, change?: Partial<RecordRules>): RecordRules {
  const baseTimestamp = batchBaseTimestamp(bytes, 0);
  const none = { baseTimestamp, timestampMin: -Infinity, timestampMax: Infinity, isKeyRequired: false };
  return { ...none, ...change };
}

function walked(bytes: Uint8Array, change?: Partial<RecordRules>): RecordWalk {
  const walk = createRecordWalk();
  const isSound = validateBatchRecords(bytes, 0, zip, BYTES_MAX, rules(bytes, change), walk);
  assert.equal(isSound, walk.problem === null);
  return walk;
}

const records: RecordToWrite[] = [
  { timestamp: 5_000, key: Uint8Array.of(1), value, headers: [{ key: "häder", value: null }] },
  { timestamp: 9_000_000_000_000, key: null, value: null },
  { timestamp: -1, key: new Uint8Array(0), value: new Uint8Array(0) },
  { timestamp: 4_000, key: Uint8Array.of(2), value, headers: [{ key: "", value }] },
];

for (const compression of [0, 1, 2, 3, 4]) {
  test(`facts of a batch are found whatever its codec (${compression})`, () => {
    const walk = walked(buildBatch({ compression, records }, zip));
    assert.equal(walk.problem, null);
    assert.equal(walk.recordCount, 4);
    assert.ok(walk.areOffsetsSequential);
    assert.equal(walk.lastOffsetDelta, 3);
    assert.equal(walk.maxTimestamp, 9_000_000_000_000);
    assert.equal(walk.maxTimestampIndex, 1);
    assert.equal(walk.minTimestamp, -1);
    assert.ok(walk.hasNullKey);
    assert.equal(walk.badRecordCount, 0);
  });
}

test("records that break a rule are named by their index", () => {
  const bytes = buildBatch({ records });
  assert.deepEqual(
    walked(bytes, { isKeyRequired: true, timestampMin: 4_500, timestampMax: 6_000 }).badRecords,
    [
      { index: 1, reason: "timestamp" },
      { index: 1, reason: "missing-key" },
      { index: 3, reason: "timestamp" },
    ],
  );
});

test("no more than the limit of bad records is listed, all are counted", () => {
  const many = Array.from({ length: BAD_RECORDS_MAX + 10 }, () => ({ key: null, value: null }));
  const walk = walked(buildBatch({ records: many }), { isKeyRequired: true });
  assert.equal(walk.badRecords.length, BAD_RECORDS_MAX);
  assert.equal(walk.badRecordCount, BAD_RECORDS_MAX + 10);
});

test("a reused walk forgets the batch before", () => {
  const walk = createRecordWalk();
  const bytes = buildBatch({ records });
  validateBatchRecords(bytes, 0, zip, BYTES_MAX, rules(bytes, { isKeyRequired: true }), walk);
  const next = buildBatch({ records: [{ timestamp: 3, key: value, value }] });
  validateBatchRecords(next, 0, zip, BYTES_MAX, rules(next), walk);
  assert.equal(walk.badRecordCount, 0);
  assert.ok(!walk.hasNullKey);
  assert.equal(walk.maxTimestampIndex, 0);
});

test("gaps in the offsets are seen, by the walk and by the header's count", () => {
  const bytes = buildBatch({
    records: [
      { key: null, value },
      { offset: 5, key: null, value },
    ],
  });
  assert.ok(!walked(bytes).areOffsetsSequential);
  assert.equal(batchCountProblem(bytes, 0)?.error, "INVALID_RECORD");
  assert.equal(batchCountProblem(buildBatch({ records }), 0), null);
  assert.equal(batchCountProblem(buildBatch({ records: [] }), 0)?.error, "INVALID_RECORD");
});

test("a bomb is refused with a clear error on both doors", async () => {
  const bomb = [{ key: null, value: new Uint8Array(BYTES_MAX) }];
  for (const compression of [1, 2, 3, 4]) {
    const bytes = buildBatch({ compression, records: bomb }, zip);
    assert.equal(walked(bytes).problem?.error, "MESSAGE_TOO_LARGE");
    const later = await new Promise((resolve) => decompressBatchBodyLater(bytes, 0, zip, BYTES_MAX, resolve));
    assert.equal((later as { error?: string }).error, "MESSAGE_TOO_LARGE");
  }
});

test("a body decompressed off the loop validates as one decompressed on it", async () => {
  const many = Array.from({ length: 1000 }, (_, i) => ({ timestamp: i, key: Uint8Array.of(i), value }));
  for (const compression of [0, 1, 2, 3, 4]) {
    const bytes = buildBatch({ compression, records: many }, zip);
    let isLater = false;
    const body = await new Promise<unknown>((resolve) => {
      decompressBatchBodyLater(bytes, 0, zip, BYTES_MAX, (result) => {
        assert.ok(isLater);
        resolve(result);
      });
      isLater = true;
    });
    assert.ok(body instanceof Uint8Array);
    const walk = createRecordWalk();
    assert.ok(validateBatchBody(bytes, 0, body, rules(bytes), walk));
    // Positions count from the batch or from the body, whichever was walked.
    const placeless = { cursor: null, position: 0 };
    assert.deepEqual({ ...walk, ...placeless }, { ...walked(bytes), ...placeless });
  }
});

test("a walk in pieces finds what a walk at once finds", () => {
  const bytes = buildBatch({ records });
  const end = bytes.length;
  const count = records.length;
  for (const recordsMax of [1, 3, count, count + 1]) {
    const walk = createRecordWalk();
    startWalk(BATCH_HEADER_BYTES, count, walk);
    let pieces = 1;
    while (!walkOn(bytes, end, count, rules(bytes), walk, recordsMax)) pieces++;
    assert.equal(pieces, Math.ceil(count / recordsMax));
    assert.deepEqual(walk, walked(bytes));
  }
});
