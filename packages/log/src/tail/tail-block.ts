// A piece of memory that holds whole batches of one segment, back to back as in its file. Written to disk
// from here and served to readers from here. Invariant: append-only for life; it is filled anew only when no
// slice holds it (`leases` 0).
import { TAIL_MARK_BYTES } from "../limits.ts";

/** Who holds a block, so that the pool can take it back. */
export interface TailBlockOwner {
  /** The pool wants the block's memory; true when the owner let go of it. */
  giveUp(block: TailBlock): boolean;
}

/** One block. Only its tail appends, only the pool refills. */
export class TailBlock {
  readonly memory: Uint8Array;
  owner: TailBlockOwner | null = null;
  /** Base offset of the segment the bytes belong to, and the position of byte 0 in its file. */
  segmentBaseOffset = 0;
  position = 0;
  usedBytes = 0;
  /** First offset in the block, and the offset after its last. */
  firstOffset = 0;
  endOffset = 0;
  /** Slices that show this memory. */
  leases = 0;
  /** Out of the cache: goes back to the pool with its last lease. */
  isEvicted = false;
  /** Monotonic time of the last append. */
  appendedMs = 0;
  /** Neighbours in the pool's order of age. */
  older: TailBlock | null = null;
  newer: TailBlock | null = null;
  /** Pairs of first offset and start of a batch, about one per `TAIL_MARK_BYTES`. */
  readonly #marks: Float64Array;
  #markCount = 0;

  constructor(bytes: number) {
    this.memory = new Uint8Array(bytes);
    this.#marks = new Float64Array(2 * Math.min(64, Math.ceil(bytes / TAIL_MARK_BYTES)));
  }

  get freeBytes(): number {
    return this.memory.length - this.usedBytes;
  }

  /** Position in the file after the last byte. */
  get endPosition(): number {
    return this.position + this.usedBytes;
  }

  /** Empties the block for its next use. */
  begin(owner: TailBlockOwner, segmentBaseOffset: number, position: number, firstOffset: number): void {
    this.owner = owner;
    this.segmentBaseOffset = segmentBaseOffset;
    this.position = position;
    this.usedBytes = 0;
    this.firstOffset = firstOffset;
    this.endOffset = firstOffset;
    this.isEvicted = false;
    this.#markCount = 0;
  }

  /** Copies a batch in; answers where it starts. The caller has checked the room. */
  append(bytes: Uint8Array, firstOffset: number, endOffset: number): number {
    const at = this.usedBytes;
    this.memory.set(bytes, at);
    this.usedBytes = at + bytes.length;
    this.endOffset = endOffset;
    const marks = this.#marks;
    const lastMark = this.#markCount === 0 ? -TAIL_MARK_BYTES : (marks[2 * this.#markCount - 1] as number);
    if (at - lastMark >= TAIL_MARK_BYTES && 2 * this.#markCount < marks.length) {
      marks[2 * this.#markCount] = firstOffset;
      marks[2 * this.#markCount + 1] = at;
      this.#markCount++;
    }
    return at;
  }

  /** Start in memory of a batch at or before the one with `offset`. */
  markBefore(offset: number): number {
    let index = this.#markCount - 1;
    while (index > 0 && (this.#marks[2 * index] as number) > offset) index--;
    return index < 0 ? 0 : (this.#marks[2 * index + 1] as number);
  }
}
