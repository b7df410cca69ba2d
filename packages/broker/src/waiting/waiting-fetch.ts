// One poll of a fetch: reads its partitions in order under the shared byte limit, and when that is too little
// waits for news, reads again, and so on until the minimum is there, something must be told, or time is up.
// Invariant: `done` runs once unless the poll was cancelled; records read for nothing are given back before
// it waits. Not here: which partitions (fetch-session/), the reply (handlers/).
import { type ErrorSpec, errors } from "@ottla/protocol";
import type { Partition } from "../partition/partition.ts";
import type { FetchWatcher, PartitionFetch, ReaderKind } from "../partition/partition-fetch.ts";
import { type PartitionReadOptions, readPartition } from "../partition/read-partition.ts";
import { TimerTask } from "./timing-wheel.ts";
import type { Evaluated, WaitingRequests } from "./waiting-requests.ts";

/** What a poll asks for, over all partitions. */
export interface PollOptions {
  readonly reader: ReaderKind;
  /** -1: a consumer. */
  readonly replicaId: number;
  readonly requireLeader: boolean;
  readonly waitMsMax: number;
  readonly bytesMin: number;
  readonly bytesMax: number;
}

/** Finds a partition by name, or says why it cannot be read here. */
export type PartitionFinder = (topic: string, index: number) => Partition | ErrorSpec;

/** One poll. */
export class WaitingFetch extends TimerTask implements FetchWatcher, Evaluated {
  readonly partitions: readonly PartitionFetch[];
  readonly #options: PollOptions;
  readonly #waiting: WaitingRequests;
  readonly #find: PartitionFinder;
  readonly #done: () => void;
  #state: "reading" | "waiting" | "ended" = "reading";
  #isScheduled = false;
  #isTimeUp: boolean;
  #hasTimeout = false;
  #isFirstRead = true;
  #hasNews = false;
  #bytes = 0;
  #nextIndex = 0;

  constructor(
    partitions: readonly PartitionFetch[],
    options: PollOptions,
    broker: { readonly waiting: WaitingRequests; readonly find: PartitionFinder },
    done: () => void,
  ) {
    super();
    this.partitions = partitions;
    this.#options = options;
    this.#waiting = broker.waiting;
    this.#find = broker.find;
    this.#done = done;
    this.#isTimeUp = options.waitMsMax <= 0 || partitions.length === 0;
  }

  /** `done` may run before the return. */
  start(): void {
    for (const fetch of this.partitions) fetch.reader = this.#options.reader;
    this.#readAll();
  }

  partitionMoved(): void {
    if (this.#state !== "waiting" || this.#isScheduled) return;
    this.#isScheduled = true;
    this.#waiting.schedule(this);
  }

  evaluate(): void {
    this.#isScheduled = false;
    if (this.#state === "waiting") this.#readAll();
  }

  override timedOut(): void {
    this.#isTimeUp = true;
    if (this.#state === "waiting") this.#readAll();
  }

  /** The reader is gone or its session was taken over: nothing is answered, everything held is given back. */
  override cancel(): void {
    if (this.#state === "ended") return;
    this.#end();
    for (const fetch of this.partitions) fetch.reset();
  }

  #readAll(): void {
    this.#state = "reading";
    this.#bytes = 0;
    this.#hasNews = false;
    this.#nextIndex = 0;
    this.#readOn();
  }

  // Reads one partition after the other: how much one gives decides how much the next may.
  #readOn(): void {
    while (this.#nextIndex < this.partitions.length) {
      const fetch = this.partitions[this.#nextIndex] as PartitionFetch;
      this.#nextIndex += 1;
      let isInCall = true;
      let isRead = false;
      this.#read(fetch, () => {
        isRead = true;
        this.#account(fetch);
        if (!isInCall) this.#readOn();
      });
      isInCall = false;
      if (!isRead) return;
    }
    this.#decide();
  }

  #read(fetch: PartitionFetch, done: () => void): void {
    const found = fetch.topic === null ? errors.UNKNOWN_TOPIC_ID : this.#find(fetch.topic, fetch.index);
    if ("code" in found) {
      fetch.fail(found);
      done();
      return;
    }
    const bytesLeft = Math.max(0, this.#options.bytesMax - this.#bytes);
    const options: PartitionReadOptions = {
      bytesMax: Math.max(0, Math.min(fetch.wish.partitionMaxBytes, bytesLeft)),
      // The first batch comes whole even above the limits, else a large one could never be read (KIP-74).
      atLeastOneBatch: this.#bytes === 0,
      requireLeader: this.#options.requireLeader,
      replicaId: this.#options.replicaId,
      countsAsProgress: this.#isFirstRead,
    };
    readPartition(found, fetch, options, done);
  }

  #account(fetch: PartitionFetch): void {
    this.#bytes += fetch.slice.bytes;
    if (fetch.error !== errors.NONE || fetch.divergingEpoch >= 0) this.#hasNews = true;
    else if (fetch.reader === "follower" && fetch.highWatermark > fetch.wish.knownHighWatermark)
      this.#hasNews = true;
  }

  #decide(): void {
    this.#isFirstRead = false;
    if (this.#isTimeUp || this.#hasNews || this.#bytes >= this.#options.bytesMin) {
      this.#end();
      this.#done();
      return;
    }
    this.#state = "waiting";
    if (!this.#hasTimeout) {
      this.#hasTimeout = true;
      this.#waiting.setTimeout(this, this.#options.waitMsMax);
    }
    for (const fetch of this.partitions) {
      fetch.release();
      fetch.watcher = this;
      const found = this.#find(fetch.topic as string, fetch.index);
      if ("code" in found) this.partitionMoved();
      else found.watch(fetch);
    }
  }

  #end(): void {
    this.#state = "ended";
    super.cancel();
    // The nodes stay in their lists for the session's next poll; a partition with news drops them before
    // that.
    for (const fetch of this.partitions) if (fetch.watcher === this) fetch.watcher = null;
  }
}
