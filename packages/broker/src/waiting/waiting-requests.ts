// Everything of this broker that waits: the one timing wheel, and the fetches that have news to look at in
// this turn. Invariant: a fetch is evaluated once per turn, after every partition of the turn has settled.
import type { Clock, Timers } from "@ottla/ports";
import type { TurnEnd } from "../turn-end.ts";
import { type TimerTask, TimingWheel } from "./timing-wheel.ts";

/** Something to look at again at the end of the turn. */
export interface Evaluated {
  evaluate(): void;
}

/** The waiting requests of one broker. */
export class WaitingRequests {
  readonly clock: Clock;
  readonly #wheel: TimingWheel;
  readonly #turnEnd: TurnEnd;
  #scheduled: Evaluated[] = [];
  #isInPhase = false;

  /** Made after the partitions' registry, whose part of phase "waiting" comes first. */
  constructor(options: { readonly clock: Clock; readonly timers: Timers; readonly turnEnd: TurnEnd }) {
    this.clock = options.clock;
    this.#wheel = new TimingWheel(options.clock, options.timers);
    this.#turnEnd = options.turnEnd;
    options.turnEnd.onPhase("waiting", this.#evaluate);
  }

  /** Runs `task.timedOut` once unless it is cancelled. */
  setTimeout(task: TimerTask, delayMs: number): void {
    this.#wheel.set(task, delayMs);
  }

  /**
   * Evaluates at the end of this turn. Called by a partition that settles, that is the phase under way, else
   * a turn end is asked for.
   */
  schedule(waiting: Evaluated): void {
    this.#scheduled.push(waiting);
    if (this.#isInPhase) this.#turnEnd.request();
  }

  /** Forgets every timeout; what waits stays unanswered. */
  close(): void {
    this.#wheel.close();
  }

  readonly #evaluate = (): void => {
    const scheduled = this.#scheduled;
    if (scheduled.length === 0) return;
    this.#scheduled = [];
    this.#isInPhase = true;
    for (const waiting of scheduled) waiting.evaluate();
    this.#isInPhase = false;
  };
}
