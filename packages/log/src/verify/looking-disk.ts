// A disk that is only looked at: what is written through it stays in memory and is seen by who looks through
// it too. So the code that a broker starts with, which tidies indexes as it loads them, can be run on a
// directory that must not change, also beside the broker that uses it. Not for segments: only small files may
// be written.
import {
  type Disk,
  type DiskDone,
  DiskError,
  type DiskFile,
  type DiskLock,
  type DiskSpace,
  type FileStatus,
  type OpenMode,
  type Turn,
} from "@ottla/ports";
import { LOOKED_AT_FILE_BYTES_MAX } from "../limits.ts";

/** By path: contents as they would be; a number: so many bytes of the file are left; null: it is removed. */
type Changes = Map<string, Uint8Array | number | null>;

/** Reads from `disk`, writes nothing to it. */
export class LookingDisk implements Disk {
  readonly #disk: Disk;
  readonly #turn: Turn;
  readonly #changed: Changes = new Map();

  constructor(disk: Disk, turn: Turn) {
    this.#disk = disk;
    this.#turn = turn;
  }

  open(path: string, mode: OpenMode): DiskFile {
    const isThere = this.status(path) !== null;
    if (mode === "create" && isThere) throw new DiskError("open", path, "EEXIST");
    if (mode === "read" && !isThere) throw new DiskError("open", path, "ENOENT");
    if (!isThere) this.#changed.set(path, EMPTY);
    return new LookingFile(this.#disk, this.#turn, this.#changed, path);
  }

  status(path: string): FileStatus | null {
    const changed = this.#changed.get(path);
    if (changed === undefined) return this.#disk.status(path);
    if (changed === null) return null;
    return { kind: "file", bytes: typeof changed === "number" ? changed : changed.length, modifiedMs: 0 };
  }

  list(directory: string): string[] {
    const names = new Set(this.#disk.list(directory));
    for (const [path, content] of this.#changed) {
      if (path.slice(0, path.lastIndexOf("/")) !== directory) continue;
      const name = path.slice(directory.length + 1);
      if (content === null) names.delete(name);
      else names.add(name);
    }
    return [...names].sort();
  }

  makeDirectory(path: string): void {
    throw new DiskError("makeDirectory", path, "EROFS");
  }

  rename(from: string, to: string): void {
    this.replaceFile(to, this.readFile(from));
    this.remove(from);
  }

  remove(path: string): void {
    if (this.status(path) === null) throw new DiskError("remove", path, "ENOENT");
    this.#changed.set(path, null);
  }

  removeLater(path: string, done: DiskDone): void {
    this.#changed.set(path, null);
    this.#turn.nextSlice(() => done(null));
  }

  removeDirectory(path: string): void {
    throw new DiskError("removeDirectory", path, "EROFS");
  }

  syncDirectory(): void {}

  syncDirectoryLater(_path: string, done: DiskDone): void {
    this.#turn.nextSlice(() => done(null));
  }

  readFile(path: string): Uint8Array {
    const changed = this.#changed.get(path);
    if (changed === null) throw new DiskError("read", path, "ENOENT");
    if (typeof changed === "number") return this.#disk.readFile(path).subarray(0, changed);
    return changed ?? this.#disk.readFile(path);
  }

  replaceFile(path: string, content: Uint8Array): void {
    this.#changed.set(path, content);
  }

  replaceFileLater(path: string, content: Uint8Array, done: DiskDone): void {
    this.#changed.set(path, content);
    this.#turn.nextSlice(() => done(null));
  }

  lock(directory: string): DiskLock | null {
    return this.#disk.lock(directory);
  }

  space(path: string): DiskSpace {
    return this.#disk.space(path);
  }
}

class LookingFile implements DiskFile {
  readonly path: string;
  readonly #disk: Disk;
  readonly #turn: Turn;
  readonly #changed: Changes;
  #file: DiskFile | null = null;

  constructor(disk: Disk, turn: Turn, changed: Changes, path: string) {
    this.path = path;
    this.#disk = disk;
    this.#turn = turn;
    this.#changed = changed;
    if (!changed.has(path)) this.#file = disk.open(path, "read");
  }

  size(): number {
    const changed = this.#changed.get(this.path) ?? this.#opened().size();
    return typeof changed === "number" ? changed : changed.length;
  }

  write(parts: readonly Uint8Array[], position: number): void {
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    const content = this.#content(Math.max(this.size(), position + bytes));
    let at = position;
    for (const part of parts) {
      content.set(part, at);
      at += part.length;
    }
    this.#changed.set(this.path, content);
  }

  read(target: Uint8Array, position: number): number {
    const changed = this.#changed.get(this.path) ?? Number.POSITIVE_INFINITY;
    if (typeof changed === "number") {
      const bytes = Math.max(0, Math.min(target.length, changed - position));
      return bytes === 0 ? 0 : this.#opened().read(target.subarray(0, bytes), position);
    }
    const part = changed.subarray(position, position + target.length);
    target.set(part);
    return part.length;
  }

  readLater(
    target: Uint8Array,
    position: number,
    done: (error: DiskError | null, bytesRead: number) => void,
  ): void {
    if (!this.#changed.has(this.path)) this.#opened().readLater(target, position, done);
    else this.#turn.nextSlice(() => done(null, this.read(target, position)));
  }

  sync(done: DiskDone): void {
    this.#turn.nextSlice(() => done(null));
  }

  syncNow(): void {}

  truncate(bytes: number): void {
    const changed = this.#changed.get(this.path);
    const isShorter = !(changed instanceof Uint8Array) && bytes <= this.size();
    this.#changed.set(this.path, isShorter ? bytes : this.#content(bytes));
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  #opened(): DiskFile {
    this.#file ??= this.#disk.open(this.path, "read");
    return this.#file;
  }

  /** A copy of so many bytes, zeros where the file ends before. Throws `DiskError` for what is not small. */
  #content(bytes: number): Uint8Array {
    if (bytes > LOOKED_AT_FILE_BYTES_MAX) throw new DiskError("write", this.path, "EROFS");
    const content = new Uint8Array(bytes);
    this.read(content, 0);
    return content;
  }
}

const EMPTY = new Uint8Array(0);
