// Memory of replies that peers have not taken yet, over all connections. Above one limit a peer with unsent
// replies gets nothing further to start, and the one that holds most without taking any is dropped; above
// twice that, whoever holds most. Not here: how much one connection may hold (client-connection.ts), and how
// much one read may take while memory is short (package log).
import { connectionLimits } from "../limits.ts";

/** A connection. */
export interface OutputHolder {
  /** Its peer holds too much of a memory that others need. */
  dropForMemory(): void;
}

/** What a holder holds. */
interface Held {
  /** Bytes of all its unsent replies. */
  bytes: number;
  /** Of them, bytes that nobody else counts. */
  ownBytes: number;
  /** Monotonic time at which its peer took something last, or began to hold. */
  sinceMs: number;
}

/** Replies of all connections of a broker. */
export class OutputMemory {
  readonly bytesLimit: number;
  readonly #lentBytes: () => number;
  /** Who held anything since it came. */
  readonly #held = new Map<OutputHolder, Held>();
  #ownBytes = 0;
  /** Of all holders; records that several of them share count for each. */
  #heldBytes = 0;
  #checkedMs = Number.NEGATIVE_INFINITY;

  /** `lentBytes` tells what records in replies take, many of which share their memory. */
  constructor(options: { readonly bytesLimit: number; readonly lentBytes: () => number }) {
    this.bytesLimit = options.bytesLimit;
    this.#lentBytes = options.lentBytes;
  }

  get usedBytes(): number {
    return this.#ownBytes + this.#lentBytes();
  }

  get isExceeded(): boolean {
    return this.usedBytes > this.bytesLimit;
  }

  /** A reply of `bytes` is to be sent. `isLent` when records in it are counted where they come from. */
  take(holder: OutputHolder, bytes: number, isLent: boolean, nowMs: number): void {
    let held = this.#held.get(holder);
    if (held === undefined) {
      held = { bytes: 0, ownBytes: 0, sinceMs: nowMs };
      this.#held.set(holder, held);
    } else if (held.bytes === 0) held.sinceMs = nowMs;
    held.bytes += bytes;
    this.#heldBytes += bytes;
    if (!isLent) {
      held.ownBytes += bytes;
      this.#ownBytes += bytes;
    }
  }

  /** A reply left, or never will. */
  give(holder: OutputHolder, bytes: number, isLent: boolean, nowMs: number): void {
    const held = this.#held.get(holder);
    // Whoever was dropped holds nothing any more.
    if (held === undefined) return;
    held.bytes -= bytes;
    this.#heldBytes -= bytes;
    held.sinceMs = nowMs;
    if (!isLent) {
      held.ownBytes -= bytes;
      this.#ownBytes -= bytes;
    }
  }

  /** The connection is gone. */
  leave(holder: OutputHolder): void {
    const held = this.#held.get(holder);
    if (held === undefined) return;
    this.#ownBytes -= held.ownBytes;
    this.#heldBytes -= held.bytes;
    this.#held.delete(holder);
  }

  /** Drops holders as far as the limits ask for it. Called at the end of turns and at every sweep. */
  relieve(nowMs: number): void {
    // What reads under way take is nobody's yet, and what dropped ones held is on its way back: dropping
    // more peers, who hold little, would free none of it.
    const usedBytes = Math.min(this.usedBytes, this.#heldBytes);
    if (usedBytes <= this.bytesLimit) return;
    const isOverdrawn = usedBytes > this.bytesLimit * connectionLimits.budgetOverdraftFactor;
    if (!isOverdrawn && nowMs - this.#checkedMs < connectionLimits.outputStallMs) return;
    this.#checkedMs = nowMs;
    let toFree = usedBytes - this.bytesLimit * (isOverdrawn ? connectionLimits.budgetOverdraftFactor : 1);
    while (toFree > 0) {
      const worst = this.#worst(isOverdrawn ? nowMs : nowMs - connectionLimits.outputStallMs);
      if (worst === null) return;
      toFree -= this.#held.get(worst)?.bytes ?? 0;
      this.leave(worst);
      worst.dropForMemory();
    }
  }

  /** Who holds most of those that took nothing since `sinceMs`. */
  #worst(sinceMs: number): OutputHolder | null {
    let worst: OutputHolder | null = null;
    let mostBytes = 0;
    for (const [holder, held] of this.#held) {
      if (held.sinceMs > sinceMs || held.bytes <= mostBytes) continue;
      worst = holder;
      mostBytes = held.bytes;
    }
    return worst;
  }
}
