// What a client's batch must be before it gets offsets: counts, sequences, timestamps, keys, codec of the
// topic. Records are walked in place, compressed ones on their uncompressed body. The outcome says what to
// stamp, or holds the recompressed batch; nothing here changes the caller's bytes. Not here: large compressed
// bodies, and small ones that unfold to much (validate-for-leader-later.ts).
import type { LogConfig } from "@ottla/config";
import type { Turn, Zip } from "@ottla/ports";
import {
  BATCH_HEADER_BYTES,
  type BadRecord,
  batchBaseSequence,
  batchBaseTimestamp,
  batchCompression,
  batchCount,
  batchCountProblem,
  batchHasProducerId,
  batchIsControl,
  batchIsLogAppendTime,
  batchMaxTimestamp,
  batchSizeInBytes,
  COMPRESSION_GZIP,
  COMPRESSION_LZ4,
  COMPRESSION_NONE,
  COMPRESSION_SNAPPY,
  COMPRESSION_ZSTD,
  compressBody,
  decompressBatchBody,
  decompressedBytesMax,
  errors,
  type RecordRules,
  RecordsError,
  type RecordWalk,
  walkRecords,
} from "@ottla/protocol";
import { UNZIP_ON_LOOP_BYTES_MAX, ZIP_ON_LOOP_BYTES_MAX } from "../limits.ts";
import { type AppendOrigin, type RecordError, type Refused, refused } from "./append-outcome.ts";
import { rewriteBatch } from "./rewrite-batch.ts";
import type { UnzipLanes } from "./unzip-lanes.ts";

/** A batch that may be appended. */
export interface ValidBatch {
  readonly kind: "valid";
  /** The batch is `bytes[at, at + size)`: the caller's, or a new one when the codec changed. */
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly size: number;
  /** Of its records, in milliseconds; the append time with LogAppendTime; -1 without. */
  readonly maxTimestamp: number;
  readonly isLogAppendTime: boolean;
  /** The header's timestamp fields are not those above yet, so they and the CRC must be stamped. */
  readonly needsTimestamp: boolean;
}

/** The body unfolds to more than the loop may open: `validateForLeaderLater` judges it. */
export interface TooLargeForLoop {
  readonly kind: "too-large-for-loop";
}

/** What a validation needs to know and use. */
export interface LeaderRules {
  readonly config: LogConfig;
  readonly origin: AppendOrigin;
  /** The broker's clock at the append. */
  readonly nowMs: number;
  readonly zip: Zip;
  readonly walk: RecordWalk;
  readonly lanes: UnzipLanes;
  /** Where what is left of a long step goes. */
  readonly turn: Turn;
}

const TARGET_CODEC: Readonly<Record<Exclude<LogConfig["compressionType"], "producer">, number>> = {
  uncompressed: COMPRESSION_NONE,
  gzip: COMPRESSION_GZIP,
  snappy: COMPRESSION_SNAPPY,
  lz4: COMPRESSION_LZ4,
  zstd: COMPRESSION_ZSTD,
};

/** True when the batch's body is too large to be opened, or compressed anew, on the loop. */
export function needsPool(bytes: Uint8Array, at: number, config: LogConfig): boolean {
  if (batchSizeInBytes(bytes, at) - BATCH_HEADER_BYTES <= ZIP_ON_LOOP_BYTES_MAX) return false;
  const source = batchCompression(bytes, at);
  return source !== COMPRESSION_NONE || targetCodec(source, config) !== source;
}

/** Validates the batch at `at`, on the loop. */
export function validateForLeader(
  bytes: Uint8Array,
  at: number,
  rules: LeaderRules,
): ValidBatch | Refused | TooLargeForLoop {
  const refusal = checkHeader(bytes, at, rules.origin);
  if (refusal !== null) return refusal;
  const bytesMax = bodyBytesMax(rules.config);
  const onLoopBytesMax = Math.min(bytesMax, UNZIP_ON_LOOP_BYTES_MAX);
  try {
    const body = decompressBatchBody(bytes, at, rules.zip, onLoopBytesMax);
    const judged = judgeBody(bytes, at, body, rules);
    if (judged.kind === "refused") return judged;
    const source = batchCompression(bytes, at);
    const target = targetCodec(source, rules.config);
    if (target === source) return judged;
    return rewritten(judged, target, compressBody(target, body, rules.zip, levelOf(target, rules.config)));
  } catch (error) {
    if (isTooLarge(error) && onLoopBytesMax < bytesMax) return { kind: "too-large-for-loop" };
    return refusedBody(error);
  }
}

/** @internal */
export function isTooLarge(outcome: unknown): boolean {
  return outcome instanceof RecordsError && outcome.error === "MESSAGE_TOO_LARGE";
}

/** @internal */
export function targetCodec(source: number, config: LogConfig): number {
  return config.compressionType === "producer" ? source : TARGET_CODEC[config.compressionType];
}

/** @internal */
export function levelOf(codec: number, config: LogConfig): number | undefined {
  if (codec === COMPRESSION_GZIP)
    return config.compressionGzipLevel < 0 ? undefined : config.compressionGzipLevel;
  if (codec === COMPRESSION_LZ4) return config.compressionLz4Level;
  return codec === COMPRESSION_ZSTD ? config.compressionZstdLevel : undefined;
}

