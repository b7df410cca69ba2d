// The directories of a simulated disk, as seen and as durable. A created, renamed or removed name is a
// pending change until a sync of its directory; a crash keeps pending changes from the first one on (as a
// journal does) or any subset of them.
import { DiskError } from "../../disk.ts";
import type { Random } from "../../random.ts";
import { FakeInode } from "./fake-inode.ts";

/** A directory: names as seen, and names sure to survive. */
export class FakeDirectory {
  readonly kind = "directory";
  readonly entries: Map<string, FakeEntry> = new Map();
  readonly durable: Map<string, FakeEntry> = new Map();
}

export type FakeEntry = FakeDirectory | FakeInode;

interface NameStep {
  readonly directory: FakeDirectory;
  readonly name: string;
  readonly entry: FakeEntry | null;
}

/** Steps that reach the disk together or not at all. */
interface NameChange {
  readonly number: number;
  readonly steps: readonly NameStep[];
}

function applyTo(map: (directory: FakeDirectory) => Map<string, FakeEntry>, { steps }: NameChange): void {
  for (const { directory, name, entry } of steps) {
    if (entry === null) map(directory).delete(name);
    else map(directory).set(name, entry);
  }
}

/** Where a path points: its directory and last name. */
export interface FakePlace {
  readonly directory: FakeDirectory;
  readonly name: string;
}

/** The tree of one disk. Paths are absolute; errors carry the code the system would give. */
export class FakeNames {
  readonly root: FakeDirectory = new FakeDirectory();
  #pending: NameChange[] = [];
  #changeCount = 0;

  /** Number of the newest change: a sync that begins now covers it. */
  get changeCount(): number {
    return this.#changeCount;
  }

  find(path: string): FakeEntry | null {
    let entry: FakeEntry = this.root;
    for (const name of namesOf(path)) {
      if (entry.kind !== "directory") return null;
      const next = entry.entries.get(name);
      if (next === undefined) return null;
      entry = next;
    }
    return entry;
  }

  /** The directory at `path`. */
  directory(operation: string, path: string): FakeDirectory {
    const entry = this.find(path);
    if (entry === null) throw new DiskError(operation, path, "ENOENT");
    if (entry.kind !== "directory") throw new DiskError(operation, path, "ENOTDIR");
    return entry;
  }

  /** The place a path names; its directory must exist, the name need not. */
  place(operation: string, path: string): FakePlace {
    const names = namesOf(path);
    const name = names.pop();
    if (name === undefined) throw new DiskError(operation, path, "EINVAL");
    const parent = this.find(`/${names.join("/")}`);
    if (parent === null) throw new DiskError(operation, path, "ENOENT");
    if (parent.kind !== "directory") throw new DiskError(operation, path, "ENOTDIR");
    return { directory: parent, name };
  }

  /** Puts an entry at a place. */
  link({ directory, name }: FakePlace, entry: FakeEntry): void {
    this.#change([{ directory, name, entry }]);
  }

  unlink({ directory, name }: FakePlace): void {
    this.#change([{ directory, name, entry: null }]);
  }

  /** Moves an entry, over another if need be, in one step. */
  move(from: FakePlace, to: FakePlace, entry: FakeEntry): void {
    this.#change([
      { directory: from.directory, name: from.name, entry: null },
      { directory: to.directory, name: to.name, entry },
    ]);
  }

  /** Makes the pending changes up to `number` that touch the directory durable. */
  sync(directory: FakeDirectory, number: number = this.#changeCount): void {
    const isCovered = (change: NameChange) =>
      change.number <= number && change.steps.some((step) => step.directory === directory);
    for (const change of this.#pending.filter(isCovered)) applyTo(({ durable }) => durable, change);
    this.#pending = this.#pending.filter((change) => !isCovered(change));
  }

  /** What a machine without power leaves of the names. */
  crash(random: Random): void {
    const isJournaled = random.below(2) === 0;
    const kept = random.below(this.#pending.length + 1);
    this.#pending.forEach((change, i) => {
      if (isJournaled ? i < kept : random.below(2) === 0) applyTo(({ durable }) => durable, change);
    });
    this.#pending = [];
    this.#showDurable(this.root, new Set());
  }

  /** Every file with its path, in order of path. */
  files(): [path: string, inode: FakeInode][] {
    const found: [string, FakeInode][] = [];
    const walk = (path: string, directory: FakeDirectory) => {
      for (const name of [...directory.entries.keys()].sort()) {
        const entry = directory.entries.get(name);
        if (entry?.kind === "file") found.push([`${path}/${name}`, entry]);
        else if (entry?.kind === "directory") walk(`${path}/${name}`, entry);
      }
    };
    walk("", this.root);
    return found;
  }

  #change(steps: readonly NameStep[]): void {
    const change = { number: ++this.#changeCount, steps };
    applyTo(({ entries }) => entries, change);
    this.#pending.push(change);
  }

  #showDurable(directory: FakeDirectory, seen: Set<FakeDirectory>): void {
    if (seen.has(directory)) return;
    seen.add(directory);
    directory.entries.clear();
    for (const [name, entry] of directory.durable) {
      directory.entries.set(name, entry);
      if (entry.kind === "directory") this.#showDurable(entry, seen);
    }
  }
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name.length > 0);
}
