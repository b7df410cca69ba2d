// The log of one partition with nothing around it: batches as they come, copied into a tail block, one write
// a turn, no index on disk, no check, no second life. What a Node program can do at best with such bytes.
import { openSync, readSync, writeSync } from "node:fs";

const blockBytes = 1 << 20;
/** Blocks kept, the one being filled included. */
const blocksMax = 3;
/** Data starts so far into a read buffer; see READ_BUFFER_LEAD_BYTES of package log. */
const leadBytes = 112;
const lastOffsetDeltaAt = 23;

/** A piece of the log's end. */
interface Block {
  readonly buffer: Buffer;
  /** Where it starts in the file. */
  at: number;
  used: number;
  /** Replies on their way that show it. */
  leases: number;
}

/** What a fetch answers with; `release` once it is sent. */
export interface FloorSlice {
  readonly parts: readonly Buffer[];
  readonly bytes: number;
  release(): void;
}

const nothing: FloorSlice = { parts: [], bytes: 0, release: () => undefined };

/** Read buffers of all partitions that are free. */
export type FreeBuffers = Buffer[];

/** An open log. */
export class FloorPartition {
  readonly #fd: number;
  readonly #free: FreeBuffers;
  readonly #blocks: Block[] = [];
  /** By batch: its first offset, and where it starts. */
  readonly #offsets: number[] = [];
  readonly #positions: number[] = [];
  #bytes = 0;
  #written = 0;
  nextOffset = 0;

  constructor(file: string, free: FreeBuffers) {
    this.#fd = openSync(file, "w+");
    this.#free = free;
  }

  get isDirty(): boolean {
    return this.#written < this.#bytes;
  }

  /** Answers the offset that the batch got. */
  append(batch: Buffer): number {
    const offset = this.nextOffset;
    const block = this.#blockFor(batch.length);
    batch.copy(block.buffer, block.used);
    block.buffer.writeUInt32BE(Math.floor(offset / 2 ** 32), block.used);
    block.buffer.writeUInt32BE(offset >>> 0, block.used + 4);
    block.used += batch.length;
    this.#offsets.push(offset);
    this.#positions.push(this.#bytes);
    this.#bytes += batch.length;
    this.nextOffset = offset + batch.readInt32BE(lastOffsetDeltaAt) + 1;
    return offset;
  }

  #blockFor(bytes: number): Block {
    const last = this.#blocks.at(-1);
    if (last !== undefined && last.used + bytes <= last.buffer.length) return last;
    // What a block to be dropped holds must be in the file.
    this.write();
    const oldest = this.#blocks.length >= blocksMax ? this.#blocks.shift() : undefined;
    const isFree = oldest !== undefined && oldest.leases === 0 && oldest.buffer.length >= bytes;
    const buffer = isFree ? oldest.buffer : Buffer.allocUnsafeSlow(Math.max(blockBytes, bytes));
    const block = { buffer, at: this.#bytes, used: 0, leases: 0 };
    this.#blocks.push(block);
    return block;
  }

  /** Hands the kernel what came since the last time. */
  write(): void {
    for (const { buffer, at, used } of this.#blocks) {
      const from = Math.max(at, this.#written);
      if (from < at + used) writeSync(this.#fd, buffer, from - at, at + used - from, from);
    }
    this.#written = this.#bytes;
  }

  /** Whole batches from the one that holds `offset`, at least one. */
  read(offset: number, bytesMax: number): FloorSlice {
    const first = this.#batchOf(offset);
    const from = this.#positions[first];
    if (offset >= this.nextOffset || from === undefined) return nothing;
    const last = this.#lastWithin(first, from + bytesMax);
    const to = this.#positions[last + 1] ?? this.#bytes;
    const firstBlock = this.#blocks[0];
    return firstBlock !== undefined && from >= firstBlock.at ? this.#shown(from, to) : this.#loaded(from, to);
  }

  #shown(from: number, to: number): FloorSlice {
    const leased: Block[] = [];
    const parts: Buffer[] = [];
    for (const block of this.#blocks) {
      const start = Math.max(from, block.at);
      const end = Math.min(to, block.at + block.used);
      if (start >= end) continue;
      parts.push(block.buffer.subarray(start - block.at, end - block.at));
      block.leases++;
      leased.push(block);
    }
    const release = (): void => {
      for (const block of leased) block.leases--;
    };
    return { parts, bytes: to - from, release };
  }

  #loaded(from: number, to: number): FloorSlice {
    const bytes = to - from;
    const needed = leadBytes + bytes;
    let buffer = this.#free.pop();
    if (buffer === undefined || buffer.length < needed) {
      buffer = Buffer.allocUnsafeSlow(Math.max(needed, blockBytes + leadBytes));
    }
    readSync(this.#fd, buffer, leadBytes, bytes, from);
    const taken = buffer;
    return { parts: [buffer.subarray(leadBytes, needed)], bytes, release: () => this.#free.push(taken) };
  }

  #batchOf(offset: number): number {
    let low = 0;
    let high = this.#offsets.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#offsets[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The last batch that ends at or before `end`, `first` at least. */
  #lastWithin(first: number, end: number): number {
    let last = first;
    while (
      (this.#positions[last + 2] ?? (last + 2 === this.#positions.length ? this.#bytes : end + 1)) <= end
    ) {
      last++;
    }
    return last;
  }
}
