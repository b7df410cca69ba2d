// How late the event loop runs, and what held it for longer than a step may take: phases of a turn, slices of
// long work, the regular work of a broker. A timer that should have fired every interval tells by how much it
// was held up. Not here: steps of requests (request-metrics.ts).
import type { Ports, TimerHandle } from "@ottla/ports";
import type { TurnPhase } from "../turn-end.ts";
import { LongSteps } from "./long-steps.ts";
import { counter, gauge, Histogram, type MetricSample } from "./metric.ts";

const probeIntervalMs = 500;
/** Milliseconds. */
const delayBounds = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 5000];

/** Regular work, each run of which is one step. */
export type TickName = "logs" | "controller" | "groups";

/** Delay of the loop. */
export class LoopMetrics {
  readonly #delayMs = new Histogram(delayBounds);
  readonly #longPhases = new LongSteps<TurnPhase>();
  readonly #longSlices = new LongSteps<string>();
  readonly #longTicks = new LongSteps<TickName>();
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
    this.#longPhases.took(phase, ms);
  }

  /** `work` is a name that the code gave. */
  sliceTook(work: string, ms: number): void {
    this.#longSlices.took(work, ms);
  }

  tickTook(tick: TickName, ms: number): void {
    this.#longTicks.took(tick, ms);
  }

  samples(): MetricSample[] {
    return [
      ...longStepSamples(this.#longPhases, "phase", {
        count: ["ottla_turn_long_phases_total", "Phases of a turn's end above 5 ms."],
        longest: ["ottla_turn_longest_phase_ms", "The longest of those phases."],
      }),
      ...longStepSamples(this.#longSlices, "work", {
        count: ["ottla_long_slices_total", "Slices of long work above 5 ms."],
        longest: ["ottla_longest_slice_ms", "The longest of those slices."],
      }),
      ...longStepSamples(this.#longTicks, "work", {
        count: ["ottla_long_ticks_total", "Runs of a broker's regular work above 5 ms."],
        longest: ["ottla_longest_tick_ms", "The longest of those runs."],
      }),
      gauge("ottla_loop_delay_longest_ms", "The longest delay so far.", this.#longestMs),
      {
        name: "ottla_loop_delay_ms",
        kind: "histogram",
        help: "How late a timer fired, in milliseconds.",
        labels: {},
        value: this.#delayMs.count,
        sum: this.#delayMs.sum,
        buckets: this.#delayMs.buckets(),
      },
    ];
  }
}

/** Name and meaning. */
type Described = readonly [string, string];

function longStepSamples(
  steps: LongSteps<string>,
  label: string,
  metrics: { readonly count: Described; readonly longest: Described },
): MetricSample[] {
  return [...steps.offenders()].flatMap(([name, { count, longestMs }]) => {
    const labels = { [label]: name };
    return [counter(...metrics.count, count, labels), gauge(...metrics.longest, longestMs, labels)];
  });
}
