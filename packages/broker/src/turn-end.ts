// The order of work at the end of a turn of the event loop. Everything that a turn made dirty is handled
// here: coordinators append what they decided before logs are written, logs are written before partitions
// look at them, partitions move before waiting requests are tried, replies are gathered before sockets are
// written.
import type { Turn } from "@ottla/ports";

export type TurnPhase = "coordinators" | "logs" | "partitions" | "waiting" | "connections";

/**
 * Phases in the order in which they run. What gathered behind a commit is on its way to the disk before the
 * replies to that commit take their time.
 */
const turnPhases: readonly TurnPhase[] = [
  "coordinators",
  "logs",
  "partitions",
  "coordinators",
  "logs",
  "waiting",
  "connections",
];

/** Hears how long the phases took. */
export interface TurnObserver {
  /** Monotonic. */
  nowMs(): number;
  phaseTook(phase: TurnPhase, ms: number): void;
}

/** Runs the registered work of each phase at the end of each turn that asked for it. */
export class TurnEnd {
  readonly #turn: Turn;
  readonly #work = new Map<TurnPhase, (() => void)[]>();
  #isRequested = false;
  #observer: TurnObserver | null = null;

  constructor(turn: Turn) {
    this.#turn = turn;
    for (const phase of turnPhases) this.#work.set(phase, []);
  }

  /** Adds work to a phase for the life of the broker. */
  onPhase(phase: TurnPhase, work: () => void): void {
    this.#work.get(phase)?.push(work);
  }

  observe(observer: TurnObserver): void {
    this.#observer = observer;
  }

  /** Asks for a run at the end of this turn; free when already asked. */
  readonly request = (): void => {
    if (this.#isRequested) return;
    this.#isRequested = true;
    this.#turn.atEnd(this.#run);
  };

  readonly #run = (): void => {
    // Cleared first: work that makes something dirty in a phase already passed asks for one more run.
    this.#isRequested = false;
    const observer = this.#observer;
    let beganMs = observer?.nowMs() ?? 0;
    for (const phase of turnPhases) {
      const works = this.#work.get(phase);
      if (works !== undefined) for (const work of works) work();
      if (observer === null) continue;
      const endedMs = observer.nowMs();
      observer.phaseTook(phase, endedMs - beganMs);
      beganMs = endedMs;
    }
  };
}
