// How late the event loop runs: a timer that should have fired every interval tells by how much it was held
// up.
import type { Ports, TimerHandle } from "@ottla/ports";
import { Histogram, type MetricSample } from "./metric.ts";

const probeIntervalMs = 500;
/** Milliseconds. */
const delayBounds = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 5000];

/** Delay of the loop. */
export class LoopMetrics {
  readonly #delayMs = new Histogram(delayBounds);
  #timer: TimerHandle | null = null;
  #longestMs = 0;

  /** Begins to probe; `stop` ends it. */
  start(ports: Pick<Ports, "clock" | "timers">): void {
    const dueMs = ports.clock.monotonicMs() + probeIntervalMs;
    this.#timer = ports.timers.set(probeIntervalMs, () => {
      const lateMs = Math.max(0, ports.clock.monotonicMs() - dueMs);
      this.#delayMs.observe(lateMs);
      if (lateMs > this.#longestMs) this.#longestMs = lateMs;
      this.start(ports);
    });
  }

  stop(ports: Pick<Ports, "timers">): void {
    if (this.#timer !== null) ports.timers.clear(this.#timer);
    this.#timer = null;
  }

  samples(): MetricSample[] {
    return [
      {
        name: "ottla_loop_delay_ms",
        kind: "histogram",
        help: "How late a timer fired, in milliseconds.",
        labels: {},
        value: this.#delayMs.count,
        sum: this.#delayMs.sum,
        buckets: this.#delayMs.buckets(),
      },
      {
        name: "ottla_loop_delay_longest_ms",
        kind: "gauge",
        help: "The longest delay so far.",
        labels: {},
        value: this.#longestMs,
      },
    ];
  }
}
