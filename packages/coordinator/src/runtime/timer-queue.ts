// Timers of all shards of a runtime: a heap ordered by due time behind one real timer. A timer moved to a
// later time stays where it is in the heap and is put back when it comes up, so that a heartbeat costs one
// assignment. Invariant: a set timer has exactly one entry whose time is `queuedMs` and not above its
// `dueMs`; other entries are stale.
import type { Clock, TimerHandle, Timers } from "@ottla/ports";
import { TIMERS_PER_SLICE } from "../limits.ts";
import type { ShardTimer } from "./coordinator-shard.ts";

const NEVER = Number.POSITIVE_INFINITY;

interface Entry {
  readonly atMs: number;
  readonly timer: QueuedTimer;
}

/** One timer; `run` is called at most once per `set`. */
class QueuedTimer implements ShardTimer {
  readonly run: () => void;
  dueMs: number = NEVER;
  queuedMs: number = NEVER;
  readonly #queue: TimerQueue;

  constructor(queue: TimerQueue, run: () => void) {
    this.#queue = queue;
    this.run = run;
  }

  set(dueMs: number): void {
    this.dueMs = dueMs;
    if (dueMs < this.queuedMs) this.#queue.push(this);
  }

  cancel(): void {
    this.dueMs = NEVER;
    if (this.queuedMs !== NEVER) this.#queue.staled(this);
  }
}

/** The timers of one runtime. */
export class TimerQueue {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #heap: Entry[] = [];
  /** Timers with a valid entry. */
  #set = 0;
  #armed: TimerHandle | null = null;
  #isRunning = false;
  fired = 0;

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock;
    this.#timers = timers;
  }

  /** A timer that is not set. */
  newTimer(run: () => void): ShardTimer {
    return new QueuedTimer(this, run);
  }

  /** Runs what is due, at most a slice of it; arms the real timer for the rest. */
  run(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#isRunning = true;
    for (let left = TIMERS_PER_SLICE; left > 0; left--) {
      const top = this.#heap[0];
      if (top === undefined || top.atMs > nowMs) break;
      this.#pop();
      const { timer } = top;
      if (timer.queuedMs !== top.atMs) continue;
      timer.queuedMs = NEVER;
      this.#set--;
      if (timer.dueMs > nowMs) {
        if (timer.dueMs !== NEVER) this.push(timer);
        continue;
      }
      timer.dueMs = NEVER;
      this.fired++;
      timer.run();
    }
    this.#isRunning = false;
    this.#arm();
  }

  close(): void {
    if (this.#armed !== null) this.#timers.clear(this.#armed);
    this.#armed = null;
    this.#heap.length = 0;
    this.#isRunning = true;
  }

  /** For timers of this queue: enters one whose time is `dueMs`. */
  push(timer: QueuedTimer): void {
    if (timer.queuedMs === NEVER) this.#set++;
    timer.queuedMs = timer.dueMs;
    const heap = this.#heap;
    const entry = { atMs: timer.dueMs, timer };
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if ((heap[parent] as Entry).atMs <= entry.atMs) break;
      heap[at] = heap[parent] as Entry;
      at = parent;
    }
    heap[at] = entry;
    if (at === 0) this.#arm();
  }

  /** For timers of this queue: the entry of a cancelled one counts no more. */
  staled(timer: QueuedTimer): void {
    timer.queuedMs = NEVER;
    this.#set--;
    if (this.#heap.length > 64 + 2 * this.#set) this.#dropStale();
  }

  #dropStale(): void {
    const valid = this.#heap.filter(({ atMs, timer }) => timer.queuedMs === atMs);
    // A sorted array is a heap.
    valid.sort((left, right) => left.atMs - right.atMs);
    this.#heap.splice(0, this.#heap.length, ...valid);
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Entry;
    const size = heap.length;
    if (size === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && (heap[child + 1] as Entry).atMs < (heap[child] as Entry).atMs) child++;
      if ((heap[child] as Entry).atMs >= last.atMs) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = last;
  }

  #arm(): void {
    if (this.#isRunning) return;
    const dueMs = this.#heap[0]?.atMs;
    if (this.#armed !== null) {
      if (dueMs !== undefined && this.#armed.dueMs <= dueMs) return;
      this.#timers.clear(this.#armed);
      this.#armed = null;
    }
    if (dueMs === undefined) return;
    const delayMs = Math.max(0, dueMs - this.#clock.monotonicMs());
    this.#armed = this.#timers.set(delayMs, () => {
      this.#armed = null;
      this.run();
    });
  }
}
