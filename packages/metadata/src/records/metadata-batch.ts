// Batches of `__cluster_metadata` and of its snapshots: v2, never compressed, the value of each record a
// framed metadata record; control batches hold what the log says of itself. Not here: files
// (../meta-log/engines/embedded/), frames (metadata-record.ts).
import {
  BATCH_HEADER_BYTES,
  batchBaseOffset,
  batchCount,
  batchIsCompressed,
  batchIsControl,
  batchLastOffset,
  batchMagic,
  batchMaxTimestamp,
  batchNumbersAreSafe,
  batchPartitionLeaderEpoch,
  batchSizeInBytes,
  buildBatch,
  controlRecordType,
  createRecordCursor,
  MAGIC_V2,
  nextRecord,
  type Offset,
  recordKey,
  recordValue,
} from "@ottla/protocol";
import { MetadataError } from "../metadata-error.ts";

/** A control record: its type (protocol's CONTROL_…) and its message. */
export interface ControlRecord {
  readonly type: number;
  readonly value: Uint8Array;
}

/** One batch, read. Byte fields are views of the input. */
export interface MetadataBatch {
  readonly baseOffset: Offset;
  readonly lastOffset: Offset;
  readonly epoch: number;
  readonly timestampMs: number;
  readonly bytes: number;
  /** Framed metadata records; none in a control batch. */
  readonly records: readonly Uint8Array[];
  /** Control records; none in another batch. */
  readonly controls: readonly ControlRecord[];
}

/**
 * The batch at `at`, whose size and CRC were checked. @throws MetadataError when it cannot be of a metadata
 * log.
 */
export function readMetadataBatch(bytes: Uint8Array, at: number): MetadataBatch {
  if (batchMagic(bytes, at) !== MAGIC_V2) throw new MetadataError("a metadata batch is not of magic 2");
  if (batchIsCompressed(bytes, at)) throw new MetadataError("a metadata batch is compressed");
  if (!batchNumbersAreSafe(bytes, at)) throw new MetadataError("a metadata batch has numbers out of range");
  const end = at + batchSizeInBytes(bytes, at);
  const count = batchCount(bytes, at);
  const isControl = batchIsControl(bytes, at);
  const records: Uint8Array[] = [];
  const controls: ControlRecord[] = [];
  const cursor = createRecordCursor();
  let position = at + BATCH_HEADER_BYTES;
  for (let index = 0; index < count; index += 1) {
    position = nextRecord(bytes, position, end, cursor);
    const value = position < 0 ? null : recordValue(bytes, cursor);
    if (value === null) throw new MetadataError(`record ${index} of a metadata batch is damaged or empty`);
    if (!isControl) {
      records.push(value);
      continue;
    }
    const type = controlRecordType(recordKey(bytes, cursor));
    if (type === null) throw new MetadataError(`record ${index} of a control batch has no type`);
    controls.push({ type, value });
  }
  if (position !== end) throw new MetadataError("bytes follow the last record of a metadata batch");
  return {
    baseOffset: batchBaseOffset(bytes, at) as Offset,
    lastOffset: batchLastOffset(bytes, at) as Offset,
    epoch: batchPartitionLeaderEpoch(bytes, at),
    timestampMs: batchMaxTimestamp(bytes, at),
    bytes: end - at,
    records,
    controls,
  };
}

/** A batch of framed records, all with one time. */
export function buildRecordsBatch(batch: {
  readonly baseOffset: number;
  readonly epoch: number;
  readonly timestampMs: number;
  readonly records: readonly Uint8Array[];
}): Uint8Array {
  return buildBatch({
    baseOffset: batch.baseOffset,
    partitionLeaderEpoch: batch.epoch,
    records: batch.records.map((value) => ({ timestamp: batch.timestampMs, key: null, value })),
  });
}

/** At most this many bytes does a record of `frameBytes` take in a batch. */
export function recordBytesMax(frameBytes: number): number {
  return frameBytes + RECORD_OVERHEAD_BYTES;
}

// Two varints of length, attributes, timestamp and offset deltas, key, headers: 5 + 1 + 1 + 5 + 1 + 5 + 1.
const RECORD_OVERHEAD_BYTES = 19;
