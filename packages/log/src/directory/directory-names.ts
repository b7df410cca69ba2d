// The names in a log directory, made durable on the pool: one fsync of the directory for all who asked while
// the one before was under way. Invariant: a sync answers for names changed before it was asked for.
import type { Disk, DiskDone } from "@ottla/ports";

/** The names in one directory. */
export class DirectoryNames {
  readonly #disk: Disk;
  readonly #path: string;
  #waiting: DiskDone[] = [];
  #isSyncing = false;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.#path = path;
  }

  /** `done` runs in a later turn. */
  sync(done: DiskDone): void {
    this.#waiting.push(done);
    if (!this.#isSyncing) this.#start();
  }

  /** Throws `DiskError`. */
  syncNow(): void {
    this.#disk.syncDirectory(this.#path);
  }

  #start(): void {
    const answered = this.#waiting;
    this.#waiting = [];
    this.#isSyncing = true;
    this.#disk.syncDirectoryLater(this.#path, (error) => {
      this.#isSyncing = false;
      if (this.#waiting.length > 0) this.#start();
      for (const done of answered) done(error);
    });
  }
}
