// The memory of records that are not delivered yet: a bound, and a stock of buffers of the usual size so that
// a steady producer allocates none. The stock never holds more than the bound allows to be taken.

/** Buffers within `bytesMax` in all. */
export class BufferPool {
  readonly bytesMax: number;
  readonly usualBytes: number;
  readonly #stock: Uint8Array[] = [];
  #reservedBytes = 0;

  constructor(bytesMax: number, usualBytes: number) {
    this.bytesMax = bytesMax;
    this.usualBytes = usualBytes;
  }

  get availableBytes(): number {
    return this.bytesMax - this.#reservedBytes;
  }

  /** Bytes of the stock, which count as available. */
  get stockBytes(): number {
    return this.#stock.length * this.usualBytes;
  }

  /** A buffer of at least `bytes`, the usual size or exactly that; null when the bound does not allow it. */
  take(bytes: number): Uint8Array | null {
    const length = Math.max(bytes, this.usualBytes);
    // A single batch larger than what is left waits; one alone is always let through.
    if (length > this.availableBytes && this.#reservedBytes > 0) return null;
    return this.takeAnyway(length);
  }

  /** As `take`, over the bound for a moment: for parts of a batch that is about to be given back. */
  takeAnyway(bytes: number): Uint8Array {
    const length = Math.max(bytes, this.usualBytes);
    this.#reservedBytes += length;
    if (length > this.usualBytes) return new Uint8Array(length);
    return this.#stock.pop() ?? new Uint8Array(length);
  }

  /** `isReusable`: nothing reads the buffer any more. */
  give(buffer: Uint8Array, isReusable: boolean): void {
    this.#reservedBytes -= buffer.length;
    if (isReusable && buffer.length === this.usualBytes) {
      this.#stock.push(buffer);
    }
  }
}
