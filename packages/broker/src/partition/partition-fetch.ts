// What one fetch wants of one partition and what it got: an object that a fetch session keeps for its
// partition over all polls, so that a poll allocates nothing for a partition without news. It is a node of
// the partition's list of watching fetches. Invariant: `slice` is held from a read until `release` or until
// the reply takes it; `generation` tells late reads to give up.
import { type AbortedTransaction, EMPTY_SLICE, type LogSlice } from "@ottla/log";
import { type ErrorSpec, errors, type Uuid, ZERO_UUID } from "@ottla/protocol";
import { Linked } from "../waiting/linked-list.ts";

/**
 * Who reads, hence how far: consumers to high watermark or last stable offset, followers to the written end.
 */
export type ReaderKind = "read-uncommitted" | "read-committed" | "follower";

/** Told when a watched partition has news. */
export interface FetchWatcher {
  /** At most one evaluation per turn follows, however often it is called. */
  partitionMoved(fetch: PartitionFetch): void;
}

/** Wanted of a partition, as the newest request said. -1 where a version has no such field. */
export interface FetchWish {
  readonly fetchOffset: number;
  readonly partitionMaxBytes: number;
  readonly currentLeaderEpoch: number;
  readonly lastFetchedEpoch: number;
  readonly fetcherLogStartOffset: number;
  /** What the reader takes for the high watermark (v18); MAX_SAFE_INTEGER: it does not say. */
  readonly knownHighWatermark: number;
}

/** One partition of a fetch. */
export class PartitionFetch extends Linked<PartitionFetch> {
  readonly topicId: Uuid;
  /** Null while the id is unknown here. */
  topic: string | null;
  readonly index: number;
  wish: FetchWish;

  /** Null: nobody waits, and a partition with news drops the node from its list. */
  watcher: FetchWatcher | null = null;
  reader: ReaderKind = "read-uncommitted";
  /** The reader's bound, the leader epoch and the high watermark at the last read. */
  seenEnd = -1;
  seenEpoch = -1;

  // The outcome of the last read.
  error: ErrorSpec = errors.NONE;
  highWatermark = -1;
  lastStableOffset = -1;
  logStartOffset = -1;
  divergingEpoch = -1;
  divergingEndOffset = -1;
  abortedTransactions: readonly AbortedTransaction[] | null = null;
  slice: LogSlice = EMPTY_SLICE;
  leaderId = -1;
  leaderEpoch = -1;
  generation = 0;

  /** What the reader was told last in its session; -2 when nothing yet. */
  sentHighWatermark = -2;
  sentLogStartOffset = -2;

  constructor(topicId: Uuid, topic: string | null, index: number, wish: FetchWish) {
    super();
    this.topicId = topicId;
    this.topic = topic;
    this.index = index;
    this.wish = wish;
  }

  get usesTopicId(): boolean {
    return this.topicId !== ZERO_UUID;
  }

  /** Forgets the outcome before and what it lent, and makes reads under way give up. */
  reset(): void {
    this.release();
    this.generation += 1;
    this.error = errors.NONE;
    this.highWatermark = -1;
    this.lastStableOffset = -1;
    this.logStartOffset = -1;
    this.divergingEpoch = -1;
    this.divergingEndOffset = -1;
    this.abortedTransactions = null;
    this.leaderId = -1;
    this.leaderEpoch = -1;
  }

  /** The partition could not be read. */
  fail(error: ErrorSpec): void {
    this.reset();
    this.error = error;
  }

  /**
   * Reading was not even tried; as in Apache Kafka the list of aborted transactions is then empty, not null.
   */
  refuse(error: ErrorSpec): void {
    this.fail(error);
    this.abortedTransactions = noTransactions;
  }

  release(): void {
    const { slice } = this;
    this.slice = EMPTY_SLICE;
    slice.release();
  }

  /** The records, now the caller's to release. */
  takeSlice(): LogSlice {
    const { slice } = this;
    this.slice = EMPTY_SLICE;
    return slice;
  }

  /** Ends the watch. */
  stopWatching(): void {
    this.watcher = null;
    this.unlink();
  }
}

const noTransactions: readonly AbortedTransaction[] = [];
