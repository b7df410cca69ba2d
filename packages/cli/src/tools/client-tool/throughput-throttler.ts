// Keeps a sender at a rate. Below zero there is no limit; at zero nothing more is sent until the tool ends.
import type { Ports } from "@ottla/ports";

/** Sleeping less than this is not worth it: the debt is collected. */
const SLEEP_MS_MIN = 2;
/** A rate of zero: as long as a timer may run. */
const FOREVER_MS = 2 ** 31 - 1;

/** One sender's rate, from `startMs` on. */
export class ThroughputThrottler {
  readonly #perSecond: number;
  readonly #startMs: number;
  readonly #ports: Pick<Ports, "clock" | "timers">;
  #debtMs = 0;

  constructor(perSecond: number, startMs: number, ports: Pick<Ports, "clock" | "timers">) {
    this.#perSecond = perSecond;
    this.#startMs = startMs;
    this.#ports = ports;
  }

  /** Whether `count` sends by `nowMs` are ahead of the rate. */
  shouldThrottle(count: number, nowMs: number): boolean {
    if (this.#perSecond < 0) return false;
    const elapsedSeconds = (nowMs - this.#startMs) / 1000;
    return elapsedSeconds > 0 && count / elapsedSeconds > this.#perSecond;
  }

  /** Waits for the time of one send, or collects it for a longer sleep. */
  async throttle(): Promise<void> {
    if (this.#perSecond === 0) return this.#sleep(FOREVER_MS);
    this.#debtMs += 1000 / this.#perSecond;
    if (this.#debtMs < SLEEP_MS_MIN) return;
    const sleptFromMs = this.#ports.clock.wallMs();
    await this.#sleep(this.#debtMs);
    this.#debtMs -= this.#ports.clock.wallMs() - sleptFromMs;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#ports.timers.set(ms, resolve);
    });
  }
}
