// Memory for what arrives and cannot be handled where it landed: rests of frames and frames that wait their
// turn. Buffers above a floor are pooled by powers of two. Every byte given out counts against one budget;
// over it, those who hold memory stop reading, except one, so that somebody always finishes. Not here: which
// connection holds what.
import { connectionLimits } from "../limits.ts";

/** Somebody who stops reading while the budget is exceeded. */
export interface MemoryWaiter {
  /** Reading may go on; asked again through `mayRead` before it does. */
  memoryFreed(): void;
}

/** How much of a broker's memory requests in flight may take, and from where it comes. */
export class FrameMemory {
  readonly bytesLimit: number;
  readonly #poisons: boolean;
  readonly #pool = new Map<number, Uint8Array[]>();
  readonly #waiters = new Set<MemoryWaiter>();
  #privileged: MemoryWaiter | null = null;
  #usedBytes = 0;
  #pooledBytes = 0;

  /** `poisons` overwrites what is given back, so that tests see a view that outlives its frame. */
  constructor(options: { readonly bytesLimit: number; readonly poisons?: boolean }) {
    this.bytesLimit = options.bytesLimit;
    this.#poisons = options.poisons ?? false;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get pooledBytes(): number {
    return this.#pooledBytes;
  }

  get isExceeded(): boolean {
    return this.#usedBytes > this.bytesLimit;
  }

  /** True when even the overdraft is used up: who sends more is dropped. */
  get isExhausted(): boolean {
    return this.#usedBytes > this.bytesLimit * connectionLimits.budgetOverdraftFactor;
  }

  /** A buffer of at least `bytes`, with undefined content. */
  take(bytes: number): Uint8Array {
    const capacity = capacityFor(bytes);
    this.#usedBytes += capacity;
    const pooled = this.#pool.get(capacity)?.pop();
    if (pooled !== undefined) {
      this.#pooledBytes -= capacity;
      return pooled;
    }
    return new Uint8Array(capacity);
  }

  /** Takes back a whole buffer that `take` gave. */
  give(buffer: Uint8Array): void {
    const capacity = buffer.length;
    this.#usedBytes -= capacity;
    if (this.#poisons) buffer.fill(0xdd);
    if (isPooled(capacity) && this.#pooledBytes + capacity <= connectionLimits.pooledBytesMax) {
      this.#pooledBytes += capacity;
      const free = this.#pool.get(capacity);
      if (free === undefined) this.#pool.set(capacity, [buffer]);
      else free.push(buffer);
    }
    if (!this.isExceeded && this.#waiters.size > 0) this.#wakeAll();
  }

  /** False: stop reading until `memoryFreed`. */
  mayRead(holder: MemoryWaiter): boolean {
    if (!this.isExceeded || this.#privileged === holder) return true;
    if (this.#privileged === null) {
      this.#privileged = holder;
      this.#waiters.delete(holder);
      return true;
    }
    this.#waiters.add(holder);
    return false;
  }

  /** The holder finished its frame or is gone; the next one in line may read. */
  leave(holder: MemoryWaiter): void {
    this.#waiters.delete(holder);
    if (this.#privileged !== holder) return;
    this.#privileged = null;
    const next = this.#waiters.values().next();
    if (next.done === true) return;
    this.#waiters.delete(next.value);
    next.value.memoryFreed();
  }

  #wakeAll(): void {
    this.#privileged = null;
    const woken = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of woken) waiter.memoryFreed();
  }
}

function isPooled(capacity: number): boolean {
  return capacity >= connectionLimits.gatherBytesMin && capacity <= connectionLimits.pooledBufferBytesMax;
}

function capacityFor(bytes: number): number {
  if (bytes <= connectionLimits.gatherBytesMin / 2 || bytes > connectionLimits.pooledBufferBytesMax)
    return bytes;
  let capacity: number = connectionLimits.gatherBytesMin;
  while (capacity < bytes) capacity *= 2;
  return capacity;
}
