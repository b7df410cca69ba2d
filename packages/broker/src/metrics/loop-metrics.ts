// How late the event loop runs, and what held it for longer than a step may take, phases of a turn and slices
// of long work: a timer that should have fired every interval tells by how much it was held up.
import type { Ports, TimerHandle } from "@ottla/ports";
import type { TurnPhase } from "../turn-end.ts";
import { Counter, Histogram, type MetricSample } from "./metric.ts";
import { stepMsMax } from "./step-limit.ts";

const probeIntervalMs = 500;
/** Milliseconds. */
const delayBounds = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 5000];

/** Delay of the loop. */
export class LoopMetrics {
  readonly #delayMs = new Histogram(delayBounds);
  readonly #longPhases = new Map<TurnPhase, Counter>();
  readonly #longSlices = new Map<string, Counter>();
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

  phaseTook(phase: TurnPhase, ms: number): void {
    if (ms > stepMsMax) count(this.#longPhases, phase);
  }

  /** `work` is a name that the code gave. */
  sliceTook(work: string, ms: number): void {
    if (ms > stepMsMax) count(this.#longSlices, work);
  }

  samples(): MetricSample[] {
    const longPhases = [...this.#longPhases].map(
      ([phase, { value }]): MetricSample => ({
        name: "ottla_turn_long_phases_total",
        kind: "counter",
        help: "Phases of a turn's end above 5 ms.",
        labels: { phase },
        value,
      }),
    );
    const longSlices = [...this.#longSlices].map(
      ([work, { value }]): MetricSample => ({
        name: "ottla_long_slices_total",
        kind: "counter",
        help: "Slices of long work above 5 ms.",
        labels: { work },
        value,
      }),
    );
    return [
      ...longPhases,
      ...longSlices,
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

function count<Key>(counters: Map<Key, Counter>, key: Key): void {
  let counter = counters.get(key);
  if (counter === undefined) {
    counter = new Counter();
    counters.set(key, counter);
  }
  counter.add(1);
}
