// Long work in slices of the event loop, so that no step holds it for long: the one mechanism for handlers,
// codecs, publishers and recovery. Work is a generator that yields after each small piece. A slice ends by
// the clock or after a number of pieces, which bounds it in a simulation too, where a step takes no time.
// Invariant: however much work there is, one slice of one work runs per turn, the works taking turns. Not
// here: what a piece is. State that a work looks at may change at every yield.
import type { Clock } from "../clock.ts";
import type { Turn } from "../turn.ts";

/** Work in pieces: each `next` does one, the last one returns the result. */
export type Pieces<Result> = Generator<undefined, Result, undefined>;

/** How a work ends; exactly one of them runs, once, unless it is cancelled. */
export interface WorkEnd<Result> {
  done(result: Result): void;
  /** The work threw. Without it that is a bug, and thrown on. */
  failed?(error: unknown): void;
}

/** Work under way. */
export interface SlicedWork {
  readonly isEnded: boolean;
  /** Nothing of it runs any more but its `finally`. No effect once it ended. */
  cancel(): void;
}

/** Hears how long each slice took, in milliseconds. */
export type SliceObserver = (name: string, tookMs: number) => void;

/** Runs long works. One for a node. */
export class Slices {
  readonly #turn: Turn;
  readonly #clock: Clock;
  readonly #waiting: Work<unknown>[] = [];
  #isScheduled = false;
  #isInSlice = false;
  #observer: SliceObserver | null = null;

  constructor(ports: { readonly turn: Turn; readonly clock: Clock }) {
    this.#turn = ports.turn;
    this.#clock = ports.clock;
  }

  observe(observer: SliceObserver): void {
    this.#observer = observer;
  }

  /**
   * Runs the first slice at once, so that short work ends before the return and costs a call; within another
   * slice it waits for its turn. `name` is for the observer.
   */
  run<Result>(name: string, pieces: Pieces<Result>, end: WorkEnd<Result>): SlicedWork {
    const work = new Work(name, pieces, end);
    if (this.#isInSlice || !work.runSlice(this.#clock)) this.#wait(work as Work<unknown>);
    return work;
  }

  /** As `run`, but never before a later turn. */
  later<Result>(name: string, pieces: Pieces<Result>, end: WorkEnd<Result>): SlicedWork {
    const work = new Work(name, pieces, end);
    this.#wait(work as Work<unknown>);
    return work;
  }

  #wait(work: Work<unknown>): void {
    this.#waiting.push(work);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#turn.nextSlice(this.#runNext);
  }

  readonly #runNext = (): void => {
    this.#isScheduled = false;
    let work = this.#waiting.shift();
    while (work?.isEnded === true) work = this.#waiting.shift();
    if (work === undefined) return;
    const beganMs = this.#clock.monotonicMs();
    this.#isInSlice = true;
    try {
      if (!work.runSlice(this.#clock)) this.#waiting.push(work);
    } finally {
      this.#isInSlice = false;
      this.#observer?.(work.name, this.#clock.monotonicMs() - beganMs);
      if (this.#waiting.length > 0 && !this.#isScheduled) {
        this.#isScheduled = true;
        this.#turn.nextSlice(this.#runNext);
      }
    }
  };
}

/** One work. */
class Work<Result> implements SlicedWork {
  readonly name: string;
  isEnded = false;
  #isRunning = false;
  readonly #pieces: Pieces<Result>;
  readonly #end: WorkEnd<Result>;

  constructor(name: string, pieces: Pieces<Result>, end: WorkEnd<Result>) {
    this.name = name;
    this.#pieces = pieces;
    this.#end = end;
  }

  /** False: there is more. */
  runSlice(clock: Clock): boolean {
    const endMs = clock.monotonicMs() + sliceLimits.msMax;
    for (let count = 1; ; count += 1) {
      let step: IteratorResult<undefined, Result>;
      this.#isRunning = true;
      try {
        step = this.#pieces.next();
      } catch (error) {
        this.isEnded = true;
        if (this.#end.failed === undefined) throw error;
        this.#end.failed(error);
        return true;
      } finally {
        this.#isRunning = false;
      }
      if (this.isEnded) {
        // Cancelled by what it called itself.
        this.#pieces.return(undefined as never);
        return true;
      }
      if (step.done === true) {
        this.isEnded = true;
        this.#end.done(step.value);
        return true;
      }
      if (count >= sliceLimits.piecesMax || clock.monotonicMs() >= endMs) return false;
    }
  }

  cancel(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    if (!this.#isRunning) this.#pieces.return(undefined as never);
  }
}

/** Bounds of a slice. */
const sliceLimits = {
  /**
   * Well below the 5 ms that a step may take: the last piece is still to end, and other work shares the turn.
   */
  msMax: 2,
  piecesMax: 16,
} as const;

/** A piece of a loop over small things. */
const itemsPerPiece = 64;

/** True after every so many items of a loop: `if (endsPiece(++count)) yield;`. */
export function endsPiece(itemCount: number): boolean {
  return itemCount % itemsPerPiece === 0;
}

/** Runs all of it now: where nothing else wants the loop, as at a start or in a test. */
export function runWhole<Result>(pieces: Pieces<Result>): Result {
  for (;;) {
    const step = pieces.next();
    if (step.done === true) return step.value;
  }
}
