// The newest bytes of one log in memory: what is not written yet, and what readers at the end are served
// from. Invariant: the blocks follow each other without gaps, the newest ends at the log's end; blocks leave
// from the old end only, and never with bytes that are not written.
import { batchBaseOffset, batchLastOffset, batchSizeInBytes } from "@ottla/protocol";
import { TAIL_BLOCK_BYTES, TAIL_BLOCK_SHARED_BYTES_MAX } from "../limits.ts";
import type { TailBlock, TailBlockOwner } from "./tail-block.ts";
import type { TailBlockPool } from "./tail-block-pool.ts";

/** Where a batch lies in the tail. */
export interface TailPlace {
  readonly block: TailBlock;
  /** Start of the batch in the block's memory. */
  readonly at: number;
  readonly batchBytes: number;
}

/** The tail of one log. */
export class LogTail implements TailBlockOwner {
  readonly #pool: TailBlockPool;
  /** Oldest first. */
  #blocks: TailBlock[] = [];
  #isSealed = false;
  /** Bytes from here on are not in the file yet. */
  #writtenPosition = 0;
  #writtenSegmentBaseOffset = 0;

  constructor(pool: TailBlockPool) {
    this.#pool = pool;
  }

  get blocks(): readonly TailBlock[] {
    return this.#blocks;
  }

  /** First offset that the tail can serve; `Infinity` when it is empty. */
  get firstOffset(): number {
    return this.#blocks[0]?.firstOffset ?? Number.POSITIVE_INFINITY;
  }

  /** The next append goes to `position` of this segment; everything before is in its file. */
  startAt(segmentBaseOffset: number, position: number): void {
    this.#isSealed = true;
    this.#writtenSegmentBaseOffset = segmentBaseOffset;
    this.#writtenPosition = position;
  }

  /** Copies one stamped batch in. Answers the block; the batch starts at `block.usedBytes - bytes.length`. */
  append(
    bytes: Uint8Array,
    place: {
      segmentBaseOffset: number;
      position: number;
      firstOffset: number;
      endOffset: number;
      nowMs: number;
    },
  ): TailBlock {
    let block = this.#blocks.at(-1);
    if (block === undefined || this.#isSealed || block.freeBytes < bytes.length) {
      block = this.#pool.borrow(this.#nextBlockBytes(block, bytes.length, place.nowMs));
      block.begin(this, place.segmentBaseOffset, place.position, place.firstOffset);
      this.#blocks.push(block);
      this.#isSealed = false;
    }
    block.append(bytes, place.firstOffset, place.endOffset);
    block.appendedMs = place.nowMs;
    return block;
  }

  /** The bytes that wait to be written, in order; they go to `writtenPosition`. */
  unwritten(): Uint8Array[] {
    const parts: Uint8Array[] = [];
    for (const block of this.#blocks) {
      if (this.#isWritten(block)) continue;
      const from = Math.max(0, this.#writtenPosition - block.position);
      parts.push(block.memory.subarray(from, block.usedBytes));
    }
    return parts;
  }

  get writtenPosition(): number {
    return this.#writtenPosition;
  }

  /**
   * What the file of the newest segment holds from `position` on, as views; null when the tail has no longer
   * all of it.
   */
  writtenFrom(segmentBaseOffset: number, position: number): Uint8Array[] | null {
    const parts: Uint8Array[] = [];
    let end = this.#writtenPosition;
    for (let index = this.#blocks.length - 1; index >= 0 && end > position; index--) {
      const block = this.#blocks[index] as TailBlock;
      if (block.segmentBaseOffset !== segmentBaseOffset) return null;
      if (block.position >= end) continue;
      if (block.endPosition < end) return null;
      const from = Math.max(position, block.position);
      parts.unshift(block.memory.subarray(from - block.position, end - block.position));
      end = from;
    }
    return end === position ? parts : null;
  }

  /** All bytes up to the end are in the file now. */
  markWritten(): void {
    const newest = this.#blocks.at(-1);
    if (newest !== undefined && !this.#isWritten(newest)) this.#writtenPosition = newest.endPosition;
  }

  /**
   * The batch that holds `offset` or, when no record has it, the next one; null when the tail does not have
   * it.
   */
  find(offset: number): TailPlace | null {
    for (let index = this.#blocks.length - 1; index >= 0; index--) {
      const block = this.#blocks[index] as TailBlock;
      if (block.firstOffset > offset) continue;
      if (offset < block.endOffset) return findInBlock(block, offset);
      const next = this.#blocks[index + 1];
      return next === undefined ? null : findInBlock(next, next.firstOffset);
    }
    return null;
  }

  /** Lets go of every block: the log was cut, failed or is closed. Slices keep what they show. */
  drop(): void {
    const blocks = this.#blocks;
    this.#blocks = [];
    for (const block of blocks) this.#pool.giveBack(block);
  }

  /** Lets go of all blocks when nothing was appended since `beforeMs` and nothing waits to be written. */
  dropIdle(beforeMs: number): void {
    const newest = this.#blocks.at(-1);
    if (newest !== undefined && newest.appendedMs < beforeMs && this.#isWritten(newest)) this.drop();
  }

  giveUp(block: TailBlock): boolean {
    if (this.#blocks[0] !== block || !this.#isWritten(block)) return false;
    this.#blocks.shift();
    this.#pool.giveBack(block);
    return true;
  }

  #isWritten(block: TailBlock): boolean {
    return (
      block.segmentBaseOffset < this.#writtenSegmentBaseOffset || block.endPosition <= this.#writtenPosition
    );
  }

  /** A log that filled its last block quickly gets a larger one. */
  #nextBlockBytes(last: TailBlock | undefined, batchBytes: number, nowMs: number): number {
    const smallest = TAIL_BLOCK_BYTES[0] as number;
    if (last === undefined || nowMs - last.appendedMs > 1000) return Math.max(batchBytes, smallest);
    const grown = Math.min(last.memory.length * 4, TAIL_BLOCK_SHARED_BYTES_MAX);
    return Math.max(batchBytes, grown);
  }
}

function findInBlock(block: TailBlock, offset: number): TailPlace {
  const memory = block.memory;
  let at = block.markBefore(offset);
  while (batchLastOffset(memory, at) < offset) at += batchSizeInBytes(memory, at);
  if (at >= block.usedBytes || batchBaseOffset(memory, at) >= block.endOffset) {
    throw new Error(`offset ${offset} is not in the tail block ${block.firstOffset}..${block.endOffset}`);
  }
  return { block, at, batchBytes: batchSizeInBytes(memory, at) };
}
