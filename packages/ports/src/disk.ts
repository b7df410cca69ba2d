// Files and directories. Calls without `done` block: use them for page-cache writes and small warm reads,
// which cost less than a hop to the pool, and at start. Calls with `done` run on the pool; `done` is called
// exactly once, in a later turn, also when the file was closed meanwhile. What is written but not synced may
// be lost, torn or reordered by a crash; a created, renamed or removed name is lost until its directory is
// synced.

/** A failed disk operation: what, where, and the system's code (`ENOSPC`, `EIO`, …). */
export class DiskError extends Error {
  override readonly name: string = "DiskError";
  readonly operation: string;
  readonly path: string;
  readonly code: string;
  constructor(operation: string, path: string, code: string, options?: { cause?: unknown }) {
    super(`${operation} ${path}: ${code}`, options);
    this.operation = operation;
    this.path = path;
    this.code = code;
  }
}

/**
 * `read`: must exist. `write`: created when missing, kept when there. `create`: must not exist. All but
 * `read` also read.
 */
export type OpenMode = "read" | "write" | "create";

/** Completion of an operation without a value. */
export type DiskDone = (error: DiskError | null) => void;

/** What a directory entry is. */
export interface FileStatus {
  readonly kind: "file" | "directory" | "other";
  readonly bytes: number;
  /** Wall time of the last change. */
  readonly modifiedMs: number;
}

/** A file system's bytes. */
export interface DiskSpace {
  readonly totalBytes: number;
  /** What this process may still use. */
  readonly freeBytes: number;
}

/** An open file. Positions and sizes in bytes. Blocking calls throw `DiskError`. */
export interface DiskFile {
  readonly path: string;
  size(): number;
  /**
   * Writes every part back to back from `position`; loops on short writes. When it throws, any prefix may
   * have been written.
   */
  write(parts: readonly Uint8Array[], position: number): void;
  /** Fills `target` from `position`; returns the bytes read, fewer only at the end of the file. */
  read(target: Uint8Array, position: number): number;
  readLater(
    target: Uint8Array,
    position: number,
    done: (error: DiskError | null, bytesRead: number) => void,
  ): void;
  /** fdatasync on the pool: everything written before this call is durable when `done(null)` runs. */
  sync(done: DiskDone): void;
  /** Blocking fdatasync: start, recovery and shutdown only. */
  syncNow(): void;
  /** Cuts or extends with zeros. Blocks; cutting a large cached file is slow, so not on a busy loop. */
  truncate(bytes: number): void;
  /** Idempotent; pending operations still complete. */
  close(): void;
}

/** An exclusive claim on a directory, released by `release` or by the end of the process. */
export interface DiskLock {
  release(): void;
}

/** A file system. Paths are absolute, with `/`. Blocking calls throw `DiskError`. */
export interface Disk {
  open(path: string, mode: OpenMode): DiskFile;
  /** Null when nothing is there. */
  status(path: string): FileStatus | null;
  /** Names in a directory, sorted by code unit. */
  list(directory: string): string[];
  /** Makes the directory and its missing parents; no effect when it is there. */
  makeDirectory(path: string): void;
  /** Replaces `to` when it exists. */
  rename(from: string, to: string): void;
  remove(path: string): void;
  removeLater(path: string, done: DiskDone): void;
  /** The directory must be empty. */
  removeDirectory(path: string): void;
  /** Makes created, renamed and removed names in the directory durable. */
  syncDirectory(path: string): void;
  /** As `syncDirectory`, on the pool: names changed before this call are durable when `done(null)` runs. */
  syncDirectoryLater(path: string, done: DiskDone): void;
  readFile(path: string): Uint8Array;
  /**
   * Writes `path.tmp`, syncs it, renames it over `path`, syncs the directory: a crash leaves the old or the
   * new content.
   */
  replaceFile(path: string, content: Uint8Array): void;
  /**
   * As `replaceFile`, on the pool. Calls for one path take effect in order; a blocking `replaceFile`
   * overtakes those pending.
   */
  replaceFileLater(path: string, content: Uint8Array, done: DiskDone): void;
  /** Null when another process holds `directory/.lock`. */
  lock(directory: string): DiskLock | null;
  /** The file system that holds `path`. */
  space(path: string): DiskSpace;
}
