// One poll of a fetch: reads its partitions in order under the shared byte limit, and when that is too little
// waits for news, reads again, and so on until the minimum is there, something must be told, or time is up.
// Very many partitions are read, and watched, in slices of the loop. Invariant: `done` runs once unless the
// poll was cancelled; records read for nothing are given back before it waits. Not here: which partitions
// (fetch-session/), the reply (handlers/).
import { endsPiece, type Pieces, type SlicedWork, type Slices } from "@ottla/ports";
import { type ErrorSpec, errors } from "@ottla/protocol";
import { fetchLimits } from "../limits.ts";
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

const partitionsPerPiece = 32;

/** What a poll needs of its broker. */
export interface PollServices {
  readonly waiting: WaitingRequests;
  readonly slices: Slices;
  readonly find: PartitionFinder;
}

/** One poll. */
export class WaitingFetch extends TimerTask implements FetchWatcher, Evaluated {
  readonly partitions: readonly PartitionFetch[];
  readonly #options: PollOptions;
  readonly #waiting: WaitingRequests;
  readonly #find: PartitionFinder;
  readonly #done: () => void;
  readonly #slices: Slices;
  #state: "reading" | "arming" | "waiting" | "ended" = "reading";
  /** Reading or arming in slices. */
  #work: SlicedWork | null = null;
  /** A partition moved while others were still being watched. */
  #hasMoved = false;
  #isScheduled = false;
  #isTimeUp: boolean;
  #hasTimeout = false;
  #hasWatched = false;
  #isFirstRead = true;
  #hasNews = false;
  #bytes = 0;
  #nextIndex = 0;

  constructor(
    partitions: readonly PartitionFetch[],
    options: PollOptions,
    broker: PollServices,
    done: () => void,
  ) {
    super();
    this.partitions = partitions;
    this.#options = options;
    this.#waiting = broker.waiting;
    this.#find = broker.find;
    this.#slices = broker.slices;
    this.#done = done;
    this.#isTimeUp = options.waitMsMax <= 0 || partitions.length === 0;
  }

  /** `done` may run before the return. */
  start(): void {
    this.#readAll();
  }

  partitionMoved(): void {
    if (this.#state === "arming") this.#hasMoved = true;
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

  #readOn(): void {
    const { partitionsReadAtOnce } = fetchLimits;
    if (this.partitions.length - this.#nextIndex > partitionsReadAtOnce) {
      const end = { done: (isAll: boolean) => this.#readSome(isAll) };
      this.#work = this.#slices.run("Fetch reads", this.#reading(), end);
    } else this.#readSome(this.#readUpTo(this.partitions.length));
  }

  #readSome(isAll: boolean): void {
    if (isAll) this.#decide();
  }

  *#reading(): Pieces<boolean> {
    while (this.#nextIndex < this.partitions.length) {
      if (!this.#readUpTo(this.#nextIndex + partitionsPerPiece)) return false;
      yield;
    }
    return true;
  }

  // One partition after the other: how much one gives decides how much the next may. False: a read is under
  // way, which goes on by itself.
  #readUpTo(index: number): boolean {
    const end = Math.min(index, this.partitions.length);
    while (this.#nextIndex < end) {
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
      if (!isRead) return false;
    }
    return true;
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
    fetch.reader = this.#options.reader;
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
    if (!this.#hasTimeout) {
      this.#hasTimeout = true;
      this.#waiting.setTimeout(this, this.#options.waitMsMax);
    }
    this.#hasMoved = false;
    this.#hasWatched = true;
    if (this.partitions.length <= fetchLimits.partitionsReadAtOnce) {
      this.#state = "waiting";
      for (const fetch of this.partitions) this.#watch(fetch);
      return;
    }
    this.#state = "arming";
    this.#work = this.#slices.run("Fetch waits", this.#arming(), { done: () => this.#armed() });
  }

  *#arming(): Pieces<void> {
    let items = 0;
    for (const fetch of this.partitions) {
      this.#watch(fetch);
      if (endsPiece(++items)) yield;
    }
  }

  #armed(): void {
    this.#state = "waiting";
    if (this.#isTimeUp || this.#hasMoved) this.#readAll();
  }

  #watch(fetch: PartitionFetch): void {
    fetch.release();
    fetch.watcher = this;
    const found = this.#find(fetch.topic as string, fetch.index);
    if ("code" in found) this.partitionMoved();
    else found.watch(fetch);
  }

  #end(): void {
    this.#state = "ended";
    this.#work?.cancel();
    super.cancel();
    // The nodes stay in their lists for the session's next poll; a partition with news drops them before
    // that.
    if (!this.#hasWatched) return;
    for (const fetch of this.partitions) if (fetch.watcher === this) fetch.watcher = null;
  }
}
