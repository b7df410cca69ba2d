// The exclusive claim on a data directory: an operating-system lock on `<directory>/.lock`, the file that
// Apache Kafka locks too. Node has no call for file locks, but its built-in SQLite takes one (fcntl on Unix,
// LockFileEx on Windows) when a transaction begins exclusively. Such a lock is released by the kernel when
// its holder ends in whatever way, holds between containers that share a volume, and overlaps the range that
// a JVM locks, so that either broker refuses the other's directory. The journal stays in memory and nothing
// is ever written: `.lock` remains the empty file that Kafka leaves. Rejected: a file with pid and start
// time, which cannot tell processes of other containers and races at take-over.
import { accessSync, constants } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { DiskError, type DiskLock } from "../../disk.ts";
import { attempt } from "./disk-error.ts";

const SQLITE_BUSY = 5;

/** Locks held through one disk. It keeps their databases reachable: a collected one would drop its lock. */
export class DirectoryLocks {
  readonly #held = new Set<DatabaseSync>();

  /** Null when another holder, in this process or any other, has the lock. Throws `DiskError`. */
  acquire(directory: string): DiskLock | null {
    const path = `${directory}/.lock`;
    // SQLite would say only "unable to open". The file itself must not be opened here: closing any other
    // descriptor of it would drop the lock that this process may hold.
    attempt("lock", directory, () => accessSync(directory, constants.R_OK | constants.W_OK));
    const database = openDatabase(path);
    try {
      database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    } catch (error) {
      database.close();
      if (isBusy(error)) return null;
      throw new DiskError("lock", path, "EIO", { cause: error });
    }
    this.#held.add(database);
    return {
      release: () => {
        if (this.#held.delete(database)) database.close();
      },
    };
  }
}

function openDatabase(path: string): DatabaseSync {
  // Loaded on first use: a client or a tool never needs it.
  const sqlite = process.getBuiltinModule("node:sqlite");
  if (sqlite === undefined) throw new DiskError("lock", path, "ENOTSUP");
  try {
    return new sqlite.DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw new DiskError("lock", path, "EACCES", { cause: error });
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}
