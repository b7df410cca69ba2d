// What makes a new log durable besides its segments: the name of its directory, and of which topic it is.
// Both wait for the first sync that something depends on, so that to create a log costs no sync: one without
// records has nothing to lose, the cluster's metadata makes it anew. Invariant: no record of a log counts as
// durable before this is (sync-files.ts).
import { type Disk, type DiskDone, DiskError, type DiskFile } from "@ottla/ports";
import { openPartitionMetadata } from "../checkpoint/partition-metadata.ts";
import type { DirectoryNames } from "./directory-names.ts";

/** The creation of one log, until it is durable. */
export class LogCreation {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #names: DirectoryNames;

  /** `path` is that of the partition's directory, `names` are those it is among. */
  constructor(disk: Disk, path: string, names: DirectoryNames) {
    this.#disk = disk;
    this.#path = path;
    this.#names = names;
  }

  /** `done(null)` once it is durable; mostly in a later turn. */
  sync(done: DiskDone): void {
    let file: DiskFile;
    try {
      file = openPartitionMetadata(this.#disk, this.#path);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      done(error);
      return;
    }
    let failure: DiskError | null = null;
    let left = 2;
    const ended: DiskDone = (error) => {
      failure ??= error;
      left -= 1;
      if (left === 0) done(failure);
    };
    file.sync(ended);
    file.close();
    this.#names.sync(ended);
  }

  /** Blocks. Throws `DiskError`. */
  syncNow(): void {
    const file = openPartitionMetadata(this.#disk, this.#path);
    try {
      file.syncNow();
    } finally {
      file.close();
    }
    this.#names.syncNow();
  }
}
