// Cleaning as work that stops in two ways: after each small piece (`undefined`), and for something that the
// pool or a timer does (a `Wait`). So the whole of it is written down as one sequence of steps, and whoever
// runs it, slices of the loop or a worker, decides about turns. Not here: what is done (clean-log.ts).
import type { DiskDone, Pieces, SlicedWork, Slices, WorkEnd } from "@ottla/ports";
import type { CachedFile } from "../segment/file-cache.ts";

/** Starts something; `resume` is called once, in a later turn. */
export type Wait = (resume: () => void) => void;

/** Work with waits. */
export type Cleaning<Result> = Generator<Wait | undefined, Result, undefined>;

/** The log is no longer what it was when its cleaning began (cut, deleted, closed, reopened). */
export class CleaningAborted extends Error {
  override readonly name: string = "CleaningAborted";
}

/** The log cannot be cleaned, now or later: it is damaged, or in a format that the cleaner does not know. */
export class UncleanableLog extends Error {
  override readonly name: string = "UncleanableLog";
}

/** A cleaning under way. */
export interface RunningCleaning {
  /** Nothing of it runs any more but its `finally`. */
  cancel(): void;
}

/** Runs `cleaning` in slices of the loop. */
export function runCleaning<Result>(
  slices: Slices,
  cleaning: Cleaning<Result>,
  end: WorkEnd<Result>,
  name: string = "log cleaning",
): RunningCleaning {
  let work: SlicedWork | null = null;
  let isCancelled = false;
  const go = (): void => {
    if (isCancelled) return;
    work = slices.run(name, untilWait(cleaning), {
      done: (stop) => {
        if (stop.kind === "ended") end.done(stop.result);
        else stop.wait(go);
      },
      failed: (error) => {
        if (end.failed === undefined) throw error;
        end.failed(error);
      },
    });
  };
  go();
  return {
    cancel: () => {
      isCancelled = true;
      work?.cancel();
      cleaning.return(undefined as never);
    },
  };
}

type Stop<Result> =
  | { readonly kind: "ended"; readonly result: Result }
  | { readonly kind: "wait"; readonly wait: Wait };

function* untilWait<Result>(cleaning: Cleaning<Result>): Pieces<Stop<Result>> {
  for (;;) {
    const step = cleaning.next();
    if (step.done === true) return { kind: "ended", result: step.value };
    if (step.value !== undefined) return { kind: "wait", wait: step.value };
    yield;
  }
}

/** Waits for what `start` begins; `done` is to be called once, in a later turn. */
export function* resultOf<Result>(start: (done: (result: Result) => void) => void): Cleaning<Result> {
  let results: readonly Result[] = [];
  yield (resume) =>
    start((result) => {
      results = [result];
      resume();
    });
  return results[0] as Result;
}

/** As `resultOf`, for what ends with an error or without one. Throws that error. */
export function* endOf(start: (done: DiskDone) => void): Cleaning<void> {
  const error = yield* resultOf(start);
  if (error !== null) throw error;
}

/** Fills `target` from `position` of `file` on the pool; answers the bytes read. Throws `DiskError`. */
export function* readOnPool(file: CachedFile, target: Uint8Array, position: number): Cleaning<number> {
  const opened = file.opened();
  let bytes = 0;
  yield* endOf((done) =>
    opened.readLater(target, position, (error, bytesRead) => {
      bytes = bytesRead;
      done(error);
    }),
  );
  return bytes;
}

/** Makes the content of `file` durable. Throws `DiskError`. */
export function* syncOnPool(file: CachedFile): Cleaning<void> {
  const opened = file.opened();
  yield* endOf((done) => opened.sync(done));
}
