// The file system of a simulated node: its life's view of the host's storage. Every call passes the gate in
// disk-calls.ts. Replacing a file is made of its steps, so that a crash can fall between any two of them.
import {
  type Disk,
  type DiskDone,
  DiskError,
  type DiskFile,
  type DiskLock,
  type DiskSpace,
  type FileStatus,
  type OpenMode,
} from "../../disk.ts";
import type { FakeLife } from "../fake-life.ts";
import { asDone, DiskCalls } from "./disk-calls.ts";
import { FakeFile } from "./fake-file.ts";
import { FakeInode } from "./fake-inode.ts";
import { FakeDirectory, type FakeEntry, type FakeNames, type FakePlace } from "./fake-names.ts";

interface Replacement {
  readonly content: Uint8Array;
  readonly done: DiskDone;
  isOvertaken: boolean;
}

/** The disk of one life. */
export class FakeDisk implements Disk {
  readonly #life: FakeLife;
  readonly #calls: DiskCalls;
  readonly #replacements = new Map<string, Replacement[]>();

  constructor(life: FakeLife) {
    this.#life = life;
    this.#calls = new DiskCalls(life);
  }

  open(path: string, mode: OpenMode): DiskFile {
    return this.#calls.now("open", path, { run: () => this.#open(path, mode) });
  }

