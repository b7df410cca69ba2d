// One open file of a simulated node.
import { type DiskDone, DiskError, type DiskFile } from "../../disk.ts";
import type { FakeLife } from "../fake-life.ts";
import { asDone, type DiskCalls, type DiskEffect } from "./disk-calls.ts";
import type { FakeInode } from "./fake-inode.ts";

/** A handle on an inode; it stays valid when names change. */
export class FakeFile implements DiskFile {
  readonly path: string;
  readonly #life: FakeLife;
  readonly #calls: DiskCalls;
  readonly #inode: FakeInode;
  readonly #isReadOnly: boolean;
  #isClosed = false;

  constructor(
    path: string,
    inode: FakeInode,
    at: { readonly life: FakeLife; readonly calls: DiskCalls; readonly isReadOnly: boolean },
  ) {
    this.path = path;
    this.#inode = inode;
    this.#life = at.life;
    this.#calls = at.calls;
    this.#isReadOnly = at.isReadOnly;
  }

  size(): number {
    return this.#now("size", { run: () => this.#inode.bytes });
  }

  write(parts: readonly Uint8Array[], position: number): void {
    this.#assertWritable("write");
    let length = 0;
    for (const part of parts) length += part.length;
    this.#now("write", {
      run: () => {
        const room = this.#room(position + length);
        this.#put(parts, position, length - Math.max(-room, 0));
        if (room < 0) throw new DiskError("write", this.path, "ENOSPC");
      },
      fail: () => this.#put(parts, position, this.#life.world.random.below(length + 1)),
    });
  }

  read(target: Uint8Array, position: number): number {
    return this.#now("read", { run: () => this.#copy(target, position) });
  }

  readLater(
    target: Uint8Array,
    position: number,
    done: (error: DiskError | null, bytesRead: number) => void,
  ): void {
    const effect = { run: () => this.#copy(target, position) };
    this.#later("read", effect, (result) => {
      if (result instanceof DiskError) done(result, 0);
      else done(null, result);
    });
  }

  sync(done: DiskDone): void {
    this.#later("sync", this.#syncEffect(), asDone(done));
  }

  syncNow(): void {
    this.#now("sync", this.#syncEffect());
  }

  truncate(bytes: number): void {
    this.#assertWritable("truncate");
    this.#now("truncate", {
      run: () => {
        if (this.#room(bytes) < 0) throw new DiskError("truncate", this.path, "ENOSPC");
        this.#inode.truncate(bytes);
        this.#touch();
      },
    });
  }

  close(): void {
    this.#isClosed = true;
  }

  #syncEffect(): DiskEffect<void> {
    const covered = this.#inode.changeCount;
    return {
      run: () => this.#inode.sync(covered),
      fail: () => this.#inode.failSync(covered, this.#life.world.random),
      // What it covered stays in a cache that goes with the power, until an honest sync.
      lie: () => {},
    };
  }

  /** Bytes left on the disk when the file has grown to `end`; negative when it cannot. */
  #room(end: number): number {
    const growth = Math.max(end - this.#inode.bytes, 0);
    return growth === 0 ? 0 : this.#life.host.storage.freeBytes() - growth;
  }

  /** Writes the first `length` bytes of the parts. */
  #put(parts: readonly Uint8Array[], position: number, length: number): void {
    let at = position;
    let left = Math.max(length, 0);
    for (const part of parts) {
      const taken = part.length <= left ? part : part.subarray(0, left);
      if (taken.length > 0) this.#inode.write(taken, at);
      at += taken.length;
      left -= taken.length;
    }
    this.#touch();
  }

  #copy(target: Uint8Array, position: number): number {
    const found = this.#inode.written().subarray(position, position + target.length);
    target.set(found);
    return found.length;
  }

  #touch(): void {
    this.#inode.modifiedMs = this.#life.world.wallMsOf(this.#life.host);
  }

  #assertWritable(operation: string): void {
    if (this.#isReadOnly) throw new DiskError(operation, this.path, "EBADF");
  }

  #now<Result>(operation: string, effect: DiskEffect<Result>): Result {
    if (this.#isClosed) throw new DiskError(operation, this.path, "EBADF");
    return this.#calls.now(operation, this.path, effect);
  }

  #later<Result>(
    operation: string,
    effect: DiskEffect<Result>,
    completed: (result: Result | DiskError) => void,
  ): void {
    if (!this.#isClosed) {
      this.#calls.later(operation, this.path, effect, completed);
      return;
    }
    const refused = new DiskError(operation, this.path, "EBADF");
    this.#life.schedule(`disk-${operation}`, 1, () => completed(refused));
  }
}
