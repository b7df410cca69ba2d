// The second look at a batch that is cleaned: a batch of the records that stay, with the old one's
// offsets, producer, codec and leader epoch. Bytes come out as Apache Kafka's cleaner writes them: the
// base timestamp is that of the first record that stays, or the delete horizon.
import type { Zip } from "@ottla/ports";
import {
  ATTRIBUTES_AT,
  BASE_TIMESTAMP_AT,
  BATCH_HEADER_BYTES,
  batchBaseTimestamp,
  batchCompression,
  batchIsControl,
  batchIsLogAppendTime,
  batchIsTransactional,
  batchMaxTimestamp,
  COMPRESSION_NONE,
  compressBody,
  compressBodyLater,
  createRecordCursor,
  encodeBatchAttributes,
  LENGTH_AT,
  LOG_OVERHEAD_BYTES,
  MAX_TIMESTAMP_AT,
  NO_TIMESTAMP,
  nextRecord,
  RECORDS_COUNT_AT,
  RecordsError,
  setInt16,
  setInt32,
  setInt64,
  sizeOfVarint,
  sizeOfVarlongNumber,
  updateBatchCrc,
  writeVarint,
  writeVarlongNumber,
} from "@ottla/protocol";
import { CLEANER_PIECE_RECORDS, ZIP_ON_LOOP_BYTES_MAX } from "../../limits.ts";
import { type Cleaning, resultOf, UncleanableLog } from "../cleaning.ts";
import type { OpenBody } from "./open-batch.ts";
import type { RetainedRecords } from "./retained-records.ts";

/** A timestamp delta and a length may each take this much more than before. */
const GROWTH_BYTES_MAX = 10 + 5;

/**
 * The batch at `at` with only the `retained` records of its `body`. `deleteHorizon`: milliseconds, or null.
 * Throws `UncleanableLog`.
 */
export function* rewriteRecords(
  zip: Zip,
  bytes: Uint8Array,
  at: number,
  body: OpenBody,
  retained: RetainedRecords,
  deleteHorizon: number | null,
): Cleaning<Uint8Array> {
  const baseTimestamp = deleteHorizon ?? retained.firstTimestamp;
  const space = new Uint8Array(BATCH_HEADER_BYTES + retained.bytes + retained.count * GROWTH_BYTES_MAX);
  const cursor = createRecordCursor();
  const logAppendTime = batchIsLogAppendTime(bytes, at) ? batchMaxTimestamp(bytes, at) : null;
  const oldBase = batchBaseTimestamp(bytes, at);
  let to = BATCH_HEADER_BYTES;
  for (let index = 0; index < retained.count; index++) {
    const start = retained.starts[index]!;
    const end = retained.ends[index]!;
    nextRecord(body.bytes, start, end, cursor);
    const timestamp = logAppendTime ?? oldBase + cursor.timestampDelta;
    to = writeRecord(space, to, body.bytes, cursor.bodyAt, end, timestamp - baseTimestamp);
    if ((index + 1) % CLEANER_PIECE_RECORDS === 0) yield;
  }
  const codec = batchCompression(bytes, at);
  let batch = space.subarray(0, to);
  if (codec !== COMPRESSION_NONE) {
    const packed = yield* compress(zip, codec, space.subarray(BATCH_HEADER_BYTES, to));
    batch = new Uint8Array(BATCH_HEADER_BYTES + packed.length);
    batch.set(packed, BATCH_HEADER_BYTES);
  }
  batch.set(bytes.subarray(at, at + BATCH_HEADER_BYTES));
  stamp(batch, bytes, at, {
    codec,
    count: retained.count,
    baseTimestamp,
    hasHorizon: deleteHorizon !== null,
  });
  setInt64(batch, MAX_TIMESTAMP_AT, logAppendTime ?? retained.maxTimestamp);
  updateBatchCrc(batch, 0);
  return batch;
}

/**
 * The batch at `at` without records: it stays for its producer's sequence and for the offsets it spans.
 */
export function emptyBatch(bytes: Uint8Array, at: number): Uint8Array {
  const batch = bytes.slice(at, at + BATCH_HEADER_BYTES);
  stamp(batch, bytes, at, {
    codec: COMPRESSION_NONE,
    count: 0,
    baseTimestamp: NO_TIMESTAMP,
    hasHorizon: false,
  });
  updateBatchCrc(batch, 0);
  return batch;
}

/** Fields that differ from the batch at `at` of `bytes`. */
function stamp(
  batch: Uint8Array,
  bytes: Uint8Array,
  at: number,
  fields: {
    readonly codec: number;
    readonly count: number;
    readonly baseTimestamp: number;
    readonly hasHorizon: boolean;
  },
): void {
  setInt32(batch, LENGTH_AT, batch.length - LOG_OVERHEAD_BYTES);
  const attributes = encodeBatchAttributes({
    compression: fields.codec,
    isLogAppendTime: batchIsLogAppendTime(bytes, at),
    isTransactional: batchIsTransactional(bytes, at),
    isControl: batchIsControl(bytes, at),
    hasDeleteHorizon: fields.hasHorizon,
  });
  setInt16(batch, ATTRIBUTES_AT, attributes);
  setInt64(batch, BASE_TIMESTAMP_AT, fields.baseTimestamp);
  setInt32(batch, RECORDS_COUNT_AT, fields.count);
}

/** Writes the record whose body is `bytes[bodyAt … end)` with another timestamp delta. */
function writeRecord(
  to: Uint8Array,
  at: number,
  bytes: Uint8Array,
  bodyAt: number,
  end: number,
  timestampDelta: number,
): number {
  let restAt = bodyAt + 1;
  while (bytes[restAt]! >= 0x80) restAt += 1;
  restAt += 1;
  const length = 1 + sizeOfVarlongNumber(timestampDelta) + (end - restAt);
  if (at + sizeOfVarint(length) + length > to.length) throw new Error("a record outgrew its space");
  let next = writeVarint(to, at, length);
  to[next] = bytes[bodyAt]!;
  next = writeVarlongNumber(to, next + 1, timestampDelta);
  to.set(bytes.subarray(restAt, end), next);
  return next + (end - restAt);
}

function* compress(zip: Zip, codec: number, body: Uint8Array): Cleaning<Uint8Array> {
  try {
    if (body.length <= ZIP_ON_LOOP_BYTES_MAX) return compressBody(codec, body, zip);
  } catch (error) {
    if (!(error instanceof RecordsError)) throw error;
    throw uncleanable(error);
  }
  const packed = yield* resultOf<Uint8Array | RecordsError>((done) =>
    compressBodyLater(codec, body, zip, undefined, done),
  );
  if (packed instanceof Uint8Array) return packed;
  throw uncleanable(packed);
}

function uncleanable(error: RecordsError): UncleanableLog {
  return new UncleanableLog(`a batch could not be compressed again: ${error.message}`, { cause: error });
}
