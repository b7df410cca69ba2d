// What a look at a log directory can find, as data: the kind, where, and the words of the check that found
// it. Not here: what each kind means for a user (the tool's), whether it is mended (mend-log.ts).

/** Kinds of the directory itself, of a partition's directory, of a segment. */
export type FindingKind =
  | "in-use"
  | "unclean-stop"
  | "not-formatted"
  | "malformed-meta-properties"
  | "malformed-checkpoint"
  | "stale-checkpoint-lines"
  | "failed-sync"
  | "journal"
  | "journal-damaged"
  | "deleted-directory"
  | "future-directory"
  | "stray-directory"
  | "leftover-file"
  | "interrupted-swap"
  | "orphan-index"
  | "cut-bytes"
  | "missing-partition-metadata"
  | "malformed-partition-metadata"
  | "known-damage"
  | "damage"
  | "damage-behind-recovery"
  | "torn-tail"
  | "moving-tail"
  | "journaled-records"
  | "lost-tail"
  | "gap"
  | "overlap"
  | "wrong-index"
  | "wrong-index-entries"
  | "wrong-transaction-index"
  | "missing-aborted-transactions"
  | "wrong-producer-snapshot"
  | "wrong-leader-epochs"
  | "log-start-beyond-end"
  | "metadata-damage"
  | "wrong-metadata-snapshot"
  | "unreadable"
  | "gone-meanwhile"
  | "in-two-directories";

/** Who sees to it: a repair, a start of the broker by itself, or nobody can. */
export type MendedBy = "repair" | "broker" | "nobody";

/** One thing that was found. */
export interface Finding {
  readonly kind: FindingKind;
  /** File or directory that it is about. */
  readonly path: string;
  readonly mendedBy: MendedBy;
  /** Bytes of the file. */
  readonly position?: number;
  readonly bytes?: number;
  /** Records of `[fromOffset, toOffset)`. */
  readonly fromOffset?: number;
  readonly toOffset?: number;
  /** What the check says, a clause. */
  readonly reason?: string;
}

/** Collects what is found. */
export class Findings {
  readonly all: Finding[] = [];

  add(kind: FindingKind, path: string, mendedBy: MendedBy, facts: FindingFacts = {}): void {
    this.all.push({ kind, path, mendedBy, ...facts });
  }
}

/** Where in a file, which records, and why. */
export type FindingFacts = Omit<Finding, "kind" | "path" | "mendedBy">;
