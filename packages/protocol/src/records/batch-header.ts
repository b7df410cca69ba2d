// The fixed header of a record batch (magic 2): where each field lies, and reading and stamping it in place.
//   0 baseOffset 8 │ 8 length 4 │ 12 partitionLeaderEpoch 4 │ 16 magic 1 │ 17 crc 4 │ 21 attributes 2
//   │ 23 lastOffsetDelta 4 │ 27 baseTimestamp 8 │ 35 maxTimestamp 8 │ 43 producerId 8 │ 51 producerEpoch 2
//   │ 53 baseSequence 4 │ 57 count 4 │ 61 records
// Accessors take the buffer and the batch's position, allocate nothing and check no bounds: walk with
// batch-walk.ts first. Offsets, timestamps (ms) and ids are numbers, rounded beyond ±2⁵³. The CRC covers all
// from the attributes on, so baseOffset and partitionLeaderEpoch can be stamped without it.
import { bigInt64At, int16At, int32At, int64At, setInt16, setInt32, setInt64 } from "./int64.ts";

export const BASE_OFFSET_AT = 0;
export const LENGTH_AT = 8;
export const PARTITION_LEADER_EPOCH_AT = 12;
export const MAGIC_AT = 16;
export const CRC_AT = 17;
export const ATTRIBUTES_AT = 21;
export const LAST_OFFSET_DELTA_AT = 23;
export const BASE_TIMESTAMP_AT = 27;
export const MAX_TIMESTAMP_AT = 35;
export const PRODUCER_ID_AT = 43;
export const PRODUCER_EPOCH_AT = 51;
export const BASE_SEQUENCE_AT = 53;
export const RECORDS_COUNT_AT = 57;
/** Bytes of the whole header; the records follow. */
export const BATCH_HEADER_BYTES = 61;
/** Bytes before what `batchLength` counts: base offset and length itself. */
export const LOG_OVERHEAD_BYTES = 12;
/** Bytes needed to know the size and magic of any batch or message. */
export const HEADER_BYTES_UP_TO_MAGIC = 17;

/** The magic this broker writes. */
export const MAGIC_V2 = 2;
/** "No producer": producerId, producerEpoch and baseSequence of a batch without idempotence. */
export const NO_PRODUCER_ID = -1;
export const NO_PRODUCER_EPOCH = -1;
export const NO_SEQUENCE = -1;
/** "No timestamp". */
export const NO_TIMESTAMP = -1;
export const NO_PARTITION_LEADER_EPOCH = -1;

const COMPRESSION_MASK = 0x07;
const TIMESTAMP_TYPE_BIT = 0x08;
const TRANSACTIONAL_BIT = 0x10;
const CONTROL_BIT = 0x20;
const DELETE_HORIZON_BIT = 0x40;
const SEQUENCES = 2_147_483_648;

export function batchBaseOffset(bytes: Uint8Array, at: number): number {
  return int64At(bytes, at + BASE_OFFSET_AT);
}

/**
 * The int64 field at `fieldAt` (a constant above), exact also beyond 2⁵³; for tools that show foreign
 * bytes.
 */
export function batchFieldExact(bytes: Uint8Array, at: number, fieldAt: number): bigint {
  return bigInt64At(bytes, at + fieldAt);
}

/** The length field: bytes after itself. May lie; see batch-walk.ts. */
export function batchLength(bytes: Uint8Array, at: number): number {
  return int32At(bytes, at + LENGTH_AT);
}

/** Bytes of the whole batch, header included. */
export function batchSizeInBytes(bytes: Uint8Array, at: number): number {
  return int32At(bytes, at + LENGTH_AT) + LOG_OVERHEAD_BYTES;
}

export function batchPartitionLeaderEpoch(bytes: Uint8Array, at: number): number {
  return int32At(bytes, at + PARTITION_LEADER_EPOCH_AT);
}

/** A signed byte: −128 to 127. Lies at the same place in all magics. */
export function batchMagic(bytes: Uint8Array, at: number): number {
  return (bytes[at + MAGIC_AT]! << 24) >> 24;
}

/** The stored CRC-32C as an unsigned number. */
export function batchCrc(bytes: Uint8Array, at: number): number {
  return int32At(bytes, at + CRC_AT) >>> 0;
}

export function batchAttributes(bytes: Uint8Array, at: number): number {
  return int16At(bytes, at + ATTRIBUTES_AT);
}

export function batchLastOffsetDelta(bytes: Uint8Array, at: number): number {
  return int32At(bytes, at + LAST_OFFSET_DELTA_AT);
}

export function batchLastOffset(bytes: Uint8Array, at: number): number {
  return int64At(bytes, at + BASE_OFFSET_AT) + int32At(bytes, at + LAST_OFFSET_DELTA_AT);
}

/** The field: timestamp of the first record, or the delete horizon when `batchHasDeleteHorizon`. */
export function batchBaseTimestamp(bytes: Uint8Array, at: number): number {
  return int64At(bytes, at + BASE_TIMESTAMP_AT);
}

export function batchMaxTimestamp(bytes: Uint8Array, at: number): number {
  return int64At(bytes, at + MAX_TIMESTAMP_AT);
}

export function batchProducerId(bytes: Uint8Array, at: number): number {
  return int64At(bytes, at + PRODUCER_ID_AT);
}

