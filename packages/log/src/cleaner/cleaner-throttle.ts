// How fast cleaning may read and write (`log.cleaner.io.max.bytes.per.second`), over all cleanings of a
// broker. Debt is paid by waiting; a burst of a tenth of a second is free.
import type { Clock, Timers } from "@ottla/ports";
import { CLEANER_BURST_MS } from "../limits.ts";
import type { Cleaning } from "./cleaning.ts";

/** Bounds the bytes per second. */
export class CleanerThrottle {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #bytesPerSecond: number;
  /** When everything charged so far would be done at the allowed rate. Monotonic milliseconds. */
  #paidUntilMs = 0;

  constructor(ports: { readonly clock: Clock; readonly timers: Timers }, bytesPerSecond: number) {
    this.#clock = ports.clock;
    this.#timers = ports.timers;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Charges `bytes`; waits when too many were charged. */
  *pay(bytes: number): Cleaning<void> {
    const nowMs = this.#clock.monotonicMs();
    this.#paidUntilMs = Math.max(this.#paidUntilMs, nowMs) + (bytes * 1000) / this.#bytesPerSecond;
    const aheadMs = this.#paidUntilMs - nowMs;
    if (aheadMs > CLEANER_BURST_MS) {
      yield (resume) => {
        this.#timers.set(Math.ceil(aheadMs), resume);
      };
    }
  }
}
