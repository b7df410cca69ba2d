// Fixed-size entries in a file, ascending, appended only: what the offset index and the time index have in
// common. New entries wait in memory until `flush`; a search reads pieces of the file, the one where the last
// search ended first, so no index occupies memory and who reads on costs one read. An index is a cache of the
// log: it may be cut, dropped and rebuilt at any time. Apache Kafka fills the file of an active segment with
// zeros up to its largest size; those zeros are cut at opening.
import type { CachedFile } from "./file-cache.ts";

const PENDING_BYTES_FIRST = 16 * 12;
const CHUNK_ENTRIES = 1024;
const SPAN_ENTRIES = 512;

/** Judges the entry at `at` of `bytes`. */
export type EntryJudge = (bytes: Uint8Array, at: number) => boolean;

/** A file of entries of `entryBytes` bytes each. */
export class IndexFile {
  readonly file: CachedFile;
  readonly #entryBytes: number;
  readonly #probe: Uint8Array;
  #entriesOnDisk = 0;
  #pending: Uint8Array = EMPTY;
  #pendingBytes = 0;
  /** What the last search found. */
  #found = 0;

  constructor(file: CachedFile, entryBytes: number) {
    this.file = file;
    this.#entryBytes = entryBytes;
    this.#probe = new Uint8Array(entryBytes);
  }

  get entries(): number {
    return this.#entriesOnDisk + this.#pendingBytes / this.#entryBytes;
  }

  /** Counts the entries of the file: whole ones before the first that is all zero. Throws `DiskError`. */
  load(): void {
    this.#pendingBytes = 0;
    const bytes = this.file.size();
    this.#entriesOnDisk = Math.floor(bytes / this.#entryBytes);
    if (this.#entriesOnDisk > 0 && this.#isZero(this.#entriesOnDisk - 1)) {
      let low = 0;
      let high = this.#entriesOnDisk - 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (this.#isZero(middle)) high = middle;
        else low = middle + 1;
      }
      this.#entriesOnDisk = low;
    }
    const valid = this.#entriesOnDisk * this.#entryBytes;
    if (valid !== bytes) this.file.opened().truncate(valid);
  }

  /** The bytes of entry `index`, valid until the next call. */
  entry(index: number): Uint8Array {
    if (index >= this.#entriesOnDisk) {
      const at = (index - this.#entriesOnDisk) * this.#entryBytes;
      this.#probe.set(this.#pending.subarray(at, at + this.#entryBytes));
    } else if (this.file.opened().read(this.#probe, index * this.#entryBytes) < this.#entryBytes) {
      this.#probe.fill(0);
    }
    return this.#probe;
  }

  /**
   * Index of the last entry of which `isBelow` is true, as it is of all before it and of none after it; -1
   * without one. Throws `DiskError`.
   */
  findLast(isBelow: EntryJudge): number {
    const entryBytes = this.#entryBytes;
    const room = new Uint8Array(SPAN_ENTRIES * entryBytes);
    let low = 0;
    let high = this.entries - 1;
    let from = Math.min(Math.max(this.#found, 0), high);
    while (low <= high) {
      const span = this.#span(from, high, room);
      const last = span.length - entryBytes;
      if (!isBelow(span, 0)) high = from - 1;
      else if (isBelow(span, last)) low = from + span.length / entryBytes;
      else {
        high = from + lastBelow(span, entryBytes, isBelow);
        break;
      }
      from = high - low < SPAN_ENTRIES ? low : (low + high) >>> 1;
    }
    this.#found = high;
    return high;
  }

  /** Entries from `from` up to `to` at most, in `room` or where they wait; at least one. */
  #span(from: number, to: number, room: Uint8Array): Uint8Array {
    const entryBytes = this.#entryBytes;
    const waiting = from - this.#entriesOnDisk;
    if (waiting >= 0) {
      return this.#pending.subarray(waiting * entryBytes, (to + 1 - this.#entriesOnDisk) * entryBytes);
    }
    const entries = Math.min(to + 1, this.#entriesOnDisk, from + SPAN_ENTRIES) - from;
    const span = room.subarray(0, entries * entryBytes);
    const bytesRead = this.file.opened().read(span, from * entryBytes);
    if (bytesRead < span.length) span.fill(0, bytesRead);
    return span;
  }

  /** Room for one more entry; the caller fills it before anything else is called. */
  append(): Uint8Array {
    const at = this.#pendingBytes;
    if (at + this.#entryBytes > this.#pending.length) this.#grow();
    this.#pendingBytes = at + this.#entryBytes;
    return this.#pending.subarray(at, at + this.#entryBytes);
  }

  /** Writes what waits. Throws `DiskError`; then it still waits. */
  flush(): void {
    if (this.#pendingBytes === 0) return;
    const bytes = this.#pending.subarray(0, this.#pendingBytes);
    this.file.opened().write([bytes], this.#entriesOnDisk * this.#entryBytes);
    this.#entriesOnDisk += this.#pendingBytes / this.#entryBytes;
    this.#pendingBytes = 0;
    this.#pending = EMPTY;
  }

  /** Keeps the first `entries` entries. Throws `DiskError`. */
  cutTo(entries: number): void {
    if (entries >= this.entries) return;
    if (entries >= this.#entriesOnDisk) {
      this.#pendingBytes = (entries - this.#entriesOnDisk) * this.#entryBytes;
      return;
    }
    this.#pendingBytes = 0;
    this.#entriesOnDisk = entries;
    this.file.opened().truncate(entries * this.#entryBytes);
  }

  /** True when every entry in the file is above the one before, by the judge's word. Throws `DiskError`. */
  ascends(isAbove: (bytes: Uint8Array, at: number, before: number) => boolean): boolean {
    const entryBytes = this.#entryBytes;
    const chunk = new Uint8Array(entryBytes * CHUNK_ENTRIES);
    // Chunks share an entry, so that neighbours always meet.
    for (let first = 0; first < this.#entriesOnDisk - 1; first += CHUNK_ENTRIES - 1) {
      const bytes = entryBytes * Math.min(CHUNK_ENTRIES, this.#entriesOnDisk - first);
      if (this.file.opened().read(chunk.subarray(0, bytes), first * entryBytes) < bytes) return false;
      for (let at = entryBytes; at < bytes; at += entryBytes) {
        if (!isAbove(chunk, at, at - entryBytes)) return false;
      }
    }
    return true;
  }

  #isZero(index: number): boolean {
    this.file.opened().read(this.#probe, index * this.#entryBytes);
    return this.#probe.every((byte) => byte === 0);
  }

  #grow(): void {
    const grown = new Uint8Array(Math.max(PENDING_BYTES_FIRST, this.#pending.length * 2));
    grown.set(this.#pending.subarray(0, this.#pendingBytes));
    this.#pending = grown;
  }
}

/** Of the entries in `span`, whose first is below and whose last is not, the last one that is. */
function lastBelow(span: Uint8Array, entryBytes: number, isBelow: EntryJudge): number {
  let low = 0;
  let high = span.length / entryBytes - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (isBelow(span, middle * entryBytes)) low = middle;
    else high = middle;
  }
  return low;
}

const EMPTY = new Uint8Array(0);
