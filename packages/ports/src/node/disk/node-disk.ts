// The real file system. Blocking calls are the `…Sync` functions of `node:fs`, later ones its callback
// functions on libuv's pool; every failure of the system is a `DiskError` with its code.
import {
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statfsSync,
  statSync,
  unlink,
  unlinkSync,
} from "node:fs";
import type { Disk, DiskDone, DiskFile, DiskLock, DiskSpace, FileStatus, OpenMode } from "../../disk.ts";
import { DirectoryLocks } from "./directory-lock.ts";
import { attempt, toDiskError } from "./disk-error.ts";
import { NodeFile } from "./node-file.ts";
import { FileReplacements } from "./replace-file.ts";
import { syncDirectory, syncDirectoryLater } from "./sync-directory.ts";

const OPEN_FLAGS: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR | constants.O_CREAT,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
};
const FILE_MODE = 0o644;

class NodeDisk implements Disk {
  readonly #replacements = new FileReplacements();
  readonly #locks = new DirectoryLocks();

  open(path: string, mode: OpenMode): DiskFile {
    return attempt("open", path, () => new NodeFile(path, openSync(path, OPEN_FLAGS[mode], FILE_MODE)));
  }

  status(path: string): FileStatus | null {
    const stats = attempt("status", path, () => statSync(path, { throwIfNoEntry: false }));
    if (stats === undefined) return null;
    const kind = stats.isFile() ? "file" : stats.isDirectory() ? "directory" : "other";
    return { kind, bytes: stats.size, modifiedMs: stats.mtimeMs };
  }

  list(directory: string): string[] {
    return attempt("list", directory, () => readdirSync(directory).sort());
  }

  makeDirectory(path: string): void {
    attempt("makeDirectory", path, () => mkdirSync(path, { recursive: true }));
  }

  rename(from: string, to: string): void {
    attempt("rename", from, () => renameSync(from, to));
  }

  remove(path: string): void {
    attempt("remove", path, () => unlinkSync(path));
  }

  removeLater(path: string, done: DiskDone): void {
    unlink(path, (error) => done(error === null ? null : toDiskError("remove", path, error)));
  }

  removeDirectory(path: string): void {
    attempt("removeDirectory", path, () => rmdirSync(path));
  }

  syncDirectory(path: string): void {
    attempt("syncDirectory", path, () => syncDirectory(path));
  }

  syncDirectoryLater(path: string, done: DiskDone): void {
    syncDirectoryLater(path, done);
  }

  readFile(path: string): Uint8Array {
    return attempt("readFile", path, () => {
      const content = readFileSync(path);
      return new Uint8Array(content.buffer, content.byteOffset, content.length);
    });
  }

  replaceFile(path: string, content: Uint8Array): void {
    this.#replacements.replaceNow(path, content);
  }

  replaceFileLater(path: string, content: Uint8Array, done: DiskDone): void {
    this.#replacements.replaceLater(path, content, done);
  }

  lock(directory: string): DiskLock | null {
    return this.#locks.acquire(directory);
  }

  space(path: string): DiskSpace {
    return attempt("space", path, () => {
      const { blocks, bavail, bsize } = statfsSync(path);
      return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
    });
  }
}

/** The file system of this machine. */
export function createNodeDisk(): Disk {
  return new NodeDisk();
}