export function batchProducerEpoch(bytes: Uint8Array, at: number): number {
  return int16At(bytes, at + PRODUCER_EPOCH_AT);
}

export function batchBaseSequence(bytes: Uint8Array, at: number): number {
  return int32At(bytes, at + BASE_SEQUENCE_AT);
}

/** Sequence of the last record, −1 without sequences. Sequences wrap from 2³¹−1 to 0. */
export function batchLastSequence(bytes: Uint8Array, at: number): number {
  const base = batchBaseSequence(bytes, at);
  return base === NO_SEQUENCE ? NO_SEQUENCE : incrementSequence(base, batchLastOffsetDelta(bytes, at));
}

/** Number of records the header announces; may lie until validated. */
export function batchCount(bytes: Uint8Array, at: number): number {
  return int32At(bytes, at + RECORDS_COUNT_AT);
}

/** Codec id: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd; 5 to 7 are nobody's. */
export function batchCompression(bytes: Uint8Array, at: number): number {
  return bytes[at + ATTRIBUTES_AT + 1]! & COMPRESSION_MASK;
}

export function batchIsCompressed(bytes: Uint8Array, at: number): boolean {
  return (bytes[at + ATTRIBUTES_AT + 1]! & COMPRESSION_MASK) !== 0;
}

/** True: every record has the batch's max timestamp, set by the broker. False: CreateTime. */
export function batchIsLogAppendTime(bytes: Uint8Array, at: number): boolean {
  return (bytes[at + ATTRIBUTES_AT + 1]! & TIMESTAMP_TYPE_BIT) !== 0;
}

export function batchIsTransactional(bytes: Uint8Array, at: number): boolean {
  return (bytes[at + ATTRIBUTES_AT + 1]! & TRANSACTIONAL_BIT) !== 0;
}

export function batchIsControl(bytes: Uint8Array, at: number): boolean {
  return (bytes[at + ATTRIBUTES_AT + 1]! & CONTROL_BIT) !== 0;
}

/**
 * KIP-534: the base timestamp field holds the time from which tombstones and markers in this batch may go.
 */
export function batchHasDeleteHorizon(bytes: Uint8Array, at: number): boolean {
  return (bytes[at + ATTRIBUTES_AT + 1]! & DELETE_HORIZON_BIT) !== 0;
}

export function batchHasProducerId(bytes: Uint8Array, at: number): boolean {
  return int64At(bytes, at + PRODUCER_ID_AT) > NO_PRODUCER_ID;
}

/** Offsets, timestamps and producer id are exact as numbers. */
export function batchNumbersAreSafe(bytes: Uint8Array, at: number): boolean {
  return (
    Number.isSafeInteger(batchLastOffset(bytes, at)) &&
    Number.isSafeInteger(batchBaseOffset(bytes, at)) &&
    Number.isSafeInteger(batchBaseTimestamp(bytes, at)) &&
    Number.isSafeInteger(batchMaxTimestamp(bytes, at)) &&
    Number.isSafeInteger(batchProducerId(bytes, at))
  );
}

/** Stamps the base offset; outside the CRC. */
export function setBaseOffset(bytes: Uint8Array, at: number, offset: number): void {
  setInt64(bytes, at + BASE_OFFSET_AT, offset);
}

/** Stamps the leader epoch; outside the CRC. */
export function setPartitionLeaderEpoch(bytes: Uint8Array, at: number, leaderEpoch: number): void {
  setInt32(bytes, at + PARTITION_LEADER_EPOCH_AT, leaderEpoch);
}

/** Sets timestamp type and max timestamp (ms). The CRC is stale until recomputed: see batch-crc.ts. */
export function setMaxTimestamp(
  bytes: Uint8Array,
  at: number,
  isLogAppendTime: boolean,
  maxTimestampMs: number,
): void {
  const attributes = batchAttributes(bytes, at);
  setInt16(
    bytes,
    at + ATTRIBUTES_AT,
    isLogAppendTime ? attributes | TIMESTAMP_TYPE_BIT : attributes & ~TIMESTAMP_TYPE_BIT,
  );
  setInt64(bytes, at + MAX_TIMESTAMP_AT, maxTimestampMs);
}

/** What a batch's attributes are made of. */
export interface BatchAttributes {
  readonly compression: number;
  readonly isLogAppendTime: boolean;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly hasDeleteHorizon: boolean;
}

/** The attributes field. */
export function encodeBatchAttributes(from: BatchAttributes): number {
  return (
    from.compression |
    (from.isLogAppendTime ? TIMESTAMP_TYPE_BIT : 0) |
    (from.isTransactional ? TRANSACTIONAL_BIT : 0) |
    (from.isControl ? CONTROL_BIT : 0) |
    (from.hasDeleteHorizon ? DELETE_HORIZON_BIT : 0)
  );
}

/** `sequence + by` in the ring 0 … 2³¹−1. */
export function incrementSequence(sequence: number, by: number): number {
  const sum = sequence + by;
  return sum >= SEQUENCES ? sum - SEQUENCES : sum;
}

/** `sequence − by` in the ring 0 … 2³¹−1. */
export function decrementSequence(sequence: number, by: number): number {
  return sequence < by ? SEQUENCES - (by - sequence) : sequence - by;
}
