// An incremental fetch session (KIP-227): the partitions a reader follows, what it was told last, and its
// place in the protocol of epochs. Invariant: the partitions are in the order in which they are served; one
// that gave records goes to the end, so that none starves.
import { endsPiece, type Pieces } from "@ottla/ports";
import type { FetchRequest, Uuid } from "@ottla/protocol";
import { PartitionFetch } from "../partition/partition-fetch.ts";
import { fetchKey, fetchWish } from "./fetch-wish.ts";

/** The session epoch of a request that opens a session, if it may. */
export const initialEpoch = 0;
/** The session epoch of a request without session. */
export const finalEpoch = -1;
/** The session id of a response without session. */
export const noSessionId = 0;

const epochMax = 0x7fffffff;

/** The epoch of the request after one with this epoch. */
export function nextEpoch(epoch: number): number {
  if (epoch < 0) return finalEpoch;
  return epoch === epochMax ? 1 : epoch + 1;
}

/** The request of a session that is not answered yet, in whichever state. */
export interface PendingPoll {
  /** Another request took the session over. */
  supersede(): void;
}

/** One session. */
export class FetchSession {
  readonly id: number;
  /** A follower's: kept before those of consumers. */
  readonly isPrivileged: boolean;
  readonly usesTopicIds: boolean;
  /** Monotonic, as all times here. */
  readonly createdMs: number;
  lastUsedMs: number;
  /** Epoch of the next request. */
  epoch = 1;
  pendingPoll: PendingPoll | null = null;
  /** Partitions that the cache has counted for it. */
  countedSize = 0;
  readonly #partitions: Map<string, PartitionFetch>;

  constructor(options: {
    readonly id: number;
    readonly isPrivileged: boolean;
    readonly usesTopicIds: boolean;
    readonly nowMs: number;
    readonly partitions: Map<string, PartitionFetch>;
  }) {
    this.id = options.id;
    this.isPrivileged = options.isPrivileged;
    this.usesTopicIds = options.usesTopicIds;
    this.createdMs = options.nowMs;
    this.lastUsedMs = options.nowMs;
    this.#partitions = options.partitions;
  }

  get size(): number {
    return this.#partitions.size;
  }

  partitions(): Iterable<PartitionFetch> {
    return this.#partitions.values();
  }

  /** Adds, changes and forgets what the request names. */
  *update(request: FetchRequest, topicName: (topicId: Uuid) => string | null): Pieces<void> {
    let items = 0;
    for (const topic of request.topics) {
      for (const partition of topic.partitions) {
        const key = fetchKey(this.usesTopicIds, topic.topic, topic.topicId, partition.partition);
        const wish = fetchWish(partition);
        const known = this.#partitions.get(key);
        if (known !== undefined) known.wish = wish;
        else {
          const name = this.usesTopicIds ? topicName(topic.topicId) : topic.topic;
          this.#partitions.set(key, new PartitionFetch(topic.topicId, name, partition.partition, wish));
        }
        if (endsPiece(++items)) yield;
      }
    }
    for (const topic of request.forgottenTopicsData) {
      for (const index of topic.partitions) {
        this.#forget(fetchKey(this.usesTopicIds, topic.topic, topic.topicId, index));
        if (endsPiece(++items)) yield;
      }
    }
  }

  /** The partition gave records: the others come first next time. */
  moveToEnd(partition: PartitionFetch): void {
    const key = fetchKey(this.usesTopicIds, partition.topic ?? "", partition.topicId, partition.index);
    if (this.#partitions.delete(key)) this.#partitions.set(key, partition);
  }

  /** The session is gone: nothing of it stays behind in any partition. */
  close(): void {
    this.pendingPoll?.supersede();
    this.pendingPoll = null;
    for (const partition of this.#partitions.values()) dismiss(partition);
    this.#partitions.clear();
  }

  #forget(key: string): void {
    const partition = this.#partitions.get(key);
    if (partition === undefined) return;
    this.#partitions.delete(key);
    dismiss(partition);
  }
}

/** Gives back what the partition's fetch holds and takes it off the partition's list. */
export function dismiss(partition: PartitionFetch): void {
  partition.stopWatching();
  partition.reset();
}
