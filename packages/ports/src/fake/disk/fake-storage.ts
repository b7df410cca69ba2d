// The disk hardware of a simulated host: it outlives the node's lives. Here the simulation sees what is
// stored, sets limits, damages files and decides for each call of the node's `Disk` whether it goes well,
// fails, or is the node's last.
import { DiskError } from "../../disk.ts";
import type { Random } from "../../random.ts";
import type { FakeInode } from "./fake-inode.ts";
import { FakeNames } from "./fake-names.ts";

/** One call of a node's `Disk`, before it has its effect. */
export interface FakeDiskCall {
  readonly node: string;
  /** Counts the calls of the host, over all its lives, from 0. */
  readonly index: number;
  readonly operation: string;
  readonly path: string;
  /** `call`: the node calls. `effect`: an operation called earlier is carried out by the pool. */
  readonly phase: "call" | "effect";
}

/**
 * `crash`: the machine loses power here, the call has had all, some or none of its effect. `kill`: the
 * process dies here, what is written survives. `lie`: a sync says that it was done and makes nothing
 * durable; all else goes well. A code: the call fails so, a write after any part of its bytes, a sync leaving
 * what it covered in doubt.
 */
export type FakeDiskVerdict = "go" | "crash" | "kill" | "lie" | { readonly code: string };

const BYTES_MAX_DEFAULT = 2 ** 40;

/** The storage of one host. */
export class FakeStorage {
  readonly names: FakeNames = new FakeNames();
  /** Decides about each call; null: all go well. */
  onCall: ((call: FakeDiskCall) => FakeDiskVerdict) | null = null;
  /** Bytes of file content the disk holds. */
  bytesMax: number = BYTES_MAX_DEFAULT;
  #callCount = 0;
  /** Paths of locked directories. Locks end with the life that holds them. */
  readonly locks: Set<string> = new Set();

  /** Calls so far, over all lives. */
  get callCount(): number {
    return this.#callCount;
  }

  judge(call: Omit<FakeDiskCall, "index">): FakeDiskVerdict {
    const index = this.#callCount++;
    return this.onCall?.({ ...call, index }) ?? "go";
  }

  usedBytes(): number {
    let bytes = 0;
    for (const [, inode] of this.names.files()) bytes += inode.bytes;
    return bytes;
  }

  freeBytes(): number {
    // Walking all files is too much for every write of a disk that cannot fill up.
    return this.bytesMax === BYTES_MAX_DEFAULT ? BYTES_MAX_DEFAULT : this.bytesMax - this.usedBytes();
  }

  /** Paths of all files, in order. */
  paths(): string[] {
    return this.names.files().map(([path]) => path);
  }

  /** A copy of what a reader would see. */
  written(path: string): Uint8Array {
    return this.#inode(path).written().slice();
  }

  /** A copy of what is sure to survive a crash, if the name does. */
  durable(path: string): Uint8Array {
    return this.#inode(path).durable().slice();
  }

  /** Turns one bit over, counted from the first bit of the file. */
  flipBit(path: string, bit: number): void {
    this.#inode(path).damage((content) => {
      const at = bit >>> 3;
      if (at < content.length) content[at] = (content[at] as number) ^ (1 << (bit & 7));
      return content;
    });
  }

  /** Cuts bytes off the end. */
  shorten(path: string, bytes: number): void {
    this.#inode(path).damage((content) => content.subarray(0, Math.max(content.length - bytes, 0)));
  }

  /** The power goes: unsynced content and names are kept, lost or torn as drawn. */
  losePower(random: Random): void {
    this.locks.clear();
    this.names.crash(random);
    for (const [, inode] of this.names.files()) inode.crash(random);
  }

  #inode(path: string): FakeInode {
    const entry = this.names.find(path);
    if (entry?.kind !== "file") throw new DiskError("inspect", path, "ENOENT");
    return entry;
  }
}
