// The memory of records that are not delivered yet: a bound, and a stock of buffers so that a steady producer
// allocates none. Invariant: what is reserved and what is in stock are together within the bound, but for a
// single batch that is larger than it.

/** Buffers within `bytesMax` in all. */
export class BufferPool {
  readonly bytesMax: number;
  /** The size that is asked for most. */
  readonly usualBytes: number;
  readonly #stock = new Map<number, Uint8Array[]>();
  #stockBytes = 0;
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
    return this.#stockBytes;
  }

  /** A buffer of exactly `bytes`; null when the bound does not allow it. One alone is always given. */
  take(bytes: number): Uint8Array | null {
    if (bytes > this.availableBytes && this.#reservedBytes > 0) return null;
    return this.takeAnyway(bytes);
  }

  /** As `take`, over the bound for a moment: for parts of a batch that is about to be given back. */
  takeAnyway(bytes: number): Uint8Array {
    this.#reservedBytes += bytes;
    const known = this.#stock.get(bytes)?.pop();
    if (known !== undefined) this.#stockBytes -= bytes;
    else if (this.#stockBytes > this.availableBytes) this.#clearStock();
    return known ?? new Uint8Array(bytes);
  }

  /** Counts bytes that came from elsewhere. */
  reserve(bytes: number): void {
    this.#reservedBytes += bytes;
  }

  unreserve(bytes: number): void {
    this.#reservedBytes -= bytes;
  }

  /** `isReusable`: nothing reads the buffer any more. */
  give(buffer: Uint8Array, isReusable: boolean): void {
    const bytes = buffer.length;
    this.#reservedBytes -= bytes;
    if (!isReusable) return;
    // Sizes change with what is compressed; those of yesterday make room.
    if (this.#stockBytes + bytes > this.availableBytes) this.#clearStock();
    if (bytes > this.availableBytes) return;
    const own = this.#stock.get(bytes);
    if (own === undefined) this.#stock.set(bytes, [buffer]);
    else own.push(buffer);
    this.#stockBytes += bytes;
  }

  #clearStock(): void {
    this.#stock.clear();
    this.#stockBytes = 0;
  }
}
