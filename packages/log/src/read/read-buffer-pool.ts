// Memory for records read from files: powers of two from 4 KiB, lent until the slice is released.
// The data lies a little into each buffer, see READ_BUFFER_LEAD_BYTES.
import { READ_ALLOWANCE_SHARE, READ_BUFFER_LEAD_BYTES, READ_FREE_BYTES_MAX } from "../limits.ts";
import type { LogSlice } from "./log-slice.ts";

const SMALLEST_LOG2 = 12;
const LARGEST_LOG2 = 21;

/** Lends read buffers. */
export class ReadBufferPool {
  readonly #free: Uint8Array[][] = Array.from({ length: LARGEST_LOG2 - SMALLEST_LOG2 + 1 }, () => []);
  #freeBytes = 0;
  /** Bytes that were free all the time since the last `trim`. */
  #idleBytes = 0;
  #lentBytes = 0;
  readonly #lentBytesMax: number;

  /** `lentBytesMax` bounds what reads ask for, save for the least that a read must give. */
  constructor(lentBytesMax: number = Number.POSITIVE_INFINITY) {
    this.#lentBytesMax = lentBytesMax;
  }

  /** Bytes of buffers that slices hold. */
  get lentBytes(): number {
    return this.#lentBytes;
  }

  /**
   * What one read may take now: a share of what is left, so that some who do not give back leave others room.
   */
  get allowanceBytes(): number {
    return Math.max(0, Math.floor((this.#lentBytesMax - this.#lentBytes) / READ_ALLOWANCE_SHARE));
  }

  /** A slice with room for `bytes`; fill `target`, then hand it on or release it. */
  borrow(bytes: number): FileSlice {
    const sizeClass = Math.max(0, 32 - Math.clz32(Math.max(1, bytes) - 1) - SMALLEST_LOG2);
    const list = this.#free[sizeClass];
    const capacity = list === undefined ? bytes : 1 << (sizeClass + SMALLEST_LOG2);
    let buffer = list?.pop();
    if (buffer === undefined) buffer = new Uint8Array(capacity + READ_BUFFER_LEAD_BYTES);
    else {
      this.#freeBytes -= buffer.length;
      this.#idleBytes = Math.min(this.#idleBytes, this.#freeBytes);
    }
    this.#lentBytes += buffer.length;
    return new FileSlice(this, buffer, bytes);
  }

  /** Forgets buffers that nobody wanted since the last call. */
  trim(): void {
    for (const list of this.#free) {
      for (let buffer = list[0]; buffer !== undefined && buffer.length <= this.#idleBytes; buffer = list[0]) {
        list.shift();
        this.#idleBytes -= buffer.length;
        this.#freeBytes -= buffer.length;
      }
    }
    this.#idleBytes = this.#freeBytes;
  }

  /** @internal */
  giveBack(buffer: Uint8Array): void {
    this.#lentBytes -= buffer.length;
    const list = this.#free[31 - Math.clz32(buffer.length - READ_BUFFER_LEAD_BYTES) - SMALLEST_LOG2];
    const isPooled = Number.isInteger(Math.log2(buffer.length - READ_BUFFER_LEAD_BYTES));
    if (list === undefined || !isPooled || this.#freeBytes + buffer.length > READ_FREE_BYTES_MAX) return;
    list.push(buffer);
    this.#freeBytes += buffer.length;
  }
}

/** Records read from a file. */
class FileSlice implements LogSlice {
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
  readonly #pool: ReadBufferPool;
  #buffer: Uint8Array | null;

  /** @internal */
  constructor(pool: ReadBufferPool, buffer: Uint8Array, bytes: number) {
    this.#pool = pool;
    this.#buffer = buffer;
    this.bytes = bytes;
    this.parts = [buffer.subarray(READ_BUFFER_LEAD_BYTES, READ_BUFFER_LEAD_BYTES + bytes)];
  }

  /** Where the bytes are read to. */
  get target(): Uint8Array {
    return this.parts[0] as Uint8Array;
  }

  release(): void {
    if (this.#buffer === null) throw new Error("a slice of a log file was released twice");
    this.#pool.giveBack(this.#buffer);
    this.#buffer = null;
  }
}
