// One-shot timers over `setTimeout`. Node counts from the loop's cached, rounded time and may fire up to a
// millisecond early against `performance.now`, and it cannot hold more than 2³¹−1 ms: a timer that finds
// itself early arms once more.
import type { Clock } from "../clock.ts";
import type { TimerHandle, Timers } from "../timers.ts";
import { TIMER_STEP_MS_MAX } from "./limits.ts";

class NodeTimer implements TimerHandle {
  readonly dueMs: number;
  readonly #clock: Clock;
  #callback: (() => void) | null;
  readonly #keepsProcess: boolean;
  #timeout: NodeJS.Timeout | undefined;

  constructor(clock: Clock, delayMs: number, callback: () => void, keepsProcess: boolean) {
    this.#clock = clock;
    this.#keepsProcess = keepsProcess;
    this.dueMs = clock.monotonicMs() + delayMs;
    this.#callback = callback;
    this.#arm(delayMs);
  }

  clear(): void {
    this.#callback = null;
    clearTimeout(this.#timeout);
  }

  #arm(delayMs: number): void {
    this.#timeout = setTimeout(() => this.#fire(), Math.min(Math.ceil(delayMs), TIMER_STEP_MS_MAX));
    if (!this.#keepsProcess) this.#timeout.unref();
  }

  #fire(): void {
    const callback = this.#callback;
    if (callback === null) return;
    const remainingMs = this.dueMs - this.#clock.monotonicMs();
    if (remainingMs > 0) {
      this.#arm(remainingMs);
      return;
    }
    this.#callback = null;
    callback();
  }
}

/** Timers of the event loop. They keep the process alive only when told so, as a client that waits needs. */
export function createNodeTimers(clock: Clock, options: { readonly keepsProcess?: boolean } = {}): Timers {
  const keepsProcess = options.keepsProcess ?? false;
  return {
    set(delayMs: number, callback: () => void): TimerHandle {
      if (!(delayMs >= 0)) throw new RangeError(`timer delay ${delayMs} is not ≥ 0`);
      return new NodeTimer(clock, delayMs, callback, keepsProcess);
    },
    clear(handle: TimerHandle): void {
      if (!(handle instanceof NodeTimer)) throw new TypeError("a timer of other Timers");
      handle.clear();
    },
  };
}
