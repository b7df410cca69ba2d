// A disk that is only memory, for a broker inside a test: nothing outlives the process, nothing is ever lost
// before. Calls with `done` end in a later turn, as those of a real disk do. Not here: crashes and faults,
// which are the simulator's.
import {
  type Disk,
  type DiskDone,
  DiskError,
  type DiskFile,
  type DiskLock,
  type DiskSpace,
  type FileStatus,
  type OpenMode,
  type Ports,
} from "@ottla/ports";

const FIRST_BYTES = 4096;
const FREE_BYTES = 2 ** 40;

type Later = (run: () => void) => void;

class MemoryContent {
  readonly kind = "file";
  modifiedMs: number;
  bytes: Uint8Array = new Uint8Array(0);
  length = 0;

  constructor(modifiedMs: number) {
    this.modifiedMs = modifiedMs;
  }

  reserve(length: number): void {
    if (length <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(length, 2 * this.bytes.length, FIRST_BYTES));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

class MemoryDirectory {
  readonly kind = "directory";
  readonly entries = new Map<string, MemoryContent | MemoryDirectory>();
}

type Entry = MemoryContent | MemoryDirectory;

interface Place {
  readonly directory: MemoryDirectory;
  readonly name: string;
}

class MemoryFile implements DiskFile {
  readonly path: string;
  readonly #content: MemoryContent;
  readonly #later: Later;
  readonly #nowMs: () => number;

  constructor(path: string, content: MemoryContent, later: Later, nowMs: () => number) {
    this.path = path;
    this.#content = content;
    this.#later = later;
    this.#nowMs = nowMs;
  }

  size(): number {
    return this.#content.length;
  }

  write(parts: readonly Uint8Array[], position: number): void {
    const content = this.#content;
    let end = position;
    for (const part of parts) end += part.length;
    if (end === position) return;
    content.reserve(end);
    content.length = Math.max(content.length, end);
    let at = position;
    for (const part of parts) {
      content.bytes.set(part, at);
      at += part.length;
    }
    content.modifiedMs = this.#nowMs();
  }

  read(target: Uint8Array, position: number): number {
    const found = this.#content.view().subarray(position, position + target.length);
    target.set(found);
    return found.length;
  }

  readLater(
    target: Uint8Array,
    position: number,
    done: (error: DiskError | null, bytesRead: number) => void,
  ): void {
    this.#later(() => done(null, this.read(target, position)));
  }

  sync(done: DiskDone): void {
    this.#later(() => done(null));
  }

  syncNow(): void {}

  truncate(bytes: number): void {
    const content = this.#content;
    content.reserve(bytes);
    if (bytes < content.length) content.bytes.fill(0, bytes, content.length);
    content.length = bytes;
    content.modifiedMs = this.#nowMs();
  }

  close(): void {}
}

/** A file system in memory. */
export class MemoryDisk implements Disk {
  readonly #root = new MemoryDirectory();
  readonly #locks = new Set<string>();
  readonly #later: Later;
  readonly #nowMs: () => number;

  constructor(ports: Pick<Ports, "turn" | "clock">) {
    this.#later = (run) => ports.turn.nextSlice(run);
    this.#nowMs = () => ports.clock.wallMs();
  }

  open(path: string, mode: OpenMode): DiskFile {
    const { directory, name } = this.#place("open", path);
    let entry = directory.entries.get(name);
    if (entry !== undefined && mode === "create") throw new DiskError("open", path, "EEXIST");
    if (entry === undefined) {
      if (mode === "read") throw new DiskError("open", path, "ENOENT");
      entry = new MemoryContent(this.#nowMs());
      directory.entries.set(name, entry);
    }
    if (entry.kind !== "file") throw new DiskError("open", path, "EISDIR");
    return new MemoryFile(path, entry, this.#later, this.#nowMs);
  }

  status(path: string): FileStatus | null {
    const entry = this.#find(path);
    if (entry === null) return null;
    if (entry.kind === "directory") return { kind: "directory", bytes: 0, modifiedMs: 0 };
    return { kind: "file", bytes: entry.length, modifiedMs: entry.modifiedMs };
  }

  list(directory: string): string[] {
    return [...this.#directory("list", directory).entries.keys()].sort();
  }

  makeDirectory(path: string): void {
    let directory = this.#root;
    for (const name of namesOf(path)) {
      const next = directory.entries.get(name) ?? new MemoryDirectory();
      if (next.kind === "file") throw new DiskError("makeDirectory", path, "EEXIST");
      directory.entries.set(name, next);
      directory = next;
    }
  }

  rename(from: string, to: string): void {
    const [source, entry] = this.#existing("rename", from);
    const target = this.#place("rename", to);
    source.directory.entries.delete(source.name);
    target.directory.entries.set(target.name, entry);
  }

  remove(path: string): void {
    const [place, entry] = this.#existing("remove", path);
    if (entry.kind !== "file") throw new DiskError("remove", path, "EISDIR");
    place.directory.entries.delete(place.name);
  }

  removeLater(path: string, done: DiskDone): void {
    this.#later(() => this.#attempt(() => this.remove(path), done));
  }

  removeDirectory(path: string): void {
    const directory = this.#directory("removeDirectory", path);
    if (directory.entries.size > 0) throw new DiskError("removeDirectory", path, "ENOTEMPTY");
    const place = this.#place("removeDirectory", path);
    place.directory.entries.delete(place.name);
  }

  syncDirectory(path: string): void {
    this.#directory("syncDirectory", path);
  }

  syncDirectoryLater(path: string, done: DiskDone): void {
    this.#later(() => this.#attempt(() => this.syncDirectory(path), done));
  }

  readFile(path: string): Uint8Array {
    const [, entry] = this.#existing("readFile", path);
    if (entry.kind !== "file") throw new DiskError("readFile", path, "EISDIR");
    return entry.view().slice();
  }

  replaceFile(path: string, content: Uint8Array): void {
    const { directory, name } = this.#place("replaceFile", path);
    const entry = new MemoryContent(this.#nowMs());
    entry.bytes = content.slice();
    entry.length = content.length;
    directory.entries.set(name, entry);
  }

  replaceFileLater(path: string, content: Uint8Array, done: DiskDone): void {
    // At once, so that calls for one path keep their order; only the news of it is late.
    this.#attempt(
      () => this.replaceFile(path, content),
      (error) => this.#later(() => done(error)),
    );
  }

  lock(directory: string): DiskLock | null {
    this.#directory("lock", directory);
    if (this.#locks.has(directory)) return null;
    this.#locks.add(directory);
    return { release: () => this.#locks.delete(directory) };
  }

  space(_path: string): DiskSpace {
    return { totalBytes: FREE_BYTES, freeBytes: FREE_BYTES };
  }

  #attempt(run: () => void, done: DiskDone): void {
    let failure: DiskError | null = null;
    try {
      run();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      failure = error;
    }
    done(failure);
  }

  #find(path: string): Entry | null {
    let entry: Entry = this.#root;
    for (const name of namesOf(path)) {
      const next: Entry | undefined = entry.kind === "directory" ? entry.entries.get(name) : undefined;
      if (next === undefined) return null;
      entry = next;
    }
    return entry;
  }

  #directory(operation: string, path: string): MemoryDirectory {
    const entry = this.#find(path);
    if (entry === null) throw new DiskError(operation, path, "ENOENT");
    if (entry.kind !== "directory") throw new DiskError(operation, path, "ENOTDIR");
    return entry;
  }

  #place(operation: string, path: string): Place {
    const names = namesOf(path);
    const name = names.pop();
    if (name === undefined) throw new DiskError(operation, path, "EINVAL");
    return { directory: this.#directory(operation, `/${names.join("/")}`), name };
  }

  #existing(operation: string, path: string): [Place, Entry] {
    const place = this.#place(operation, path);
    const entry = place.directory.entries.get(place.name);
    if (entry === undefined) throw new DiskError(operation, path, "ENOENT");
    return [place, entry];
  }
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name.length > 0);
}
