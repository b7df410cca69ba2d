// Files and directories that are no longer part of any log and go away later, a few at a time and on the
// pool: removing a large cached file takes milliseconds, and readers may still be at it.
import type { Disk, Logger, Pieces } from "@ottla/ports";
import { FILES_REMOVED_PER_TICK_MAX } from "../limits.ts";

interface Doomed {
  readonly path: string;
  readonly dueMs: number;
  readonly isDirectory: boolean;
}

/** Removals to come in one log directory. */
export class DoomedFiles {
  readonly #disk: Disk;
  readonly #logger: Logger;
  #doomed: Doomed[] = [];

  constructor(disk: Disk, logger: Logger) {
    this.#disk = disk;
    this.#logger = logger;
  }

  get count(): number {
    return this.#doomed.length;
  }

  /** `dueMs` is monotonic time. */
  addFile(path: string, dueMs: number): void {
    this.#doomed.push({ path, dueMs, isDirectory: false });
  }

  /** The directory goes with all that is in it. */
  addDirectory(path: string, dueMs: number): void {
    this.#doomed.push({ path, dueMs, isDirectory: true });
  }

  /** Removes what is due, one in a piece. Throws `DiskError`. */
  *tick(nowMs: number): Pieces<void> {
    const due: Doomed[] = [];
    const later: Doomed[] = [];
    for (const doomed of this.#doomed) {
      const isDue = doomed.dueMs <= nowMs && due.length < FILES_REMOVED_PER_TICK_MAX;
      (isDue ? due : later).push(doomed);
    }
    if (due.length === 0) return;
    this.#doomed = later;
    for (const doomed of due) {
      const isGone = doomed.isDirectory ? this.#removeDirectory(doomed.path) : this.#removeFile(doomed.path);
      if (!isGone) this.#doomed.push(doomed);
      yield;
    }
  }

  /** True: gone or on its way. */
  #removeFile(path: string): boolean {
    this.#disk.removeLater(path, (error) => {
      if (error !== null && error.code !== "ENOENT") {
        this.#logger.warn("a deleted file could not be removed", { path, cause: error });
      }
    });
    return true;
  }

  /** Empties the directory first; its own turn comes with a later tick. */
  #removeDirectory(path: string): boolean {
    if (this.#disk.status(path) === null) return true;
    const names = this.#disk.list(path);
    if (names.length === 0) {
      this.#disk.removeDirectory(path);
      return true;
    }
    for (const name of names.slice(0, FILES_REMOVED_PER_TICK_MAX)) this.#removeFile(`${path}/${name}`);
    return false;
  }
}
