// The line of one batch.
import {
  BASE_OFFSET_AT,
  BASE_TIMESTAMP_AT,
  BATCH_HEADER_BYTES,
  batchBaseSequence,
  batchCompression,
  batchCount,
  batchCrc,
  batchFieldExact,
  batchHasDeleteHorizon,
  batchIsControl,
  batchIsLogAppendTime,
  batchIsTransactional,
  batchLastOffsetDelta,
  batchLastSequence,
  batchMagic,
  batchPartitionLeaderEpoch,
  batchProblem,
  batchProducerEpoch,
  COMPRESSION_NAMES,
  LEGACY_TIMESTAMP_AT,
  legacyCompression,
  legacyCrc,
  legacyIsLogAppendTime,
  MAGIC_V2,
  MAX_TIMESTAMP_AT,
  PRODUCER_ID_AT,
} from "@ottla/protocol";
import type { FileBatch } from "./file-batches.ts";
import { JavaFailure } from "./java-failure.ts";

/** The line for a batch or legacy message. */
export function batchLine(batch: FileBatch): string {
  const { bytes, at, position, sizeInBytes } = batch;
  const magic = batchMagic(bytes, at);
  const isV2 = magic >= MAGIC_V2;
  if (isV2 && sizeInBytes < BATCH_HEADER_BYTES) throw underflow();
  const codec = isV2 ? batchCompression(bytes, at) : legacyCompression(bytes, at);
  const compression = COMPRESSION_NAMES[codec];
  if (compression === undefined) {
    throw new JavaFailure("java.lang.IllegalArgumentException", `Unknown compression type id: ${codec}`);
  }
  const crc = isV2 ? batchCrc(bytes, at) : legacyCrc(bytes, at);
  const head = isV2 ? headV2(bytes, at) : `offset: ${batchFieldExact(bytes, at, BASE_OFFSET_AT)}`;
  return (
    `${head} position: ${position} ${timestampType(bytes, at)}: ${maxTimestamp(bytes, at)} size: ${sizeInBytes}` +
    ` magic: ${magic} compresscodec: ${compression} crc: ${crc} isvalid: ${batchProblem(bytes, at) === null}`
  );
}

/** Last offset of a batch or legacy message, exact. */
export function lastOffsetExact(bytes: Uint8Array, at: number): bigint {
  const base = batchFieldExact(bytes, at, BASE_OFFSET_AT);
  if (batchMagic(bytes, at) < MAGIC_V2) return base;
  return BigInt.asIntN(64, base + BigInt(batchLastOffsetDelta(bytes, at)));
}

/** Kafka's name for what the timestamps of the batch mean. */
export function timestampType(bytes: Uint8Array, at: number): string {
  const magic = batchMagic(bytes, at);
  if (magic === 0) return "NoTimestampType";
  const isLogAppendTime = magic === 1 ? legacyIsLogAppendTime(bytes, at) : batchIsLogAppendTime(bytes, at);
  return isLogAppendTime ? "LogAppendTime" : "CreateTime";
}

function maxTimestamp(bytes: Uint8Array, at: number): bigint {
  const magic = batchMagic(bytes, at);
  if (magic === 0) return -1n;
  return batchFieldExact(bytes, at, magic === 1 ? LEGACY_TIMESTAMP_AT : MAX_TIMESTAMP_AT);
}

function headV2(bytes: Uint8Array, at: number): string {
  const horizon = batchHasDeleteHorizon(bytes, at)
    ? `OptionalLong[${batchFieldExact(bytes, at, BASE_TIMESTAMP_AT)}]`
    : "OptionalLong.empty";
  return (
    `baseOffset: ${batchFieldExact(bytes, at, BASE_OFFSET_AT)} lastOffset: ${lastOffsetExact(bytes, at)}` +
    ` count: ${batchCount(bytes, at)} baseSequence: ${batchBaseSequence(bytes, at)}` +
    ` lastSequence: ${batchLastSequence(bytes, at)}` +
    ` producerId: ${batchFieldExact(bytes, at, PRODUCER_ID_AT)} producerEpoch: ${batchProducerEpoch(bytes, at)}` +
    ` partitionLeaderEpoch: ${batchPartitionLeaderEpoch(bytes, at)}` +
    ` isTransactional: ${batchIsTransactional(bytes, at)} isControl: ${batchIsControl(bytes, at)}` +
    ` deleteHorizonMs: ${horizon}`
  );
}

/** A batch that is smaller than what Kafka reads of it. */
export function underflow(): JavaFailure {
  return new JavaFailure("java.nio.BufferUnderflowException");
}
