// A first look at the bytes of an append: which whole batches they hold, whether those are sound, which
// offsets they have. Same checks and order as Apache Kafka's; what clients may write is looked at later
// (validate-for-leader.ts).
import {
  BATCH_CORRUPT,
  batchBaseOffset,
  batchCompression,
  batchEnd,
  batchLastOffset,
  batchMagic,
  batchMaxTimestamp,
  batchNumbersAreSafe,
  batchProblem,
  COMPRESSION_ZSTD,
  errors,
  MAGIC_V2,
} from "@ottla/protocol";
import { type Refused, refused } from "./append-outcome.ts";

/** What the bytes hold. */
export interface RecordsAnalysis {
  readonly kind: "analysis";
  readonly batches: number;
  /** Bytes of the whole batches; a partial batch at the end is left out. */
  readonly validBytes: number;
  /** Of the first batch; -1 without one. */
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly maxTimestamp: number;
  readonly areOffsetsMonotonic: boolean;
}

/** Rules that differ between leader and follower. */
export interface AnalysisRules {
  /** Clients number each batch from 0. */
  readonly isBaseOffsetZero: boolean;
  readonly batchBytesMax: number;
}

/** Looks at `records`, or answers why they cannot be appended. */
export function analyseRecords(records: Uint8Array, rules: AnalysisRules): RecordsAnalysis | Refused {
  let batches = 0;
  let firstOffset = -1;
  let lastOffset = -1;
  let maxTimestamp = -1;
  let areOffsetsMonotonic = true;
  let at = 0;
  for (;;) {
    const next = batchEnd(records, at, records.length);
    if (next === BATCH_CORRUPT) return refused(errors.CORRUPT_MESSAGE, "The bytes are no record batch");
    if (next < 0) break;
    const refusal = checkBatch(records, at, next - at, rules);
    if (refusal !== null) return refusal;
    const lastOfBatch = batchLastOffset(records, at);
    if (batches === 0) firstOffset = batchBaseOffset(records, at);
    if (lastOffset >= lastOfBatch) areOffsetsMonotonic = false;
    lastOffset = lastOfBatch;
    maxTimestamp = Math.max(maxTimestamp, batchMaxTimestamp(records, at));
    batches++;
    at = next;
  }
  return {
    kind: "analysis",
    batches,
    validBytes: at,
    firstOffset,
    lastOffset,
    maxTimestamp,
    areOffsetsMonotonic,
  };
}

function checkBatch(records: Uint8Array, at: number, bytes: number, rules: AnalysisRules): Refused | null {
  const isV2 = batchMagic(records, at) === MAGIC_V2;
  if (isV2 && rules.isBaseOffsetZero && bytes >= 8 && batchBaseOffset(records, at) !== 0) {
    return refused(
      errors.INVALID_RECORD,
      `The base offset of a batch from a client must be 0, it is ${batchBaseOffset(records, at)}`,
    );
  }
  if (bytes > rules.batchBytesMax) {
    return refused(
      errors.MESSAGE_TOO_LARGE,
      `A record batch of ${bytes} bytes is larger than max.message.bytes ${rules.batchBytesMax}`,
    );
  }
  const problem = batchProblem(records, at);
  if (problem !== null) return refused(errors[problem.error], problem.message);
  if (!isV2) {
    return refused(errors.UNSUPPORTED_FOR_MESSAGE_FORMAT, "Only record batches of magic 2 are appended");
  }
  if (batchCompression(records, at) > COMPRESSION_ZSTD) {
    return refused(errors.UNKNOWN_SERVER_ERROR, `Unknown compression codec ${batchCompression(records, at)}`);
  }
  if (!batchNumbersAreSafe(records, at)) {
    return refused(errors.INVALID_RECORD, "Offsets, timestamps or producer id are beyond 2^53");
  }
  return null;
}

/** The bytes of one batch; `bytes` itself when it is all there is. */
export function batchView(bytes: Uint8Array, at: number, size: number): Uint8Array {
  return at === 0 && size === bytes.length ? bytes : bytes.subarray(at, at + size);
}
