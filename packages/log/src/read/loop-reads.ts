// Which file reads run on the loop: pages in the page cache cost a copy there and a hand-over between
// threads, and cold caches, on the pool. Nobody can ask whether pages are cached, so time tells: a read that
// was slow sends all reads to the pool for a while, and a share of the loop's time bounds them while they are
// fast.
import type { Clock } from "@ottla/ports";
import { LOOP_READ_SHARE_MS, LOOP_READ_SLOW_MS, LOOP_READ_WINDOW_MS, LOOP_READS_OFF_MS } from "../limits.ts";

/** Admits reads to the loop and learns from what they took. */
export class LoopReads {
  readonly #clock: Clock;
  #offUntilMs = Number.NEGATIVE_INFINITY;
  #windowFromMs = Number.NEGATIVE_INFINITY;
  #spentMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True when a read of pages thought to be cached may run on the loop now. */
  isOpen(): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs < this.#offUntilMs) return false;
    if (nowMs - this.#windowFromMs >= LOOP_READ_WINDOW_MS) {
      this.#windowFromMs = nowMs;
      this.#spentMs = 0;
    }
    return this.#spentMs < LOOP_READ_SHARE_MS;
  }

  /** Runs `read` and remembers what it took. */
  run(read: () => number): number {
    const fromMs = this.#clock.monotonicMs();
    try {
      return read();
    } finally {
      const nowMs = this.#clock.monotonicMs();
      this.#spentMs += nowMs - fromMs;
      if (nowMs - fromMs > LOOP_READ_SLOW_MS) this.#offUntilMs = nowMs + LOOP_READS_OFF_MS;
    }
  }
}
