// Work too long for the loop and not plain I/O: checking a whole segment, cleaning a log. It runs in one
// worker thread, a task at a time; in the simulator as an event of its own.

/** Completion of a chore. */
export type ChoreDone<Result> = (result: Result | Error) => void;

/** A chore: input and result must survive a structured clone. It brings its own disk and codecs. */
export type Chore = (input: unknown) => unknown;

/**
 * Chores by name. The program's chore module exports one as `chores`; the simulator is given one per node.
 */
export type ChoreTable = ReadonlyMap<string, Chore>;

/** A chore is named so that a worker, which shares no closures with the loop, can find it. */
export interface Chores {
  /** Runs the chore called `name` with structured-cloneable `input`. `done` runs in a later turn. */
  run<Result>(name: string, input: unknown, done: ChoreDone<Result>): void;
}
