// The `.snapshot` files of one partition: taken when a segment rolls, at a clean stop and after recovery; the
// newest at or below the log's end is where the rebuilding of producer state starts.
import { type Disk, DiskError } from "@ottla/ports";
import {
  baseOffsetOfFileName,
  PRODUCER_SNAPSHOT_SUFFIX,
  segmentFileName,
} from "../segment/segment-file-name.ts";
import type { ProducerEntry } from "./producer-entry.ts";
import { decodeProducerSnapshot, encodeProducerSnapshot } from "./producer-snapshot.ts";
import type { ProducerState } from "./producer-state.ts";

/** Snapshot files of one partition's directory. */
export class ProducerSnapshots {
  readonly #disk: Disk;
  #directory: string;
  /** Ascending. */
  #offsets: number[];
  /** Offsets of snapshots that the pool has not written yet. */
  readonly #underWay = new Set<number>();
  /** How often the log was cut below a snapshot. */
  #cuts = 0;

  constructor(disk: Disk, directory: string, fileNames: readonly string[]) {
    this.#disk = disk;
    this.#directory = directory;
    this.#offsets = fileNames
      .map((name) => baseOffsetOfFileName(name, PRODUCER_SNAPSHOT_SUFFIX))
      .filter((offset) => offset !== null)
      .sort((left, right) => left - right);
  }

  get offsets(): readonly number[] {
    return this.#offsets;
  }

  /** Writes the state as of its end unless that snapshot is there. Throws `DiskError`. */
  take(state: ProducerState): void {
    const offset = state.endOffset;
    if (this.has(offset)) return;
    const bytes = encodeProducerSnapshot(state.producers);
    this.#disk.replaceFile(this.#path(offset), bytes);
    this.#offsets.push(offset);
    this.#offsets.sort((left, right) => left - right);
  }

  /** A snapshot of this offset is on disk. */
  has(offset: number): boolean {
    return this.#offsets.includes(offset);
  }

  /**
   * As `take`, on the pool, of a state that has no snapshot yet: a segment that rolls does not wait. A
   * snapshot that fails to be written is only missed at recovery. `done` in a later turn, in any case.
   */
  takeLater(state: ProducerState, done: () => void = () => {}): void {
    const offset = state.endOffset;
    const cuts = this.#cuts;
    this.#underWay.add(offset);
    this.#disk.replaceFileLater(this.#path(offset), encodeProducerSnapshot(state.producers), (error) => {
      // It may tell of records that were cut off meanwhile.
      if (cuts === this.#cuts) {
        this.#underWay.delete(offset);
        if (error === null && !this.has(offset)) {
          this.#offsets.push(offset);
          this.#offsets.sort((left, right) => left - right);
        }
      }
      done();
    });
  }

  /** The newest sound snapshot in `[from, to]`; damaged ones are removed. Throws `DiskError`. */
  newest(from: number, to: number): { readonly offset: number; readonly entries: ProducerEntry[] } | null {
    for (let index = this.#offsets.length - 1; index >= 0; index--) {
      const offset = this.#offsets[index];
      if (offset === undefined || offset > to || offset < from) continue;
      const entries = this.#read(offset);
      if (entries !== null) return { offset, entries };
      this.#remove(offset);
    }
    return null;
  }

  /**
   * Removes snapshots above `offset`, for good: the log was cut there, and what it holds later is not what
   * they tell. Throws `DiskError`.
   */
  removeAbove(offset: number): void {
    this.#cuts += 1;
    const above = this.#offsets.filter((each) => each > offset);
    // Written now, it overtakes what the pool would still write.
    for (const taken of this.#underWay) {
      this.#disk.replaceFile(this.#path(taken), new Uint8Array(0));
      above.push(taken);
    }
    this.#underWay.clear();
    for (const taken of above) this.#remove(taken);
    if (above.length > 0) this.#disk.syncDirectory(this.#directory);
  }

  /** Removes snapshots below `offset`: the segments they belong to are gone. */
  removeBelow(offset: number): void {
    for (const taken of this.#offsets.filter((each) => each < offset)) this.#remove(taken);
  }

  /**
   * Keeps those that start a segment, and the newest unless it may be of records that were cut off: one that
   * was under way when its log was cut and the process ended.
   */
  removeStray(baseOffsets: ReadonlySet<number>, keepsNewest = true): void {
    const newest = keepsNewest ? this.#offsets.at(-1) : undefined;
    for (const taken of this.#offsets.filter((each) => each !== newest && !baseOffsets.has(each))) {
      this.#remove(taken);
    }
  }

  /** The partition's directory was renamed. */
  moved(directory: string): void {
    this.#directory = directory;
  }

  #read(offset: number): ProducerEntry[] | null {
    if (this.#disk.status(this.#path(offset)) === null) return null;
    return readProducerSnapshot(this.#disk, this.#path(offset), offset);
  }

  #remove(offset: number): void {
    this.#offsets = this.#offsets.filter((each) => each !== offset);
    try {
      this.#disk.remove(this.#path(offset));
    } catch (error) {
      if (!(error instanceof DiskError && error.code === "ENOENT")) throw error;
    }
  }

  #path(offset: number): string {
    return `${this.#directory}/${segmentFileName(offset, PRODUCER_SNAPSHOT_SUFFIX)}`;
  }
}

/** The producers in the snapshot at `path`; null when it is none as of `offset`. Throws `DiskError`. */
export function readProducerSnapshot(disk: Disk, path: string, offset: number): ProducerEntry[] | null {
  const entries = decodeProducerSnapshot(disk.readFile(path));
  // One that knows what came after its offset was taken at another.
  return entries?.every((entry) => entry.lastDataOffset < offset) === true ? entries : null;
}
