// Walks the batches of a segment file by their headers, reading small pieces; a whole batch only when asked
// for. Understands the old messages of magic 0 and 1 as batches of one. Checks lengths, not checksums.
// A cursor is used for one walk at a time; its bytes are overwritten by the next step.
import {
  BATCH_HEADER_BYTES,
  batchBaseOffset,
  batchLastOffset,
  batchMagic,
  batchMaxTimestamp,
  batchPartitionLeaderEpoch,
  batchSizeInBytes,
  HEADER_BYTES_UP_TO_MAGIC,
  LEGACY_MIN_SIZE_V0,
  LOG_OVERHEAD_BYTES,
  legacyTimestamp,
  MAGIC_V2,
  NO_PARTITION_LEADER_EPOCH,
} from "@ottla/protocol";
import { SCAN_CHUNK_BYTES } from "../limits.ts";
import type { CachedFile } from "./file-cache.ts";

/** `damaged`: what stands at `position` is no batch, or one that goes beyond the end. */
export type CursorStep = "batch" | "end" | "damaged";

/** A walk over batches. After a step that answered "batch" the fields tell about it. */
export class BatchCursor {
  /** Bytes that hold at least the header of the batch, at `at`. */
  bytes: Uint8Array;
  at = 0;
  /** Position of the batch in the file. */
  position = 0;
  sizeInBytes = 0;
  magic: number = MAGIC_V2;
  baseOffset = 0;
  lastOffset = 0;
  maxTimestamp = 0;
  partitionLeaderEpoch: number = NO_PARTITION_LEADER_EPOCH;
  #file: CachedFile | null = null;
  #next = 0;
  #end = 0;
  #chunkAt = 0;
  #chunkBytes = 0;

  constructor(chunkBytes: number = SCAN_CHUNK_BYTES) {
    this.bytes = new Uint8Array(chunkBytes);
  }

  /** Starts a walk over `[position, end)`. */
  start(file: CachedFile, position: number, end: number): void {
    this.#file = file;
    this.#next = position;
    this.#end = end;
    this.#chunkAt = position;
    this.#chunkBytes = 0;
    this.sizeInBytes = 0;
    this.position = position;
  }

  /** The next batch. Throws `DiskError`. */
  step(): CursorStep {
    this.position = this.#next;
    const remaining = this.#end - this.position;
    if (remaining === 0) return "end";
    if (remaining < HEADER_BYTES_UP_TO_MAGIC || !this.#have(HEADER_BYTES_UP_TO_MAGIC)) return "damaged";
    const size = batchSizeInBytes(this.bytes, this.at);
    this.magic = batchMagic(this.bytes, this.at);
    this.sizeInBytes = size;
    if (size > remaining) return "damaged";
    if (this.magic === MAGIC_V2) {
      if (size < BATCH_HEADER_BYTES || !this.#have(BATCH_HEADER_BYTES)) return "damaged";
      this.lastOffset = batchLastOffset(this.bytes, this.at);
      this.maxTimestamp = batchMaxTimestamp(this.bytes, this.at);
      this.partitionLeaderEpoch = batchPartitionLeaderEpoch(this.bytes, this.at);
      this.baseOffset = batchBaseOffset(this.bytes, this.at);
    } else {
      if (this.magic !== 0 && this.magic !== 1) return "damaged";
      if (size < LOG_OVERHEAD_BYTES + LEGACY_MIN_SIZE_V0 || !this.#have(26)) return "damaged";
      this.baseOffset = batchBaseOffset(this.bytes, this.at);
      this.lastOffset = this.baseOffset;
      this.maxTimestamp = legacyTimestamp(this.bytes, this.at);
      this.partitionLeaderEpoch = NO_PARTITION_LEADER_EPOCH;
    }
    this.#next = this.position + size;
    return "batch";
  }

  /**
   * Makes the whole batch of the last step available at `bytes[at …]`. False when the file ends in it. Throws
   * `DiskError`.
   */
  loadWhole(): boolean {
    return this.#have(this.sizeInBytes);
  }

  /** Goes on at `position`, whatever stands there. */
  skipTo(position: number): void {
    this.#next = position;
  }

  /** At least `wanted` bytes from `position` on are in `bytes` at `at`. */
  #have(wanted: number): boolean {
    const offset = this.position - this.#chunkAt;
    if (offset >= 0 && offset + wanted <= this.#chunkBytes) {
      this.at = offset;
      return true;
    }
    if (wanted > this.bytes.length) this.bytes = new Uint8Array(wanted);
    const length = Math.min(this.bytes.length, this.#end - this.position);
    this.#chunkAt = this.position;
    this.#chunkBytes = (this.#file as CachedFile)
      .opened()
      .read(length === this.bytes.length ? this.bytes : this.bytes.subarray(0, length), this.position);
    this.at = 0;
    return this.#chunkBytes >= wanted;
  }
}
