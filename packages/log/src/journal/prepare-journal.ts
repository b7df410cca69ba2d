// Making the file of a sync journal: its zeros are written and synced in steps, so that no fdatasync of a log
// waits behind all of them; then the headers, then its name. What a sync finds there later has its place
// already, which is what makes it quick.
import { type Disk, DiskError, type DiskFile, type Ports } from "@ottla/ports";
import { JOURNAL_ZEROS_BYTES } from "../limits.ts";
import { encodeHalfHeader, SYNC_JOURNAL } from "./journal-format.ts";

/** Completion: the open file, or why there is none. Runs in a later turn. */
export type PreparedDone = (result: DiskFile | DiskError) => void;

/** What to make. */
export interface JournalPlan {
  readonly halfBytes: number;
  /** Of the two halves. */
  readonly generations: readonly [number, number];
  /** Asked between the steps. */
  readonly isWanted: () => boolean;
}

/** Makes the journal of `directory`. */
export function prepareSyncJournal(
  { disk }: Ports,
  directory: string,
  { halfBytes, generations, isWanted }: JournalPlan,
  done: PreparedDone,
): void {
  const path = `${directory}/${SYNC_JOURNAL}`;
  let file: DiskFile;
  try {
    removeSyncJournal(disk, directory);
    file = disk.open(path, "create");
  } catch (error) {
    fail(null, error);
    return;
  }
  const zeros = new Uint8Array(Math.min(JOURNAL_ZEROS_BYTES, 2 * halfBytes));
  let position = 0;
  step(null);

  function step(error: DiskError | null): void {
    if (error !== null || !isWanted()) {
      fail(file, error ?? new DiskError("write", path, "the directory is no longer in use"));
      return;
    }
    try {
      if (position < 2 * halfBytes) {
        file.write([zeros.subarray(0, Math.min(zeros.length, 2 * halfBytes - position))], position);
        position += zeros.length;
        file.sync(step);
      } else {
        generations.forEach((generation, half) => {
          file.write([encodeHalfHeader({ generation, halfBytes })], half * halfBytes);
        });
        file.sync(named);
      }
    } catch (thrown) {
      fail(file, thrown);
    }
  }

  function named(error: DiskError | null): void {
    if (error !== null || !isWanted()) {
      fail(file, error ?? new DiskError("write", path, "the directory is no longer in use"));
      return;
    }
    try {
      disk.syncDirectory(directory);
    } catch (thrown) {
      fail(file, thrown);
      return;
    }
    done(file);
  }

  function fail(opened: DiskFile | null, error: unknown): void {
    if (!(error instanceof DiskError)) throw error;
    opened?.close();
    done(error);
  }
}

/** Removes the journal when there is one; its name is gone for good when it returns. Throws `DiskError`. */
export function removeSyncJournal(disk: Disk, directory: string): void {
  const path = `${directory}/${SYNC_JOURNAL}`;
  if (disk.status(path) === null) return;
  disk.remove(path);
  disk.syncDirectory(directory);
}
