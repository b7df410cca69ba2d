// The metadata log as the rest of the package sees it: a log that accepts an append only from who knows its
// tail. Positions are Kafka's metadata offsets. Invariants: total order, no holes; an append applies once or
// not at all; subscribers get every entry in order, without a gap. No lease or lock carries safety: a
// controller that was paused or replaced fails with `conflict`. Not here: what the records mean (records/,
// image/), who decides (controller/), where the bytes lie (engines/).
import type { Offset } from "@ottla/protocol";

/**
 * A change of the active controller: opens an epoch. It takes one offset, or more where the format asks for
 * it.
 */
export interface LeaderChangeBatch {
  readonly kind: "leader-change";
  /** Above the epoch of every earlier entry. */
  readonly epoch: number;
  readonly leaderId: number;
}

/** Metadata records, each with its frame (records/metadata-record.ts); one offset each, applied together. */
export interface RecordsBatch {
  readonly kind: "records";
  readonly epoch: number;
  readonly records: readonly Uint8Array[];
  /** Wall time of the append. */
  readonly timestampMs: number;
}

export type MetaLogBatch = LeaderChangeBatch | RecordsBatch;

/** One stored append. */
export interface MetaLogEntry {
  readonly baseOffset: Offset;
  readonly lastOffset: Offset;
  readonly epoch: number;
  /** The id of the append, where the engine still knows it; null otherwise. */
  readonly appendId: string | null;
  readonly timestampMs: number;
  /** Bytes in the log. */
  readonly bytes: number;
  /**
   * Framed metadata records, the first at `baseOffset`; empty for control records, whose offsets hold no
   * metadata.
   */
  readonly records: readonly Uint8Array[];
  /** True when the entry opens its epoch. */
  readonly opensEpoch: boolean;
}

/**
 * `ok`: durable. `conflict`: the tail is another; nothing was written. `unknown`: nobody can tell; read back
 * from the expected tail and look for the append's id. `refused`: the batch can never be written (too large,
 * a closed or failed log).
 */
export type MetaLogAppendOutcome =
  | { readonly kind: "ok"; readonly baseOffset: Offset; readonly lastOffset: Offset }
  | { readonly kind: "conflict"; readonly tail: Offset }
  | { readonly kind: "unknown"; readonly cause: Error }
  | { readonly kind: "refused"; readonly cause: Error };

/** `trimmed`: `from` lies before the log's start; begin with the newest snapshot. */
export type MetaLogReadResult =
  | { readonly kind: "entries"; readonly entries: readonly MetaLogEntry[]; readonly tail: Offset }
  | { readonly kind: "trimmed"; readonly startOffset: Offset }
  | { readonly kind: "failed"; readonly cause: Error };

/** Names a snapshot: it holds everything below `endOffset`; `epoch` is that of the last record in it. */
export interface SnapshotId {
  readonly endOffset: Offset;
  readonly epoch: number;
}

/** A snapshot: framed metadata records in order. */
export interface MetaLogSnapshot {
  readonly id: SnapshotId;
  /** Append time of the last record in it. */
  readonly lastContainedTimestampMs: number;
  readonly records: readonly Uint8Array[];
}

/** Gets entries in order, in turns of their own. After `onFailed` nothing comes. */
export interface MetaLogSubscriber {
  onEntries(entries: readonly MetaLogEntry[]): void;
  /** The log was trimmed past this subscriber, or cannot be read. */
  onFailed(cause: Error): void;
}

export interface MetaLogSubscription {
  cancel(): void;
}

/** What a follower of the metadata needs. */
export interface MetaLogReader {
  /** The newest snapshot, or null when there is none. `done` may run before the return. */
  latestSnapshot(done: (result: MetaLogSnapshot | null | Error) => void): void;
  /** Entries from `from` on, oldest first: those that exist, then every new one once it is durable. */
  subscribe(from: Offset, subscriber: MetaLogSubscriber): MetaLogSubscription;
}

/** A conditional-append log. Completions run in a later turn; those of one log in the order of the calls. */
export interface MetaLog extends MetaLogReader {
  /** The offset the next append gets: one past the last durable entry. */
  readonly tail: Offset;
  /** Entries below are only in a snapshot. */
  readonly startOffset: Offset;
  /** The epoch of the last entry, at least 0. */
  readonly epoch: number;
  /** Bytes in the log behind the newest snapshot: what a start has to replay. */
  readonly bytesSinceSnapshot: number;
  /** Writes at `expectedTail` or nowhere. One append in flight at a time. `appendId` is unique for ever.
   * Subscribers at the tail hear of the entry before `done` runs. */
  append(
    expectedTail: Offset,
    appendId: string,
    batch: MetaLogBatch,
    done: (outcome: MetaLogAppendOutcome) => void,
  ): void;
  /**
   * Durable entries from the one that holds `from` on; none at the tail. Bounded by the engine's read size.
   */
  read(from: Offset, done: (result: MetaLogReadResult) => void): void;
  /** Keeps a snapshot; one that is older than the newest is dropped in silence. */
  writeSnapshot(snapshot: MetaLogSnapshot, done: (error: Error | null) => void): void;
  /** Removes what the newest snapshot makes superfluous, within the engine's retention. */
  clean(nowMs: number): void;
  /** Waits for the append in flight. */
  close(done: (error: Error | null) => void): void;
}
