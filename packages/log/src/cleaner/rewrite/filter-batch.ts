// What becomes of one batch: gone, as it was, without some of its records, or empty. An empty batch stays
// when it is the last of its producer (who needs its sequence or epoch) or the last of the cleaning (who
// needs its offset). Markers of transactions go like tombstones, after the records they end (KIP-534).
import type { Zip } from "@ottla/ports";
import {
  batchBaseTimestamp,
  batchHasDeleteHorizon,
  batchHasProducerId,
  batchIsControl,
  batchLastOffset,
  batchMaxTimestamp,
  batchProducerEpoch,
  batchProducerId,
  batchSizeInBytes,
} from "@ottla/protocol";
import type { Cleaning } from "../cleaning.ts";
import type { CleanedTransactions } from "./cleaned-transactions.ts";
import { openBatch } from "./open-batch.ts";
import { findRetained, type RetentionRules } from "./retained-records.ts";
import { emptyBatch, rewriteRecords } from "./rewrite-records.ts";

/** What the log knows of a producer that it has not forgotten. */
export interface LastRecord {
  /** -1: none; the producer's last word was a marker. */
  readonly lastDataOffset: number;
  readonly epoch: number;
}

/** The rules of one cleaning. */
export interface FilterRules extends RetentionRules {
  readonly zip: Zip;
  readonly deleteRetentionMs: number;
  readonly transactions: CleanedTransactions;
  readonly lastRecordOf: (producerId: number) => LastRecord | undefined;
  /** Nothing at or above this offset is cleaned. */
  readonly upperBoundOffset: number;
}

/** A batch that stays. */
export interface FilteredBatch {
  /** Its memory may be that of the source. */
  readonly bytes: Uint8Array;
  readonly lastOffset: number;
  /** Milliseconds; -1 for an empty batch. */
  readonly maxTimestamp: number;
}

/** Judges the batch at `at`; null when nothing of it stays. Throws `UncleanableLog`. */
export function* filterBatch(
  bytes: Uint8Array,
  at: number,
  rules: FilterRules,
): Cleaning<FilteredBatch | null> {
  const isControl = batchIsControl(bytes, at);
  const lastOffset = batchLastOffset(bytes, at);
  const isOver = isControl
    ? rules.transactions.controlBatch(bytes, at)
    : rules.transactions.dataBatch(bytes, at);
  const hasHorizon = batchHasDeleteHorizon(bytes, at);
  const isDue = hasHorizon && batchBaseTimestamp(bytes, at) <= rules.nowMs;
  const staysEmpty = isLastOfProducer(bytes, at, rules) || lastOffset + 1 === rules.upperBoundOffset;
  if (!(isOver && (isDue || !isControl))) {
    const body = yield* openBatch(rules.zip, bytes, at);
    const retained = yield* findRetained(bytes, at, body, rules);
    if (retained.count > 0) {
      const needsHorizon = !hasHorizon && (retained.hasTombstone || (isControl && isOver));
      if (retained.isAll && !needsHorizon) {
        const whole = bytes.subarray(at, at + batchSizeInBytes(bytes, at));
        return { bytes: whole, lastOffset, maxTimestamp: batchMaxTimestamp(bytes, at) };
      }
      const horizon = needsHorizon
        ? Math.min(rules.nowMs + rules.deleteRetentionMs, Number.MAX_SAFE_INTEGER)
        : hasHorizon
          ? batchBaseTimestamp(bytes, at)
          : null;
      const rewritten = yield* rewriteRecords(rules.zip, bytes, at, body, retained, horizon);
      return { bytes: rewritten, lastOffset, maxTimestamp: batchMaxTimestamp(rewritten, 0) };
    }
  }
  return staysEmpty ? { bytes: emptyBatch(bytes, at), lastOffset, maxTimestamp: -1 } : null;
}

function isLastOfProducer(bytes: Uint8Array, at: number, rules: FilterRules): boolean {
  if (!batchHasProducerId(bytes, at)) return false;
  const last = rules.lastRecordOf(batchProducerId(bytes, at));
  if (last === undefined) return false;
  if (last.lastDataOffset >= 0) return batchLastOffset(bytes, at) === last.lastDataOffset;
  return batchIsControl(bytes, at) && batchProducerEpoch(bytes, at) === last.epoch;
}