  status(path: string): FileStatus | null {
    return this.#calls.now("status", path, {
      run: () => {
        const entry = this.#names.find(path);
        if (entry === null) return null;
        if (entry.kind === "file") return { kind: "file", bytes: entry.bytes, modifiedMs: entry.modifiedMs };
        return { kind: "directory", bytes: 0, modifiedMs: this.#life.world.startWallMs };
      },
    });
  }

  list(directory: string): string[] {
    return this.#calls.now("list", directory, {
      run: () => [...this.#names.directory("list", directory).entries.keys()].sort(),
    });
  }

  makeDirectory(path: string): void {
    this.#calls.now("makeDirectory", path, {
      run: () => {
        let prefix = "";
        for (const name of path.split("/").filter((part) => part.length > 0)) {
          prefix += `/${name}`;
          const there = this.#names.find(prefix);
          if (there?.kind === "file") throw new DiskError("makeDirectory", path, "EEXIST");
          if (there === null)
            this.#names.link(this.#names.place("makeDirectory", prefix), new FakeDirectory());
        }
      },
    });
  }

  rename(from: string, to: string): void {
    this.#calls.now("rename", from, {
      run: () => {
        const [source, entry] = this.#existing("rename", from);
        const target = this.#names.place("rename", to);
        const replaced = target.directory.entries.get(target.name);
        if (replaced !== undefined && replaced !== entry) assertReplaceable(entry, replaced, to);
        if (replaced !== entry) this.#names.move(source, target, entry);
      },
    });
  }

  remove(path: string): void {
    this.#calls.now("remove", path, { run: () => this.#remove(path) });
  }

  removeLater(path: string, done: DiskDone): void {
    this.#calls.later("remove", path, { run: () => this.#remove(path) }, asDone(done));
  }

  removeDirectory(path: string): void {
    this.#calls.now("removeDirectory", path, {
      run: () => {
        const directory = this.#names.directory("removeDirectory", path);
        if (directory.entries.size > 0) throw new DiskError("removeDirectory", path, "ENOTEMPTY");
        this.#names.unlink(this.#names.place("removeDirectory", path));
      },
    });
  }

  syncDirectory(path: string): void {
    this.#calls.now("syncDirectory", path, {
      run: () => this.#names.sync(this.#names.directory("syncDirectory", path)),
    });
  }

  syncDirectoryLater(path: string, done: DiskDone): void {
    const covered = this.#names.changeCount;
    const run = (): void => this.#names.sync(this.#names.directory("syncDirectory", path), covered);
    this.#calls.later("syncDirectory", path, { run }, asDone(done));
  }

  readFile(path: string): Uint8Array {
    return this.#calls.now("readFile", path, {
      run: () => {
        const [, entry] = this.#existing("readFile", path);
        if (entry.kind !== "file") throw new DiskError("readFile", path, "EISDIR");
        return entry.written().slice();
      },
    });
  }

  replaceFile(path: string, content: Uint8Array): void {
    this.#writeSynced(`${path}.tmp`, content);
    for (const queued of this.#replacements.get(path) ?? []) queued.isOvertaken = true;
    this.rename(`${path}.tmp`, path);
    this.syncDirectory(parentOf(path));
  }

  replaceFileLater(path: string, content: Uint8Array, done: DiskDone): void {
    const replacement: Replacement = { content, done, isOvertaken: false };
    const queue = this.#replacements.get(path);
    if (queue !== undefined) {
      queue.push(replacement);
      return;
    }
    this.#replacements.set(path, [replacement]);
    this.#beginReplacement(path, replacement);
  }

  lock(directory: string): DiskLock | null {
    return this.#calls.now("lock", directory, {
      run: () => {
        this.#names.directory("lock", directory);
        const { locks } = this.#life.host.storage;
        if (locks.has(directory)) return null;
        this.#open(`${directory}/.lock`, "write");
        locks.add(directory);
        let isHeld = true;
        return {
          release: () => {
            if (isHeld && this.#life.isAlive) locks.delete(directory);
            isHeld = false;
          },
        };
      },
    });
  }

  space(path: string): DiskSpace {
    const { storage } = this.#life.host;
    const run = (): DiskSpace => ({ totalBytes: storage.bytesMax, freeBytes: storage.freeBytes() });
    return this.#calls.now("space", path, { run });
  }

  get #names(): FakeNames {
    return this.#life.host.storage.names;
  }

  #open(path: string, mode: OpenMode): DiskFile {
    const place = this.#names.place("open", path);
    let entry = place.directory.entries.get(place.name);
    if (entry !== undefined && mode === "create") throw new DiskError("open", path, "EEXIST");
    if (entry === undefined) {
      if (mode === "read") throw new DiskError("open", path, "ENOENT");
      entry = new FakeInode(this.#life.world.wallMsOf(this.#life.host));
      this.#names.link(place, entry);
    }
    if (entry.kind !== "file") throw new DiskError("open", path, "EISDIR");
    return new FakeFile(path, entry, { life: this.#life, calls: this.#calls, isReadOnly: mode === "read" });
  }

  #existing(operation: string, path: string): [FakePlace, FakeEntry] {
    const place = this.#names.place(operation, path);
    const entry = place.directory.entries.get(place.name);
    if (entry === undefined) throw new DiskError(operation, path, "ENOENT");
    return [place, entry];
  }

  #remove(path: string): void {
    const [place, entry] = this.#existing("remove", path);
    if (entry.kind !== "file") throw new DiskError("remove", path, "EISDIR");
    this.#names.unlink(place);
  }

  #writeSynced(path: string, content: Uint8Array): void {
    const file = this.open(path, "write");
    try {
      file.truncate(0);
      file.write([content], 0);
      file.syncNow();
    } finally {
      file.close();
    }
  }

  #beginReplacement(path: string, replacement: Replacement): void {
    const temporary = `${path}.later.tmp`;
    const { poolUs } = this.#life.host.delays;
    const step = (body: () => void, then: () => void) => {
      this.#life.schedule("disk-replaceFile", this.#life.drawUs(poolUs), () => {
        try {
          body();
        } catch (error) {
          if (!(error instanceof DiskError)) throw error;
          this.#finishReplacement(path, replacement, error);
          return;
        }
        then();
      });
    };
    const swap = () => {
      if (replacement.isOvertaken) {
        this.remove(temporary);
        return;
      }
      this.rename(temporary, path);
      this.syncDirectory(parentOf(path));
    };
    step(
      () => this.#writeSynced(temporary, replacement.content),
      () => step(swap, () => this.#finishReplacement(path, replacement, null)),
    );
  }

  #finishReplacement(path: string, replacement: Replacement, error: DiskError | null): void {
    const queue = this.#replacements.get(path);
    queue?.shift();
    const next = queue?.[0];
    if (next === undefined) this.#replacements.delete(path);
    else this.#beginReplacement(path, next);
    replacement.done(error);
  }
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

function assertReplaceable(entry: FakeEntry, replaced: FakeEntry, path: string): void {
  if (replaced.kind !== entry.kind) {
    throw new DiskError("rename", path, replaced.kind === "directory" ? "EISDIR" : "ENOTDIR");
  }
  if (replaced.kind === "directory" && replaced.entries.size > 0) {
    throw new DiskError("rename", path, "ENOTEMPTY");
  }
}
