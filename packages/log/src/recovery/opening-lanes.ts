// Opens logs side by side, so many of each directory at a time (`num.recovery.threads.per.data.dir`): while
// the loop checks the batches of one, in slices, the pool syncs the files of others. The first failure ends
// all lanes. To read ahead on the pool was tried: with two cores it made cold and warm starts slower.
import type { Slices, Turn } from "@ottla/ports";
import { type Cleaning, type RunningCleaning, runCleaning } from "../cleaner/cleaning.ts";

/** The logs of one directory. */
export interface LogsToOpen<Log> {
  readonly logs: readonly Log[];
  /** How many at a time. */
  readonly lanes: number;
  open(log: Log): Cleaning<void>;
  /** All are open. */
  opened(): void;
}

/** How it ends; one of them runs, in a later turn. */
export interface OpeningEnd {
  done(): void;
  failed(error: unknown): void;
}

/** Opens everything. */
export function openInLanes<Log>(
  ports: { readonly slices: Slices; readonly turn: Turn },
  directories: readonly LogsToOpen<Log>[],
  end: OpeningEnd,
): void {
  const running: RunningCleaning[] = [];
  let directoriesLeft = directories.length;
  let isEnded = false;
  const fail = (error: unknown): void => {
    if (isEnded) return;
    isEnded = true;
    for (const lane of running) lane.cancel();
    end.failed(error);
  };
  const openedDirectory = (directory: LogsToOpen<Log>): void => {
    try {
      directory.opened();
    } catch (error) {
      fail(error);
      return;
    }
    if (--directoriesLeft === 0) {
      isEnded = true;
      end.done();
    }
  };
  ports.turn.nextSlice(() => {
    for (const directory of directories) {
      const queue = directory.logs.values();
      let lanesLeft = Math.max(1, Math.min(directory.lanes, directory.logs.length));
      for (let lane = lanesLeft; lane > 0 && !isEnded; lane--) {
        const done = (): void => {
          if (!isEnded && --lanesLeft === 0) openedDirectory(directory);
        };
        const failed = (error: unknown): void => fail(error);
        running.push(runCleaning(ports.slices, openNext(directory, queue), { done, failed }, "log opening"));
      }
    }
  });
}

function* openNext<Log>(directory: LogsToOpen<Log>, queue: IterableIterator<Log>): Cleaning<void> {
  for (let next = queue.next(); next.done !== true; next = queue.next()) {
    yield* directory.open(next.value);
    yield;
  }
}
