// Walks the batches of a segment with reads on the pool, whole batches with their CRC checked: a cleaner must
// never give damage a new checksum. One buffer, which grows to the largest batch met.
import {
  BATCH_HEADER_BYTES,
  batchMagic,
  batchProblem,
  batchSizeInBytes,
  HEADER_BYTES_UP_TO_MAGIC,
  MAGIC_V2,
} from "@ottla/protocol";
import { CLEANER_PIECE_BYTES } from "../../limits.ts";
import type { LogSegment } from "../../segment/log-segment.ts";
import type { CleanerThrottle } from "../cleaner-throttle.ts";
import { type Cleaning, readOnPool, UncleanableLog } from "../cleaning.ts";

/** A walk over batches; after a step that answered true a whole batch lies at `bytes[at …]`. */
export class SegmentBatches {
  bytes: Uint8Array;
  at = 0;
  sizeInBytes = 0;
  readonly #throttle: CleanerThrottle;
  /** Called before each read; throws when the log is no longer to be cleaned. */
  readonly #check: () => void;
  #segment: LogSegment | null = null;
  #position = 0;
  #chunkAt = 0;
  #chunkBytes = 0;
  #bytesInPiece = 0;
  /** Bytes read from files. */
  bytesRead = 0;

  constructor(chunkBytes: number, throttle: CleanerThrottle, check: () => void) {
    this.bytes = new Uint8Array(Math.max(chunkBytes, BATCH_HEADER_BYTES));
    this.#throttle = throttle;
    this.#check = check;
  }

  /** Starts a walk at `position`, where a batch begins. */
  start(segment: LogSegment, position: number): void {
    this.#segment = segment;
    this.#position = position;
    this.#chunkBytes = 0;
    this.sizeInBytes = 0;
  }

  /** The next batch; false at the end. Throws `DiskError`, `UncleanableLog`. */
  *step(): Cleaning<boolean> {
    const segment = this.#segment as LogSegment;
    this.#position += this.sizeInBytes;
    this.#bytesInPiece += this.sizeInBytes;
    this.sizeInBytes = 0;
    if (this.#bytesInPiece >= CLEANER_PIECE_BYTES) {
      this.#bytesInPiece = 0;
      yield;
    }
    const remaining = segment.sizeInBytes - this.#position;
    if (remaining === 0) return false;
    if (remaining < HEADER_BYTES_UP_TO_MAGIC) throw this.#damaged("its end is no batch");
    yield* this.#load(HEADER_BYTES_UP_TO_MAGIC);
    if (batchMagic(this.bytes, this.at) !== MAGIC_V2) {
      throw this.#damaged("messages of an old format are not cleaned");
    }
    const size = batchSizeInBytes(this.bytes, this.at);
    if (size < BATCH_HEADER_BYTES || size > remaining) throw this.#damaged("a batch goes beyond the end");
    yield* this.#load(size);
    if (batchProblem(this.bytes, this.at) !== null) throw this.#damaged("the CRC of a batch does not match");
    this.sizeInBytes = size;
    return true;
  }

  *#load(wanted: number): Cleaning<void> {
    const offset = this.#position - this.#chunkAt;
    if (this.#chunkBytes > 0 && offset >= 0 && offset + wanted <= this.#chunkBytes) {
      this.at = offset;
      return;
    }
    this.#check();
    const segment = this.#segment as LogSegment;
    if (wanted > this.bytes.length) this.bytes = new Uint8Array(wanted);
    const length = Math.min(this.bytes.length, segment.sizeInBytes - this.#position);
    yield* this.#throttle.pay(length);
    this.#check();
    this.#chunkBytes = yield* readOnPool(segment.log, this.bytes.subarray(0, length), this.#position);
    this.bytesRead += this.#chunkBytes;
    this.#chunkAt = this.#position;
    this.at = 0;
    this.#check();
    if (this.#chunkBytes < wanted) throw this.#damaged("the file is shorter than the log says");
  }

  #damaged(what: string): UncleanableLog {
    const path = this.#segment?.log.path ?? "";
    return new UncleanableLog(`${path} at ${this.#position}: ${what}`);
  }
}
