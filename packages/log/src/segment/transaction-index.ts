// `.txnindex`: the aborted transactions whose marker lies in the segment, in order of their markers. Entries
// of 34 bytes: version int16, producerId, firstOffset, lastOffset, lastStableOffset. The file exists only
// when there is an entry.
import type { Disk } from "@ottla/ports";
import { int16At, int64At, setInt16, setInt64 } from "@ottla/protocol";
import type { CachedFile } from "./file-cache.ts";

const ENTRY_BYTES = 34;
const VERSION = 0;

/** A transaction that was aborted. */
export interface AbortedTxn {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Offset of the marker. */
  readonly lastOffset: number;
  /** Last stable offset once the marker was there: all transactions below it were decided. */
  readonly lastStableOffset: number;
}

/**
 * Aborted transactions of one segment. Small, so entries are written at once and read whole. Unlike the other
 * indexes it is made durable together with the log: recovery does not look at old segments again.
 */
export class TransactionIndex {
  readonly file: CachedFile;
  #bytes: number;
  #isUnsynced = false;

  constructor(file: CachedFile) {
    this.file = file;
    this.#bytes = -1;
  }

  /** True when that created the file: its name is to be durable before entries count. Throws `DiskError`. */
  append(aborted: AbortedTxn): boolean {
    const entry = new Uint8Array(ENTRY_BYTES);
    setEntry(entry, 0, aborted);
    const isNew = this.#size() === 0;
    this.file.opened().write([entry], this.#size());
    this.#bytes = this.#size() + ENTRY_BYTES;
    this.#isUnsynced = true;
    return isNew;
  }

  /** True, once, when entries came or went since the last call: the caller syncs the file. */
  takeUnsynced(): boolean {
    const isUnsynced = this.#isUnsynced;
    this.#isUnsynced = false;
    return isUnsynced;
  }

  /** All entries. Throws `DiskError`. */
  all(): AbortedTxn[] {
    const bytes = new Uint8Array(this.#size());
    if (bytes.length > 0) this.file.opened().read(bytes, 0);
    const found: AbortedTxn[] = [];
    for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
      found.push({
        producerId: int64At(bytes, at + 2),
        firstOffset: int64At(bytes, at + 10),
        lastOffset: int64At(bytes, at + 18),
        lastStableOffset: int64At(bytes, at + 26),
      });
    }
    return found;
  }

  /** False when the file is no index of a segment that starts at `baseOffset`. */
  isSane(baseOffset: number): boolean {
    if (this.#size() % ENTRY_BYTES !== 0) return false;
    if (this.#size() === 0) return true;
    const bytes = new Uint8Array(2);
    this.file.opened().read(bytes, 0);
    if (int16At(bytes, 0) !== VERSION) return false;
    let previous = baseOffset - 1;
    return this.all().every((aborted) => {
      const isGood = isPlausible(aborted, previous);
      previous = aborted.lastOffset;
      return isGood;
    });
  }

  /**
   * Drops the transactions whose marker is at or above `offset`, and what a power cut left of an entry with
   * all that follows.
   */
  truncateTo(offset: number): void {
    if (this.#size() === 0) return;
    let previous = -1;
    const entries = this.all();
    const firstBad = entries.findIndex((aborted) => {
      const isGood = isPlausible(aborted, previous) && aborted.lastOffset < offset;
      previous = aborted.lastOffset;
      return !isGood;
    });
    const kept = firstBad < 0 ? entries.length : firstBad;
    if (kept * ENTRY_BYTES === this.#size()) return;
    this.file.opened().truncate(kept * ENTRY_BYTES);
    this.#bytes = kept * ENTRY_BYTES;
    this.#isUnsynced = true;
  }

  /** Other entries take the place of all, and are durable at the return. Blocks. Throws `DiskError`. */
  replaceAll(disk: Pick<Disk, "replaceFile">, entries: readonly AbortedTxn[]): void {
    const bytes = new Uint8Array(entries.length * ENTRY_BYTES);
    for (const [index, entry] of entries.entries()) setEntry(bytes, index * ENTRY_BYTES, entry);
    this.file.close();
    this.#bytes = -1;
    disk.replaceFile(this.file.path, bytes);
  }

  clear(): void {
    this.file.remove();
    this.#bytes = 0;
  }

  #size(): number {
    if (this.#bytes < 0) this.#bytes = this.file.size();
    return this.#bytes;
  }
}

function setEntry(bytes: Uint8Array, at: number, aborted: AbortedTxn): void {
  setInt16(bytes, at, VERSION);
  setInt64(bytes, at + 2, aborted.producerId);
  setInt64(bytes, at + 10, aborted.firstOffset);
  setInt64(bytes, at + 18, aborted.lastOffset);
  setInt64(bytes, at + 26, aborted.lastStableOffset);
}

/** Markers ascend, and each comes after the first record of its transaction. */
function isPlausible(aborted: AbortedTxn, previousLastOffset: number): boolean {
  const { producerId, firstOffset, lastOffset, lastStableOffset } = aborted;
  if (producerId < 0 || firstOffset < 0 || lastOffset <= previousLastOffset) return false;
  return lastOffset > firstOffset && lastStableOffset >= 0 && lastStableOffset <= lastOffset + 1;
}
