// The memory of all tail blocks under one budget. A block that is asked for takes the place of the oldest
// ones; blocks with bytes not yet written cannot be taken, blocks held by slices count until released.
import { TAIL_BLOCK_BYTES, TAIL_FREE_BYTES_MAX } from "../limits.ts";
import { TailBlock } from "./tail-block.ts";

/** Lends blocks to the tails of logs. */
export class TailBlockPool {
  readonly #budgetBytes: number;
  readonly #free: TailBlock[][] = TAIL_BLOCK_BYTES.map(() => []);
  #freeBytes = 0;
  #usedBytes = 0;
  #heldBySlicesBytes = 0;
  #oldest: TailBlock | null = null;
  #newest: TailBlock | null = null;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  /** Bytes of all blocks lent or still held by slices. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /**
   * Bytes of blocks that slices hold although the tails gave them up. Not what the tails themselves hold
   * above the budget, which no reader can give back.
   */
  get heldBySlicesBytes(): number {
    return this.#heldBySlicesBytes;
  }

  /** A block of at least `bytes`; the caller begins it. */
  borrow(bytes: number): TailBlock {
    const sizeClass = TAIL_BLOCK_BYTES.findIndex((classBytes) => classBytes >= bytes);
    const blockBytes = sizeClass < 0 ? bytes : (TAIL_BLOCK_BYTES[sizeClass] as number);
    this.#makeRoom(blockBytes);
    let block = sizeClass < 0 ? undefined : this.#free[sizeClass]?.pop();
    if (block === undefined) block = new TailBlock(blockBytes);
    else this.#freeBytes -= blockBytes;
    this.#usedBytes += blockBytes;
    this.#link(block);
    return block;
  }

  /** The tail no longer serves from the block; its memory comes back with its last lease. */
  giveBack(block: TailBlock): void {
    if (block.isEvicted) return;
    block.isEvicted = true;
    block.owner = null;
    this.#unlink(block);
    if (block.leases === 0) this.#reclaim(block);
    else this.#heldBySlicesBytes += block.memory.length;
  }

  /** One slice less shows the block. */
  release(block: TailBlock): void {
    if (block.leases <= 0) throw new Error("a slice of a tail block was released twice");
    block.leases--;
    if (block.leases > 0 || !block.isEvicted) return;
    this.#heldBySlicesBytes -= block.memory.length;
    this.#reclaim(block);
  }

  #makeRoom(bytes: number): void {
    let candidate = this.#oldest;
    while (candidate !== null && this.#usedBytes + bytes > this.#budgetBytes) {
      const next: TailBlock | null = candidate.newer;
      candidate.owner?.giveUp(candidate);
      candidate = next;
    }
  }

  #reclaim(block: TailBlock): void {
    const bytes = block.memory.length;
    this.#usedBytes -= bytes;
    const sizeClass = TAIL_BLOCK_BYTES.indexOf(bytes);
    if (sizeClass < 0 || this.#freeBytes + bytes > TAIL_FREE_BYTES_MAX) return;
    this.#free[sizeClass]?.push(block);
    this.#freeBytes += bytes;
  }

  #link(block: TailBlock): void {
    block.older = this.#newest;
    block.newer = null;
    if (this.#newest === null) this.#oldest = block;
    else this.#newest.newer = block;
    this.#newest = block;
  }

  #unlink(block: TailBlock): void {
    if (block.older === null) this.#oldest = block.newer;
    else block.older.newer = block.newer;
    if (block.newer === null) this.#newest = block.older;
    else block.newer.older = block.older;
    block.older = null;
    block.newer = null;
  }
}
