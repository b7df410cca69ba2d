// Vectors of batches.jsonl: `valid` buffers of batches, and `probe`s of damaged ones. Of a probe's columns
// `read` and `produceRequest` are checked here; `append` and `appendFollower` belong to package log.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createNodeZip } from "@ottla/ports";
import * as kafka from "@ottla/protocol";
import { type Check, fromHex, toHex, type Vector } from "../check.ts";

const zip = createNodeZip();
const BYTES_MAX = kafka.DECOMPRESSED_BYTES_MAX;

/** A record as the vectors show it. */
interface GoldenRecord {
  offset: string | number;
  timestamp: string | number;
  sequence?: number;
  key: unknown;
  value: unknown;
  headers: unknown[];
}

/** A 64-bit integer as the vectors show it. */
function plain(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

/** Bytes as the vectors show them: base64, or length and hash above 1 kB. */
function shown(bytes: Uint8Array | null): unknown {
  if (bytes === null) return null;
  if (bytes.length <= 1024) return Buffer.from(bytes).toString("base64");
  return { length: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

export const checkValidBatches: Check = (vector) => {
  const bytes = fromHex(vector.hex);
  const batches = vector.batches as Vector[];
  let at = 0;
  for (const expected of batches) {
    const next = kafka.batchEnd(bytes, at, bytes.length);
    assert(next > 0, "no whole batch");
    assert.equal(kafka.batchProblem(bytes, at), null);
    const actual =
      kafka.batchMagic(bytes, at) === kafka.MAGIC_V2 ? describe(bytes, at) : describeLegacy(bytes, at);
    const { records, ...header } = expected;
    assert.deepEqual(actual.header, header);
    assert.deepEqual(actual.records, records);
    if (expected.magic === kafka.MAGIC_V2 && expected.compression === "none") {
      assert.equal(toHex(rebuilt(bytes, at)), toHex(bytes.subarray(at, next)), "re-encoding");
    }
    at = next;
  }
  assert.equal(at, bytes.length);
  return undefined;
};

function describe(bytes: Uint8Array, at: number): { header: Vector; records: GoldenRecord[] } {
  const exact = (fieldAt: number): bigint => kafka.batchFieldExact(bytes, at, fieldAt);
  const baseOffset = exact(kafka.BASE_OFFSET_AT);
  const baseTimestamp = exact(kafka.BASE_TIMESTAMP_AT);
  const baseSequence = kafka.batchBaseSequence(bytes, at);
  const isLogAppendTime = kafka.batchIsLogAppendTime(bytes, at);
  const isControl = kafka.batchIsControl(bytes, at);
  const header = {
    baseOffset: plain(baseOffset),
    lastOffset: plain(baseOffset + BigInt(kafka.batchLastOffsetDelta(bytes, at))),
    sizeInBytes: kafka.batchSizeInBytes(bytes, at),
    partitionLeaderEpoch: kafka.batchPartitionLeaderEpoch(bytes, at),
    magic: kafka.batchMagic(bytes, at),
    compression: kafka.COMPRESSION_NAMES[kafka.batchCompression(bytes, at)],
    timestampType: isLogAppendTime ? "LogAppendTime" : "CreateTime",
    baseTimestamp: plain(baseTimestamp),
    maxTimestamp: plain(exact(kafka.MAX_TIMESTAMP_AT)),
    producerId: plain(exact(kafka.PRODUCER_ID_AT)),
    producerEpoch: kafka.batchProducerEpoch(bytes, at),
    baseSequence,
    lastSequence: kafka.batchLastSequence(bytes, at),
    isTransactional: kafka.batchIsTransactional(bytes, at),
    isControl,
    deleteHorizonMs: kafka.batchHasDeleteHorizon(bytes, at) ? plain(baseTimestamp) : null,
    crc: kafka.batchCrc(bytes, at),
    count: kafka.batchCount(bytes, at),
  };
  const hasSequence = kafka.batchHasProducerId(bytes, at);
  const records: GoldenRecord[] = [];
  kafka.visitRecords(bytes, at, zip, BYTES_MAX, (body, cursor) => {
    const timestamp = isLogAppendTime
      ? exact(kafka.MAX_TIMESTAMP_AT)
      : BigInt.asIntN(64, baseTimestamp + kafka.recordTimestampDeltaExact(body, cursor));
    const key = kafka.recordKey(body, cursor);
    const value = kafka.recordValue(body, cursor);
    const sequence = baseSequence < 0 ? -1 : kafka.incrementSequence(baseSequence, cursor.offsetDelta);
    records.push({
      offset: plain(baseOffset + BigInt(cursor.offsetDelta)),
      timestamp: plain(timestamp),
      ...(hasSequence ? { sequence } : {}),
      key: shown(key),
      value: shown(value),
      headers: kafka.recordHeaders(body, cursor).map((one) => [one.key, shown(one.value)]),
      ...(isControl ? controlFields(key, value) : {}),
    });
  });
  checkObjects(bytes, at, records);
  return { header, records };
}

/** The control records in batches.jsonl are all transaction markers. */
function controlFields(key: Uint8Array | null, value: Uint8Array | null): object {
  const type = kafka.controlRecordType(key);
  assert(type !== null && key !== null && value !== null);
  const coordinatorEpoch = kafka.endTxnMarkerCoordinatorEpoch(value);
  assert.deepEqual(kafka.controlRecordKey(type), key);
  assert.deepEqual(kafka.endTxnMarkerValue(coordinatorEpoch), value);
  return { controlType: kafka.CONTROL_TYPE_NAMES[type], coordinatorEpoch };
}

/** `readRecords` gives the same records, where their numbers are safe. */
function checkObjects(bytes: Uint8Array, at: number, expected: readonly GoldenRecord[]): void {
  const records = kafka.readRecords(bytes, at, zip);
  assert.equal(records.length, expected.length);
  records.forEach((record, index) => {
    const golden = expected[index]!;
    if (typeof golden.offset === "number") assert.equal(record.offset, golden.offset);
    if (typeof golden.timestamp === "number" && kafka.batchNumbersAreSafe(bytes, at)) {
      assert.equal(record.timestamp, golden.timestamp);
    }
    assert.equal(record.sequence, golden.sequence ?? -1);
    assert.deepEqual(shown(record.key), golden.key);
    assert.deepEqual(shown(record.value), golden.value);
  });
}

function describeLegacy(bytes: Uint8Array, at: number): { header: Vector; records: GoldenRecord[] } {
  const records = kafka.readRecords(bytes, at, zip).map((record) => ({
    offset: record.offset,
    timestamp: record.timestamp,
    key: shown(record.key),
    value: shown(record.value),
    headers: record.headers.map((one) => [one.key, shown(one.value)]),
  }));
  const magic = kafka.batchMagic(bytes, at);
  const isLogAppendTime = kafka.legacyIsLogAppendTime(bytes, at);
  const header = {
    baseOffset: records[0]?.offset,
    lastOffset: kafka.legacyOffset(bytes, at),
    sizeInBytes: kafka.legacySizeInBytes(bytes, at),
    partitionLeaderEpoch: -1,
    magic,
    compression: kafka.COMPRESSION_NAMES[kafka.legacyCompression(bytes, at)],
    timestampType: magic === 0 ? "NoTimestampType" : isLogAppendTime ? "LogAppendTime" : "CreateTime",
    baseTimestamp: null,
    maxTimestamp: kafka.legacyTimestamp(bytes, at),
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    lastSequence: -1,
    isTransactional: false,
    isControl: false,
    deleteHorizonMs: null,
    crc: kafka.legacyCrc(bytes, at),
    count: null,
  };
  return { header, records };
}

/** The batch at `at` built again from what was read of it. */
function rebuilt(bytes: Uint8Array, at: number): Uint8Array {
  const exact = (fieldAt: number): bigint => kafka.batchFieldExact(bytes, at, fieldAt);
  const baseOffset = exact(kafka.BASE_OFFSET_AT);
  const baseTimestamp = exact(kafka.BASE_TIMESTAMP_AT);
  const records: kafka.RecordToWrite[] = [];
  kafka.visitRecords(bytes, at, zip, BYTES_MAX, (body, cursor) => {
    records.push({
      offset: baseOffset + BigInt(cursor.offsetDelta),
      timestamp: BigInt.asIntN(64, baseTimestamp + kafka.recordTimestampDeltaExact(body, cursor)),
      key: kafka.recordKey(body, cursor),
      value: kafka.recordValue(body, cursor),
      headers: kafka.recordHeaders(body, cursor),
    });
  });
  return kafka.buildBatch({
    baseOffset,
    lastOffset: baseOffset + BigInt(kafka.batchLastOffsetDelta(bytes, at)),
    partitionLeaderEpoch: kafka.batchPartitionLeaderEpoch(bytes, at),
    producerId: exact(kafka.PRODUCER_ID_AT),
    producerEpoch: kafka.batchProducerEpoch(bytes, at),
    baseSequence: kafka.batchBaseSequence(bytes, at),
    isTransactional: kafka.batchIsTransactional(bytes, at),
    isControl: kafka.batchIsControl(bytes, at),
    ...(kafka.batchIsLogAppendTime(bytes, at) ? { logAppendTime: exact(kafka.MAX_TIMESTAMP_AT) } : {}),
    ...(kafka.batchHasDeleteHorizon(bytes, at) ? { deleteHorizon: baseTimestamp } : {}),
    // With records both come out of the records themselves.
    ...(records.length === 0 ? { baseTimestamp, maxTimestamp: exact(kafka.MAX_TIMESTAMP_AT) } : {}),
    records,
  });
}

/** What a reader does with damaged bytes, as the column `read` tells it. */
interface ReadOutcome {
  stage: string | null;
  error: string | null;
  batchesRead: number;
  recordsRead: number;
}

export const checkBatchProbe: Check = (vector) => {
  const bytes = fromHex(vector.hex);
  const { stage, error, code, batchesRead, recordsRead } = vector.read;
  const expected: ReadOutcome = { stage, error: error === null ? null : code, batchesRead, recordsRead };
  assert.deepEqual(readAll(bytes), expected);
  const refusal = kafka.produceRecordsProblem(bytes, 12)?.error ?? null;
  assert.equal(refusal, vector.produceRequest && ERRORS_BY_EXCEPTION[vector.produceRequest]);
  return undefined;
};

const ERRORS_BY_EXCEPTION: Readonly<Record<string, string>> = {
  CorruptRecordException: "CORRUPT_MESSAGE",
  InvalidRecordException: "INVALID_RECORD",
};

function readAll(bytes: Uint8Array): ReadOutcome {
  const outcome: ReadOutcome = { stage: null, error: null, batchesRead: 0, recordsRead: 0 };
  let at = 0;
  for (;;) {
    const next = kafka.batchEnd(bytes, at, bytes.length);
    if (next === kafka.BATCH_CORRUPT) return { ...outcome, stage: "batches", error: "CORRUPT_MESSAGE" };
    if (next < 0) return outcome;
    outcome.batchesRead += 1;
    const problem = kafka.batchProblem(bytes, at);
    if (problem) return { ...outcome, stage: "ensureValid", error: problem.error };
    try {
      if (kafka.batchMagic(bytes, at) < kafka.MAGIC_V2) {
        outcome.recordsRead += kafka.readRecords(bytes, at, zip).length;
      } else {
        kafka.visitRecords(bytes, at, zip, BYTES_MAX, () => {
          outcome.recordsRead += 1;
        });
      }
    } catch (error) {
      assert(error instanceof kafka.RecordsError, String(error));
      return { ...outcome, stage: "records", error: error.error };
    }
    at = next;
  }
}
