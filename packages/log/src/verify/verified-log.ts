// What is known of a log before it is looked at, and what a look at it answers.
import type { JournaledLog } from "../journal/journaled-logs.ts";

/** What the directory's files say of one log. */
export interface LogFacts {
  readonly path: string;
  /** A broker uses the directory: the end of the log may be in motion. */
  readonly isInUse: boolean;
  /** The last user stopped in order: a start believes the files. */
  readonly wasClean: boolean;
  readonly recoveryPoint: number;
  /** Below here everything is known to be durable, in the files or in the sync journal. */
  readonly durableEndOffset: number;
  readonly logStartOffset: number;
  readonly journaled: JournaledLog | null;
  /** Compaction ran: offsets may be missing. */
  readonly isCompacted: boolean;
  /** `__cluster_metadata-0`, which the controller opens by itself. */
  readonly isMetadata: boolean;
}

/** What a log has. */
export interface VerifiedLog {
  readonly path: string;
  readonly segments: number;
  /** Of the segments' files. */
  readonly bytes: number;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
}
