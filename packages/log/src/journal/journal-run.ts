// Places in a log up to which something holds, and the bytes between two of them on their way to the journal.

/** An end of a log, as a place in its newest segment. */
export interface LogMark {
  readonly segmentBaseOffset: number;
  /** Position in the segment's file. */
  readonly position: number;
  readonly offset: number;
}

/** Written bytes of a log's newest segment that are not durable yet: whole batches. */
export interface JournalRun {
  readonly segmentBaseOffset: number;
  readonly position: number;
  readonly startOffset: number;
  readonly endOffset: number;
  readonly bytes: number;
  /** Views of tail blocks: to be copied before the turn goes on. */
  readonly parts: readonly Uint8Array[];
  /** How often the log had been cut: what was cut since is not what the journal holds. */
  readonly cuts: number;
}
