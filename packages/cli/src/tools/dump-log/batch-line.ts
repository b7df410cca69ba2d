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
  crc32c,
  LEGACY_TIMESTAMP_AT,
  legacyCompression,
  legacyCrc,
  legacyIsLogAppendTime,
  MAGIC_V2,
  MAX_TIMESTAMP_AT,
  PRODUCER_ID_AT,
} from "@ottla/protocol";
import type { DumpOutput } from "./dump-host.ts";
import type { FileBatch } from "./file-batches.ts";
import { JavaFailure } from "./java-failure.ts";

/**
 * Prints the line for a batch or legacy message. What comes before a field that makes no sense is there, as
 * Kafka's tool prints it.
 */
export function printBatchLine(batch: FileBatch, output: DumpOutput): void {
  const { bytes, at, position, sizeInBytes } = batch;
  const magic = batchMagic(bytes, at);
  const isV2 = magic >= MAGIC_V2;
  if (isV2 && bytes.length - at < BATCH_HEADER_BYTES) throw underflow();
  output.text(isV2 ? headV2(bytes, at) : `offset: ${batchFieldExact(bytes, at, BASE_OFFSET_AT)}`);
  if (magic < 0) {
    throw new JavaFailure(
      "java.lang.IllegalArgumentException",
      `Invalid magic used in LegacyRecord: ${magic}`,
    );
  }
  const codec = isV2 ? batchCompression(bytes, at) : legacyCompression(bytes, at);
  const compression = COMPRESSION_NAMES[codec];
  if (compression === undefined) {
    throw new JavaFailure("java.lang.IllegalArgumentException", `Unknown compression type id: ${codec}`);
  }
  const crc = isV2 ? batchCrc(bytes, at) : legacyCrc(bytes, at);
  output.line(
    ` position: ${position} ${timestampType(bytes, at)}: ${maxTimestamp(bytes, at)} size: ${sizeInBytes}` +
      ` magic: ${magic} compresscodec: ${compression} crc: ${crc} isvalid: ${isValid(batch)}`,
  );
}

/** By its checksum: Kafka takes an unknown magic for the newest that it knows. */
function isValid({ bytes, at, sizeInBytes }: FileBatch): boolean {
  if (batchMagic(bytes, at) <= MAGIC_V2) return batchProblem(bytes, at) === null;
  return (
    sizeInBytes >= BATCH_HEADER_BYTES &&
    batchCrc(bytes, at) === crc32c(bytes, at + CRC_FROM, at + sizeInBytes)
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
    ` lastSequence: ${lastSequence(bytes, at)}` +
    ` producerId: ${batchFieldExact(bytes, at, PRODUCER_ID_AT)} producerEpoch: ${batchProducerEpoch(bytes, at)}` +
    ` partitionLeaderEpoch: ${batchPartitionLeaderEpoch(bytes, at)}` +
    ` isTransactional: ${batchIsTransactional(bytes, at)} isControl: ${batchIsControl(bytes, at)}` +
    ` deleteHorizonMs: ${horizon}`
  );
}

/** With Java's arithmetic, which goes round. */
function lastSequence(bytes: Uint8Array, at: number): number {
  const base = batchBaseSequence(bytes, at);
  const delta = batchLastOffsetDelta(bytes, at);
  if (base < 0) return batchLastSequence(bytes, at);
  return base > ((SEQUENCE_MAX - delta) | 0) ? (delta - (SEQUENCE_MAX - base) - 1) | 0 : (base + delta) | 0;
}

/** A batch that is smaller than what Kafka reads of it. */
export function underflow(): JavaFailure {
  return new JavaFailure("java.nio.BufferUnderflowException");
}

const SEQUENCE_MAX = 0x7fffffff;
/** The checksum is about everything behind it. */
const CRC_FROM = 21;
