// Builds v2 batches from records: for tools, coordinators, control records, the metadata log and tests.
// Uncompressed batches come out byte for byte as Apache Kafka writes them. Not for the produce path, which
// never rebuilds a batch.
import type { Zip } from "@ottla/ports";
import { utf8Length, writeUtf8 } from "../bytes/utf8.ts";
import {
  sizeOfVarint,
  sizeOfVarlong,
  sizeOfVarlongNumber,
  writeVarint,
  writeVarlong,
  writeVarlongNumber,
} from "../bytes/varint.ts";
import { updateBatchCrc } from "./batch-crc.ts";
import {
  ATTRIBUTES_AT,
  BASE_OFFSET_AT,
  BASE_SEQUENCE_AT,
  BASE_TIMESTAMP_AT,
  BATCH_HEADER_BYTES,
  encodeBatchAttributes,
  LAST_OFFSET_DELTA_AT,
  LENGTH_AT,
  LOG_OVERHEAD_BYTES,
  MAGIC_AT,
  MAGIC_V2,
  MAX_TIMESTAMP_AT,
  NO_PARTITION_LEADER_EPOCH,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  NO_SEQUENCE,
  NO_TIMESTAMP,
  PARTITION_LEADER_EPOCH_AT,
  PRODUCER_EPOCH_AT,
  PRODUCER_ID_AT,
  RECORDS_COUNT_AT,
} from "./batch-header.ts";
import { COMPRESSION_NONE, compressBody } from "./compression/compression.ts";
import { setBigInt64, setInt16, setInt32, setInt64 } from "./int64.ts";
import type { RecordHeader } from "./record-cursor.ts";

/** A 64-bit integer: a number within ±2⁵³, a bigint where foreign bytes hold more. */
export type Int64 = number | bigint;

/** A record to write. */
export interface RecordToWrite {
  /** Default: the batch's base offset plus the index. */
  readonly offset?: Int64;
  /** Milliseconds; default −1, none. */
  readonly timestamp?: Int64;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: readonly RecordHeader[];
}

/** The batch around the records. Each default means "none" or is derived from the records. */
export interface BatchToWrite {
  readonly baseOffset?: Int64;
  readonly partitionLeaderEpoch?: number;
  readonly producerId?: Int64;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  /** Milliseconds; makes the type LogAppendTime and this the max timestamp. */
  readonly logAppendTime?: Int64;
  /** Milliseconds; KIP-534. Takes the place of the base timestamp. */
  readonly deleteHorizon?: Int64;
  /** Where compaction keeps the range of removed records. Default: of the last record. */
  readonly lastOffset?: Int64;
  /** Default: of the first record. */
  readonly baseTimestamp?: Int64;
  /** Default: the greatest of the records, or `logAppendTime`. */
  readonly maxTimestamp?: Int64;
  /** Codec id; default none. Anything else needs `zip`. */
  readonly compression?: number;
  readonly compressionLevel?: number;
  readonly records: readonly RecordToWrite[];
}

/**
 * Encodes a batch. Throws `RecordsError` when a codec fails, RangeError when offsets span more than an
 * int32.
 */
export function buildBatch(batch: BatchToWrite, zip?: Zip): Uint8Array {
  const baseOffset = batch.baseOffset ?? 0;
  const baseTimestamp =
    batch.deleteHorizon ?? batch.baseTimestamp ?? batch.records[0]?.timestamp ?? NO_TIMESTAMP;
  const sizes = batch.records.map((record, index) => bodySize(record, index, baseOffset, baseTimestamp));
  const bodyBytes = sizes.reduce((sum, size) => sum + sizeOfVarint(size) + size, 0);
  let bytes: Uint8Array = new Uint8Array(BATCH_HEADER_BYTES + bodyBytes);
  let at = BATCH_HEADER_BYTES;
  batch.records.forEach((record, index) => {
    at = writeRecord(bytes, at, record, index, sizes[index]!, baseOffset, baseTimestamp);
  });
  const compression = batch.compression ?? COMPRESSION_NONE;
  if (compression !== COMPRESSION_NONE) {
    if (!zip) throw new TypeError("a compressed batch needs a Zip");
    const body = bytes.subarray(BATCH_HEADER_BYTES);
    const packed = compressBody(compression, body, zip, batch.compressionLevel);
    bytes = new Uint8Array(BATCH_HEADER_BYTES + packed.length);
    bytes.set(packed, BATCH_HEADER_BYTES);
  }
  writeHeader(bytes, batch, baseOffset, baseTimestamp, compression);
  return bytes;
}

