// An offset as it is committed: where reading goes on, the epoch of the record before, and a text of the
// user's.

export interface OffsetAndMetadata {
  readonly offset: number;
  /** Null or absent: unknown. */
  readonly leaderEpoch?: number | null;
  readonly metadata?: string;
}

/** A committed offset as the coordinator has it. */
export interface CommittedOffset {
  readonly offset: number;
  readonly leaderEpoch: number | null;
  readonly metadata: string;
}
