// Open files of all logs, least recently used closed first, so that any number of partitions lives under the
// limit on open files. A `CachedFile` is a name that may be opened; whoever reads or writes asks it for the
// file each time and does not keep it. Closing never hurts: pending pool operations complete, and the next
// use opens again.
import { type Disk, DiskError, type DiskFile } from "@ottla/ports";
import { FILES_CLOSED_IN_NEED, OPEN_FILES_MAX, OPEN_FILES_MIN, OPEN_FILES_SHARE } from "../limits.ts";

const noDescriptorCodes: ReadonlySet<string> = new Set(["EMFILE", "ENFILE"]);

/** How many files logs may have open in a process that may open `processMax`. */
export function openLogFilesMax(processMax: number): number {
  return Math.min(Math.max(Math.floor(processMax * OPEN_FILES_SHARE), OPEN_FILES_MIN), OPEN_FILES_MAX);
}

/** Bounded set of open files. */
export class FileCache {
  readonly disk: Disk;
  readonly #openMax: number;
  /** Insertion order is order of use. */
  readonly #open = new Set<CachedFile>();

  constructor(disk: Disk, openMax: number) {
    this.disk = disk;
    this.#openMax = openMax;
  }

  /** A file that is opened at first use; created when missing. */
  file(path: string): CachedFile {
    return new CachedFile(this, path);
  }

  get openFiles(): number {
    return this.#open.size;
  }

  /**
   * @internal Opens a file. Where others have taken the descriptors, old files are closed for it: that the
   * process is short of them says nothing about the disk. Throws `DiskError`.
   */
  open(path: string): DiskFile {
    try {
      return this.disk.open(path, "write");
    } catch (error) {
      if (!(error instanceof DiskError) || !noDescriptorCodes.has(error.code) || this.#open.size === 0)
        throw error;
      for (const file of [...this.#open].slice(0, FILES_CLOSED_IN_NEED)) file.close();
      return this.disk.open(path, "write");
    }
  }

  /** @internal */
  touched(file: CachedFile): void {
    this.#open.delete(file);
    this.#open.add(file);
    if (this.#open.size <= this.#openMax) return;
    const [oldest] = this.#open;
    if (oldest !== undefined && oldest !== file) oldest.close();
  }

  /** @internal */
  forgotten(file: CachedFile): void {
    this.#open.delete(file);
  }
}

/** One file of a segment. */
export class CachedFile {
  readonly #cache: FileCache;
  #path: string;
  #file: DiskFile | null = null;

  /** @internal */
  constructor(cache: FileCache, path: string) {
    this.#cache = cache;
    this.#path = path;
  }

  get path(): string {
    return this.#path;
  }

  /** The open file; created when missing. Throws `DiskError`. */
  opened(): DiskFile {
    this.#file ??= this.#cache.open(this.#path);
    this.#cache.touched(this);
    return this.#file;
  }

  exists(): boolean {
    return this.#file !== null || this.#cache.disk.status(this.#path) !== null;
  }

  /** Bytes, 0 when there is no such file. */
  size(): number {
    if (this.#file !== null) return this.#file.size();
    return this.#cache.disk.status(this.#path)?.bytes ?? 0;
  }

  /** Makes the file's name durable. Throws `DiskError`. */
  syncDirectory(): void {
    this.#cache.disk.syncDirectory(this.#path.slice(0, this.#path.lastIndexOf("/")));
  }

  /** Renames the file when it is there; the directory must be synced by the caller. */
  rename(to: string): void {
    this.close();
    if (this.#cache.disk.status(this.#path) !== null) this.#cache.disk.rename(this.#path, to);
    this.#path = to;
  }

  /** The directory was renamed. */
  moved(to: string): void {
    this.close();
    this.#path = to;
  }

  /** Removes the file when it is there. */
  remove(): void {
    this.close();
    if (this.#cache.disk.status(this.#path) !== null) this.#cache.disk.remove(this.#path);
  }

  close(): void {
    if (this.#file === null) return;
    this.#file.close();
    this.#file = null;
    this.#cache.forgotten(this);
  }
}