function writeHeader(
  bytes: Uint8Array,
  batch: BatchToWrite,
  baseOffset: Int64,
  baseTimestamp: Int64,
  compression: number,
): void {
  const count = batch.records.length;
  const lastOffset =
    batch.lastOffset ?? batch.records[count - 1]?.offset ?? add(baseOffset, Math.max(0, count - 1));
  putInt64(bytes, BASE_OFFSET_AT, baseOffset);
  setInt32(bytes, LENGTH_AT, bytes.length - LOG_OVERHEAD_BYTES);
  setInt32(bytes, PARTITION_LEADER_EPOCH_AT, batch.partitionLeaderEpoch ?? NO_PARTITION_LEADER_EPOCH);
  bytes[MAGIC_AT] = MAGIC_V2;
  const attributes = encodeBatchAttributes({
    compression,
    isLogAppendTime: batch.logAppendTime !== undefined,
    isTransactional: batch.isTransactional ?? false,
    isControl: batch.isControl ?? false,
    hasDeleteHorizon: batch.deleteHorizon !== undefined,
  });
  setInt16(bytes, ATTRIBUTES_AT, attributes);
  setInt32(bytes, LAST_OFFSET_DELTA_AT, int32Delta(lastOffset, baseOffset));
  putInt64(bytes, BASE_TIMESTAMP_AT, baseTimestamp);
  putInt64(bytes, MAX_TIMESTAMP_AT, batch.maxTimestamp ?? batch.logAppendTime ?? maxTimestamp(batch.records));
  putInt64(bytes, PRODUCER_ID_AT, batch.producerId ?? NO_PRODUCER_ID);
  setInt16(bytes, PRODUCER_EPOCH_AT, batch.producerEpoch ?? NO_PRODUCER_EPOCH);
  setInt32(bytes, BASE_SEQUENCE_AT, batch.baseSequence ?? NO_SEQUENCE);
  setInt32(bytes, RECORDS_COUNT_AT, count);
  updateBatchCrc(bytes, 0);
}

function maxTimestamp(records: readonly RecordToWrite[]): Int64 {
  let max: Int64 = NO_TIMESTAMP;
  for (const { timestamp } of records) if (timestamp !== undefined && timestamp > max) max = timestamp;
  return max;
}

function putInt64(bytes: Uint8Array, at: number, value: Int64): void {
  if (typeof value === "bigint") setBigInt64(bytes, at, value);
  else setInt64(bytes, at, value);
}

function add(base: Int64, by: number): Int64 {
  return typeof base === "bigint" ? base + BigInt(by) : base + by;
}

/** `value − base`; a bigint when either is. */
function difference(value: Int64, base: Int64): Int64 {
  if (typeof value === "number" && typeof base === "number") return value - base;
  return BigInt.asIntN(64, BigInt(value) - BigInt(base));
}

function int32Delta(offset: Int64, base: Int64): number {
  const delta = Number(difference(offset, base));
  if (delta !== (delta | 0)) throw new RangeError(`offset ${offset} is too far from the base offset ${base}`);
  return delta;
}

function fieldSize(field: Uint8Array | null): number {
  return field === null ? 1 : sizeOfVarint(field.length) + field.length;
}

function bodySize(record: RecordToWrite, index: number, baseOffset: Int64, baseTimestamp: Int64): number {
  const timestampDelta = difference(record.timestamp ?? NO_TIMESTAMP, baseTimestamp);
  const offsetDelta = record.offset === undefined ? index : int32Delta(record.offset, baseOffset);
  const headers = record.headers ?? [];
  let size = 1 + sizeOfVarint(offsetDelta) + fieldSize(record.key) + fieldSize(record.value);
  size +=
    typeof timestampDelta === "bigint" ? sizeOfVarlong(timestampDelta) : sizeOfVarlongNumber(timestampDelta);
  size += sizeOfVarint(headers.length);
  for (const header of headers) {
    const keyLength = utf8Length(header.key);
    size += sizeOfVarint(keyLength) + keyLength + fieldSize(header.value);
  }
  return size;
}

function writeField(bytes: Uint8Array, at: number, field: Uint8Array | null): number {
  if (field === null) return writeVarint(bytes, at, -1);
  const next = writeVarint(bytes, at, field.length);
  bytes.set(field, next);
  return next + field.length;
}

function writeRecord(
  bytes: Uint8Array,
  at: number,
  record: RecordToWrite,
  index: number,
  size: number,
  baseOffset: Int64,
  baseTimestamp: Int64,
): number {
  const timestampDelta = difference(record.timestamp ?? NO_TIMESTAMP, baseTimestamp);
  const headers = record.headers ?? [];
  let next = writeVarint(bytes, at, size);
  bytes[next++] = 0;
  next =
    typeof timestampDelta === "bigint"
      ? writeVarlong(bytes, next, timestampDelta)
      : writeVarlongNumber(bytes, next, timestampDelta);
  next = writeVarint(
    bytes,
    next,
    record.offset === undefined ? index : int32Delta(record.offset, baseOffset),
  );
  next = writeField(bytes, next, record.key);
  next = writeField(bytes, next, record.value);
  next = writeVarint(bytes, next, headers.length);
  for (const header of headers) {
    next = writeVarint(bytes, next, utf8Length(header.key));
    next = writeUtf8(bytes, next, header.key);
    next = writeField(bytes, next, header.value);
  }
  return next;
}
