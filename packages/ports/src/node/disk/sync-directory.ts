// Makes the names in a directory durable. Windows cannot open directories and keeps its names in a journal:
// nothing to do there.
import { close, closeSync, fsync, fsyncSync, open, openSync } from "node:fs";
import type { DiskDone } from "../../disk.ts";
import { toDiskError } from "./disk-error.ts";

/** The directory that holds `path`. */
export function parentDirectory(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

/** Blocks until the names are durable. Throws what the system call threw. */
export function syncDirectory(path: string): void {
  if (process.platform === "win32") return;
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The same on the pool. */
export function syncDirectoryLater(path: string, done: DiskDone): void {
  if (process.platform === "win32") {
    setImmediate(() => done(null));
    return;
  }
  open(path, "r", (openError, fd) => {
    if (openError !== null) {
      done(toDiskError("syncDirectory", path, openError));
      return;
    }
    fsync(fd, (syncError) => {
      close(fd, (closeError) => {
        const error = syncError ?? closeError ?? null;
        done(error === null ? null : toDiskError("syncDirectory", path, error));
      });
    });
  });
}
