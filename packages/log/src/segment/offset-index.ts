// `.index`: from an offset to the position of a batch at or before it. Entries of 8 bytes: offset relative to
// the segment's base, position. An entry's offset is the last one of the batch at its position (as Apache
// Kafka writes it).
import { int32At, setInt32 } from "@ottla/protocol";
import type { CachedFile } from "./file-cache.ts";
import { IndexFile } from "./index-file.ts";

const ENTRY_BYTES = 8;

/** Sparse index of one segment by offset. */
export class OffsetIndex {
  readonly #baseOffset: number;
  readonly #file: IndexFile;
  #lastOffset: number;
  #lastPosition = 0;

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

  /** Offset of the newest entry; the base offset without entries. */
  get lastOffset(): number {
    return this.#lastOffset;
  }

  /** Position of the newest entry; 0 without entries. */
  get lastPosition(): number {
    return this.#lastPosition;
  }

  isFull(bytesMax: number): boolean {
    return this.entries >= Math.floor(bytesMax / ENTRY_BYTES);
  }

  /**
   * Reads how far the file goes. False when its newest entry cannot belong to a segment of `segmentBytes`
   * bytes.
   */
  load(segmentBytes: number): boolean {
    this.#file.load();
    this.#loadLast();
    return this.entries === 0 || (this.#lastOffset > this.#baseOffset && this.#lastPosition < segmentBytes);
  }

  /** False when entries are out of order: a crash lost a part of the file. Throws `DiskError`. */
  ascends(): boolean {
    return this.#file.ascends((bytes, at, before) => {
      const isHigher = int32At(bytes, at) > int32At(bytes, before);
      return isHigher && int32At(bytes, at + 4) > int32At(bytes, before + 4);
    });
  }

  /** `offset` must be above every indexed one; an equal or lower one is left out. */
  append(offset: number, position: number): void {
    if (this.entries > 0 && offset <= this.#lastOffset) return;
    const entry = this.#file.append();
    setInt32(entry, 0, offset - this.#baseOffset);
    setInt32(entry, 4, position);
    this.#lastOffset = offset;
    this.#lastPosition = position;
  }

  /**
   * Position from which to look for `offset`: that of the newest entry not above it, 0 without one. Throws
   * `DiskError`.
   */
  lookup(offset: number): number {
    if (this.entries === 0) return 0;
    if (offset >= this.#lastOffset) return this.#lastPosition;
    const index = this.#lastIndexNotAbove(offset);
    return index < 0 ? 0 : int32At(this.#file.entry(index), 4);
  }

  /** The entries, for tools and tests: `[offset, position]`. */
  *[Symbol.iterator](): IterableIterator<readonly [number, number]> {
    for (let index = 0; index < this.entries; index++) {
      const entry = this.#file.entry(index);
      yield [this.#baseOffset + int32At(entry, 0), int32At(entry, 4)];
    }
  }

  /** Drops the entries at and above `offset`. */
  truncateTo(offset: number): void {
    this.#file.cutTo(this.#lastIndexNotAbove(offset - 1) + 1);
    this.#loadLast();
  }

  /** Drops the newest entry. */
  dropLast(): void {
    this.#file.cutTo(this.entries - 1);
    this.#loadLast();
  }

  clear(): void {
    this.#file.cutTo(0);
    this.#loadLast();
  }

  flush(): void {
    this.#file.flush();
  }

  #lastIndexNotAbove(offset: number): number {
    const relative = offset - this.#baseOffset;
    return this.#file.findLast((bytes, at) => int32At(bytes, at) <= relative);
  }

  #loadLast(): void {
    if (this.entries === 0) {
      this.#lastOffset = this.#baseOffset;
      this.#lastPosition = 0;
      return;
    }
    const entry = this.#file.entry(this.entries - 1);
    this.#lastOffset = this.#baseOffset + int32At(entry, 0);
    this.#lastPosition = int32At(entry, 4);
  }
}
