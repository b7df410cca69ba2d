// Has the event loop watched, so that a broker whose loop stands still is gone for its clients when its
// session is over, and not before. Begins once clients have been connected for a while: a node that nobody
// uses keeps nobody waiting, and the second thread has its price in memory. Beats come from the loop alone.
// Not here: the thread (package ports).
import type { Logger, Watchdog } from "@ottla/ports";
import { lifecycleLimits } from "../limits.ts";
import { gauge, type MetricSample } from "../metrics/metric.ts";

/** The watch of one broker. */
export class LoopWatch {
  readonly #watchdog: Watchdog;
  readonly #sessionTimeoutMs: number;
  readonly #logger: Logger;
  /** Since when there were clients at every tick; monotonic. */
  #connectedSinceMs: number | null = null;
  #hasFailed = false;

  constructor(watchdog: Watchdog, sessionTimeoutMs: number, logger: Logger) {
    this.#watchdog = watchdog;
    this.#sessionTimeoutMs = sessionTimeoutMs;
    this.#logger = logger;
  }

  /** Called by the loop every `lifecycleLimits.tickMs`, with monotonic time. */
  tick(nowMs: number, connectionCount: number): void {
    if (this.#watchdog.isWatching) {
      this.#watchdog.beat();
      return;
    }
    if (connectionCount === 0) this.#connectedSinceMs = null;
    else this.#connectedSinceMs ??= nowMs;
    if (this.#connectedSinceMs === null || this.#hasFailed) return;
    if (nowMs - this.#connectedSinceMs >= lifecycleLimits.watchAfterMs) this.#watch();
  }

  stop(): void {
    this.#watchdog.stop();
  }

  samples(): MetricSample[] {
    return [
      gauge(
        "ottla_watchdog_watching",
        "1 while a second thread would end a process whose event loop is silent.",
        +this.#watchdog.isWatching,
      ),
      gauge(
        "ottla_watchdog_longest_silence_ms",
        "The longest silence of the event loop that the watchdog saw, which hears of it twice a second.",
        this.#watchdog.longestSilenceMs,
      ),
    ];
  }

  #watch(): void {
    const silenceMsMax = Math.max(this.#sessionTimeoutMs, lifecycleLimits.silenceMsMin);
    this.#watchdog.watch({
      silenceMsMax,
      lastWords:
        `Killing this process: its event loop did nothing for ${silenceMsMax} ms (broker.session.timeout.ms), ` +
        "so that other brokers can take over; the next start recovers the logs",
      failed: (cause) => {
        // Tried once: what a thread died of does not change by itself, and the broker serves without it.
        this.#hasFailed = true;
        this.#logger.warn("nobody watches the event loop any more", { cause: cause.message });
      },
    });
  }
}
