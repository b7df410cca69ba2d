// A coordinator's log in memory whose high watermark and failures a test decides.
import { batchLastOffset, batchSizeInBytes, type ErrorSpec, MAGIC_V2, setInt64 } from "@ottla/protocol";
import type {
  CoordinatorAppendOutcome,
  CoordinatorLog,
  CoordinatorReadResult,
} from "../runtime/coordinator-log.ts";

/** Where the base offset of a batch is. */
const BASE_OFFSET_AT = 0;

interface StoredBatch {
  readonly firstOffset: number;
  readonly endOffset: number;
  readonly bytes: Uint8Array;
}

export class MemoryLog implements CoordinatorLog {
  batches: StoredBatch[] = [];
  logStartOffset = 0;
  logEndOffset = 0;
  highWatermark = 0;
  batchBytesMax = 1_048_588;
  /** What the next appends are refused with. */
  refuseWith: ErrorSpec | null = null;
  /** What the next reads fail with. */
  failReadsWith: ErrorSpec | null = null;
  /** Appends are held until `release`. */
  isHeld = false;
  leased = 0;
  #held: (() => void)[] = [];

  append(batch: Uint8Array, done: (outcome: CoordinatorAppendOutcome) => void): void {
    const copy = batch.slice();
    const run = (): void => {
      if (this.refuseWith !== null) return done({ kind: "refused", error: this.refuseWith });
      if (copy[16] !== MAGIC_V2) throw new Error("not a v2 batch");
      if (copy.length > this.batchBytesMax) throw new Error(`a batch of ${copy.length} bytes`);
      const firstOffset = this.logEndOffset;
      setInt64(copy, BASE_OFFSET_AT, firstOffset);
      this.store(copy);
      done({ kind: "appended", firstOffset, lastOffset: this.logEndOffset - 1 });
    };
    if (this.isHeld) this.#held.push(run);
    else run();
  }

  /** Lets the held appends go on. */
  release(): void {
    this.isHeld = false;
    for (const run of this.#held.splice(0)) run();
  }

  /** Adds the batches of a segment, committed. */
  addSegment(buffer: Uint8Array): void {
    // Slices of a Buffer would not be copies.
    const segment = new Uint8Array(buffer);
    for (let at = 0; at < segment.length; ) {
      const size = batchSizeInBytes(segment, at);
      this.store(segment.slice(at, at + size));
      at += size;
    }
    this.highWatermark = this.logEndOffset;
  }

  /** Forgets what is at and above an offset that begins a batch. */
  truncateTo(offset: number): void {
    this.batches = this.batches.filter(({ firstOffset }) => firstOffset < offset);
    this.logEndOffset = offset;
  }

  read(offset: number, bytesMax: number, done: (result: CoordinatorReadResult) => void): void {
    if (this.failReadsWith !== null) return done({ kind: "failed", error: this.failReadsWith });
    const from = this.batches.findIndex(({ endOffset }) => endOffset > offset);
    if (from < 0) return done({ kind: "end" });
    const bytes: Uint8Array[] = [];
    let size = 0;
    for (const batch of this.batches.slice(from)) {
      if (size > 0 && size + batch.bytes.length > bytesMax) break;
      bytes.push(batch.bytes.slice());
      size += batch.bytes.length;
    }
    this.leased++;
    const release = (): void => {
      this.leased--;
      // Bytes that are given back are overwritten: whoever kept a view of them sees it.
      for (const part of bytes) part.fill(0xee);
    };
    done({ kind: "batches", bytes, release });
  }

  private store(bytes: Uint8Array): void {
    const endOffset = batchLastOffset(bytes, 0) + 1;
    this.batches.push({ firstOffset: this.logEndOffset, endOffset, bytes });
    this.logEndOffset = endOffset;
  }
}
