// What the state of a batch's producer says to the batch: new, a repetition, or out of place.
import { batchHasProducerId, type Offset } from "@ottla/protocol";
import type { ProducerState } from "../producer-state/producer-state.ts";
import { type AppendOptions, type AppendOutcome, refused } from "./append-outcome.ts";
import type { ValidBatch } from "./validate-for-leader.ts";

/** Null for a batch that is to be appended. */
export function judgeProducer(
  batch: ValidBatch,
  options: AppendOptions,
  producers: ProducerState,
  logStartOffset: Offset,
): AppendOutcome | null {
  if (!batchHasProducerId(batch.bytes, batch.at)) return null;
  const verdict = producers.check(batch.bytes, batch.at, options.origin, options.transactionVersion ?? 0);
  if (verdict === null) return null;
  if (verdict.kind === "refused") return refused(verdict.error, verdict.message);
  return {
    kind: "duplicate",
    firstOffset: (verdict.batch.lastOffset - verdict.batch.offsetDelta) as Offset,
    lastOffset: verdict.batch.lastOffset as Offset,
    logAppendTimeMs: verdict.batch.maxTimestamp,
    logStartOffset,
  };
}
