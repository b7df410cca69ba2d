// Records served from tail blocks without a copy. Each block counts the slice as a lease until it is
// released.
import type { TailBlock } from "../tail/tail-block.ts";
import type { TailBlockPool } from "../tail/tail-block-pool.ts";
import type { LogSlice } from "./log-slice.ts";

/** Views of one or more blocks. */
export class TailSlice implements LogSlice {
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
  readonly #pool: TailBlockPool;
  #blocks: readonly TailBlock[] | null;

  /** `bytes` bytes from `at` in the first block on; the blocks follow each other and hold them all. */
  constructor(pool: TailBlockPool, blocks: readonly TailBlock[], at: number, bytes: number) {
    const parts: Uint8Array[] = [];
    let from = at;
    let rest = bytes;
    for (const block of blocks) {
      const length = Math.min(rest, block.usedBytes - from);
      parts.push(block.memory.subarray(from, from + length));
      block.leases++;
      rest -= length;
      from = 0;
    }
    this.parts = parts;
    this.bytes = bytes;
    this.#pool = pool;
    this.#blocks = blocks;
  }

  release(): void {
    if (this.#blocks === null) throw new Error("a slice of a log's tail was released twice");
    for (const block of this.#blocks) this.#pool.release(block);
    this.#blocks = null;
  }
}
