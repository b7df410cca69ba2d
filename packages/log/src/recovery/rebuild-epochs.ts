// Leader epochs made again from the batches, each of which names its own: when `leader-epoch-checkpoint` is
// lost, unreadable, or that of another log. Followers cut their logs by these, so a wrong one loses records.
import { endsPiece, type Pieces } from "@ottla/ports";
import { NO_PARTITION_LEADER_EPOCH } from "@ottla/protocol";
import type { LeaderEpochCache } from "../leader-epoch/leader-epoch-cache.ts";
import { BatchCursor } from "../segment/batch-cursor.ts";
import type { LogSegment } from "../segment/log-segment.ts";

/** True when the first batch of each segment has the epoch that `epochs` tells. Throws `DiskError`. */
export function areEpochsOf(
  segments: readonly LogSegment[],
  epochs: LeaderEpochCache,
  logStartOffset: number,
  cursor: BatchCursor,
): boolean {
  return segments.every((segment) => {
    cursor.start(segment.log, 0, segment.sizeInBytes);
    if (cursor.step() !== "batch" || cursor.baseOffset < logStartOffset) return true;
    const { partitionLeaderEpoch: epoch } = cursor;
    return epoch === NO_PARTITION_LEADER_EPOCH || epochs.epochFor(cursor.baseOffset) === epoch;
  });
}

/** Walks all headers. Throws `DiskError`. */
export function* rebuildEpochs(segments: readonly LogSegment[], epochs: LeaderEpochCache): Pieces<void> {
  epochs.clear();
  const cursor = new BatchCursor();
  for (const segment of segments) {
    cursor.start(segment.log, 0, segment.sizeInBytes);
    for (let batches = 1; ; batches += 1) {
      if (endsPiece(batches)) yield;
      const step = cursor.step();
      if (step === "batch") {
        epochs.assign(Math.max(cursor.partitionLeaderEpoch, epochs.latestEpoch), cursor.baseOffset);
        continue;
      }
      const corrupt = segment.corruptRanges.find(({ position }) => position === cursor.position);
      if (step === "end" || corrupt === undefined) break;
      cursor.skipTo(corrupt.position + corrupt.bytes);
    }
  }
}
