// Makes the names in a directory durable. Windows cannot open directories and keeps its names in a journal:
// nothing to do there.
import { closeSync, fsyncSync, openSync } from "node:fs";

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