/**
 * @internal A small `max.message.bytes` bounds what a batch may unfold to, but never below what one record of
 * that size needs.
 */
export function bodyBytesMax(config: LogConfig): number {
  return Math.max(decompressedBytesMax(config.maxMessageBytes), ZIP_ON_LOOP_BYTES_MAX);
}

/** @internal */
export function checkHeader(bytes: Uint8Array, at: number, origin: AppendOrigin): Refused | null {
  const problem = batchCountProblem(bytes, at);
  if (problem !== null) return refused(errors[problem.error], problem.message);
  if (origin !== "client") return null;
  if (batchIsControl(bytes, at)) {
    return refused(errors.INVALID_RECORD, "Clients may not write control records");
  }
  if (!batchHasProducerId(bytes, at)) return null;
  const sequence = batchBaseSequence(bytes, at);
  // Apache Kafka lets epoch -1 pass: it counts as the oldest there is.
  if (sequence >= 0) return null;
  return refused(errors.INVALID_RECORD, `A batch with a producer id has the sequence ${sequence}`);
}

function judgeBody(
  bytes: Uint8Array,
  at: number,
  body: Uint8Array,
  rules: LeaderRules,
): ValidBatch | Refused {
  const { walk } = rules;
  walkRecords(body, 0, body.length, batchCount(bytes, at), recordRules(bytes, at, rules), walk);
  return judgeWalk(bytes, at, rules, walk);
}

/** @internal */
export function recordRules(bytes: Uint8Array, at: number, { config, nowMs }: LeaderRules): RecordRules {
  const isLogAppendTime = config.messageTimestampType === "LogAppendTime";
  return {
    baseTimestamp: batchBaseTimestamp(bytes, at),
    timestampMin: isLogAppendTime ? -Infinity : nowMs - config.messageTimestampBeforeMaxMs,
    timestampMax: isLogAppendTime ? Infinity : nowMs + config.messageTimestampAfterMaxMs,
    isKeyRequired: config.cleanupCompact,
  };
}

/** @internal What a walk over all records means. */
export function judgeWalk(
  bytes: Uint8Array,
  at: number,
  { config, nowMs, origin }: LeaderRules,
  walk: RecordWalk,
): ValidBatch | Refused {
  const isLogAppendTime = config.messageTimestampType === "LogAppendTime";
  const hasForeignTimeType = origin === "client" && batchIsLogAppendTime(bytes, at);
  if (walk.problem !== null) return refused(errors[walk.problem.error], walk.problem.message);
  if (isLogAppendTime && hasForeignTimeType) {
    return refused(errors.INVALID_TIMESTAMP, "A client may not set the timestamp type to LogAppendTime");
  }
  if (walk.badRecords.length > 0) return refusedRecords(walk.badRecords, walk.badRecordCount);
  if (batchCompression(bytes, at) !== COMPRESSION_NONE && !walk.areOffsetsSequential) {
    return refused(errors.INVALID_RECORD, "Offsets within a compressed batch must be consecutive");
  }
  const createTime = hasForeignTimeType ? batchMaxTimestamp(bytes, at) : walk.maxTimestamp;
  const maxTimestamp = isLogAppendTime ? nowMs : createTime;
  const needsTimestamp =
    batchIsLogAppendTime(bytes, at) !== isLogAppendTime || batchMaxTimestamp(bytes, at) !== maxTimestamp;
  const size = batchSizeInBytes(bytes, at);
  return { kind: "valid", bytes, at, size, maxTimestamp, isLogAppendTime, needsTimestamp };
}

/** One complaint per record; a missing key goes before a bad timestamp. */
function refusedRecords(bad: readonly BadRecord[], count: number): Refused {
  const byIndex = new Map<number, BadRecord["reason"]>();
  for (const { index, reason } of bad) {
    if (reason === "missing-key" || !byIndex.has(index)) byIndex.set(index, reason);
  }
  const recordErrors: RecordError[] = Array.from(byIndex, ([batchIndex, reason]) => ({
    batchIndex,
    message:
      reason === "missing-key"
        ? "A compacted topic takes no record without a key"
        : "The timestamp is too far from the broker's clock",
  }));
  const isTimestamp = Array.from(byIndex.values()).includes("timestamp");
  return {
    kind: "refused",
    error: isTimestamp ? errors.INVALID_TIMESTAMP : errors.INVALID_RECORD,
    message: isTimestamp
      ? "Records were refused for their timestamps"
      : `${count} records without the key that a compacted topic needs`,
    recordErrors,
  };
}

/** @internal */
export function rewritten(judged: ValidBatch, codec: number, body: Uint8Array): ValidBatch {
  const bytes = rewriteBatch(judged.bytes, judged.at, codec, body);
  return { ...judged, bytes, at: 0, size: bytes.length, needsTimestamp: true };
}

/** @internal */
export function refusedBody(error: unknown): Refused {
  if (error instanceof RecordsError) return refused(errors[error.error], error.message);
  throw error;
}
