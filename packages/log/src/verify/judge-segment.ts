// Says of the damage in a segment what a start would make of it: a torn tail is cut, what was durable is kept
// and told of, what the sync journal has is put back.
import { batchPartitionLeaderEpoch, NO_PARTITION_LEADER_EPOCH } from "@ottla/protocol";
import type { CorruptRange } from "../damage/corrupt-range.ts";
import type { BatchCursor } from "../segment/batch-cursor.ts";
import type { LogSegment } from "../segment/log-segment.ts";
import type { Findings } from "./finding.ts";
import type { LogFacts } from "./verified-log.ts";

/** A segment and what a walk over it found. */
export interface WalkedSegment {
  readonly segment: LogSegment;
  readonly isLast: boolean;
  /** A start looks at all of its batches. */
  readonly isRecovered: boolean;
  /** Found by this walk, ascending. */
  readonly newRanges: readonly CorruptRange[];
  /** Offset after the last sound batch. */
  readonly endOffset: number;
}

/** Tells `findings` of the damage; answers the end offset that a start would give the segment. */
export function judgeSegment(
  walked: WalkedSegment,
  facts: LogFacts,
  cursor: BatchCursor,
  findings: Findings,
): number {
  for (const range of walked.newRanges) {
    const { segment, isLast } = walked;
    const isTail = range.position + range.bytes === segment.sizeInBytes;
    const toOffset = Number.isFinite(range.toOffset) ? range.toOffset : undefined;
    const where = {
      position: range.position,
      bytes: range.bytes,
      fromOffset: range.fromOffset,
      ...(toOffset === undefined ? {} : { toOffset }),
    };
    const { path } = segment.log;
    if (facts.isInUse && isLast && isTail) {
      findings.add("moving-tail", path, "nobody", where);
    } else if (facts.isMetadata) {
      if (isLast && isTail) findings.add("torn-tail", path, "broker", where);
      else findings.add("metadata-damage", path, "nobody", where);
    } else if (walked.isRecovered && isInJournal(segment, range.position, range.fromOffset, facts, cursor)) {
      findings.add("journaled-records", path, "broker", where);
    } else if (range.fromOffset < facts.durableEndOffset || !walked.isRecovered) {
      const end = toOffset ?? Math.max(range.fromOffset, facts.durableEndOffset);
      findings.add("damage", path, walked.isRecovered ? "broker" : "repair", { ...where, toOffset: end });
    } else if (isTail && isLast) {
      findings.add("torn-tail", path, "broker", where);
      return range.fromOffset;
    } else {
      findings.add("damage-behind-recovery", path, "broker", where);
      return range.fromOffset;
    }
  }
  return walked.endOffset;
}

/** The sync journal has the bytes that belong at `position`, where the record of `offset` is missing. */
export function isInJournal(
  segment: LogSegment,
  position: number,
  offset: number,
  facts: LogFacts,
  cursor: BatchCursor,
): boolean {
  const journaled = facts.journaled?.segment(segment.baseOffset, facts.recoveryPoint) ?? null;
  if (journaled === null) return false;
  const leaderEpoch = leaderEpochBefore(segment, position, cursor);
  return journaled.bytesAt(position, { endOffset: offset, isEndSure: true, leaderEpoch }) !== null;
}

function leaderEpochBefore(segment: LogSegment, position: number, cursor: BatchCursor): number {
  let epoch: number = NO_PARTITION_LEADER_EPOCH;
  cursor.start(segment.log, 0, position);
  while (cursor.step() === "batch") epoch = batchPartitionLeaderEpoch(cursor.bytes, cursor.at);
  return epoch;
}
