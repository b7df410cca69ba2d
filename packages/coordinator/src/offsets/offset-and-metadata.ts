// One committed offset, as it is kept in memory.
import { type OffsetCommitValue, toSafeNumber } from "@ottla/protocol";

export interface OffsetAndMetadata {
  readonly offset: number;
  /** -1: unknown. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  /** Wall time of the commit. */
  readonly commitTimestampMs: number;
  /** Wall time from which the offset may go; -1: by the broker's retention. Old clients alone ask for it. */
  readonly expireTimestampMs: number;
  /** Where its record is; decides which of a plain and a transactional commit is the later one. */
  readonly recordOffset: number;
}

/** What a record says. Times beyond 2^53 count as the end of time. */
export function offsetFromRecord(
  value: Readonly<OffsetCommitValue>,
  recordOffset: number,
): OffsetAndMetadata {
  return {
    offset: clamped(value.offset),
    leaderEpoch: value.leaderEpoch,
    metadata: value.metadata,
    commitTimestampMs: clamped(value.commitTimestamp),
    expireTimestampMs: clamped(value.expireTimestamp),
    recordOffset,
  };
}

function clamped(value: bigint): number {
  return toSafeNumber(value) ?? (value < 0n ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER);
}
