// `.timeindex`: entries of 12 bytes, timestamp (ms) and offset relative to the segment's base. An entry says:
// no record before that offset's batch end has a larger timestamp. Timestamps and offsets ascend.
import { int32At, int64At, setInt32, setInt64 } from "@ottla/protocol";
import type { CachedFile } from "./file-cache.ts";
import { IndexFile } from "./index-file.ts";

const ENTRY_BYTES = 12;

/** Sparse index of one segment by time. */
export class TimeIndex {
  readonly #baseOffset: number;
  readonly #file: IndexFile;
  #lastTimestamp = -1;
  #lastOffset: number;

  constructor(baseOffset: number, file: CachedFile) {
    this.#baseOffset = baseOffset;
    this.#lastOffset = baseOffset;
    this.#file = new IndexFile(file, ENTRY_BYTES);
  }

  get file(): CachedFile {
    return this.#file.file;
  }

  get entries(): number {
    return this.#file.entries;
  }

  /** Largest indexed timestamp; -1 without entries. */
  get lastTimestamp(): number {
    return this.#lastTimestamp;
  }

  /** Offset of the newest entry; the base offset without entries. */
  get lastOffset(): number {
    return this.#lastOffset;
  }

  /** One entry stays free for the last one, which closing the segment adds. */
  isFull(bytesMax: number): boolean {
    return this.entries >= Math.floor(bytesMax / ENTRY_BYTES) - 1;
  }

  /** Reads how far the file goes. False when its newest entry makes no sense. */
  load(): boolean {
    this.#file.load();
    this.#loadLast();
    return this.entries === 0 || (this.#lastTimestamp >= 0 && this.#lastOffset >= this.#baseOffset);
  }

  /** False when entries are out of order: a crash lost a part of the file. Throws `DiskError`. */
  ascends(): boolean {
    return this.#file.ascends((bytes, at, before) => {
      const isLater = int64At(bytes, at) > int64At(bytes, before);
      return isLater && int32At(bytes, at + 8) >= int32At(bytes, before + 8);
    });
  }

  /** Adds an entry when `timestamp` is larger than every indexed one. */
  maybeAppend(timestamp: number, offset: number): void {
    if (timestamp <= this.#lastTimestamp || (this.entries > 0 && offset < this.#lastOffset)) return;
    const entry = this.#file.append();
    setInt64(entry, 0, timestamp);
    setInt32(entry, 8, offset - this.#baseOffset);
    this.#lastTimestamp = timestamp;
    this.#lastOffset = offset;
  }

  /** Offset from which records of at least `timestamp` must be looked for. Throws `DiskError`. */
  lookup(timestamp: number): number {
    const found = this.#file.findLast((bytes, at) => int64At(bytes, at) <= timestamp);
    return found < 0 ? this.#baseOffset : this.#baseOffset + int32At(this.#file.entry(found), 8);
  }

  /** The entries, for tools and tests: `[timestamp, offset]`. */
  *[Symbol.iterator](): IterableIterator<readonly [number, number]> {
    for (let index = 0; index < this.entries; index++) {
      const entry = this.#file.entry(index);
      yield [int64At(entry, 0), this.#baseOffset + int32At(entry, 8)];
    }
  }

  /** Drops the entries at and above `offset`. */
  truncateTo(offset: number): void {
    const relative = offset - this.#baseOffset;
    this.#file.cutTo(this.#file.findLast((bytes, at) => int32At(bytes, at + 8) < relative) + 1);
    this.#loadLast();
  }

  clear(): void {
    this.#file.cutTo(0);
    this.#loadLast();
  }

  flush(): void {
    this.#file.flush();
  }

  #loadLast(): void {
    if (this.entries === 0) {
      this.#lastTimestamp = -1;
      this.#lastOffset = this.#baseOffset;
      return;
    }
    const entry = this.#file.entry(this.entries - 1);
    this.#lastTimestamp = int64At(entry, 0);
    this.#lastOffset = this.#baseOffset + int32At(entry, 8);
  }
}
