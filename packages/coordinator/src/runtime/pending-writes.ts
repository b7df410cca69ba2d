// Decisions of one partition that wait for their commit, in the order in which they were made.
import type { ErrorSpec } from "@ottla/protocol";

/** Someone who waits for a commit. */
export interface PendingWrite {
  /** Monotonic time at which waiting ends. */
  readonly deadlineMs: number;
  /** Becomes true when waiting has ended early; whoever finishes it later passes it by. */
  isOver: boolean;
  committed(): void;
  failed(error: ErrorSpec): void;
}

interface Waiting {
  /** Exclusive end of what must be committed. */
  readonly endOffset: number;
  readonly writes: readonly PendingWrite[];
}

/** A queue by rising end offset. */
export class PendingWrites {
  #waiting: Waiting[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /**
   * Adds writes that are done once everything below `endOffset` is committed; not below what was added
   * before.
   */
  add(endOffset: number, writes: readonly PendingWrite[]): void {
    if (writes.length === 0) return;
    this.#waiting.push({ endOffset, writes });
    this.#count += writes.length;
  }

  /** Adds a write that waits for all before it. */
  addLast(write: PendingWrite): void {
    this.add((this.#waiting.at(-1) as Waiting).endOffset, [write]);
  }

  /** Takes out what is committed at `offset`. */
  takeCommitted(offset: number): PendingWrite[] {
    let taken = 0;
    while (taken < this.#waiting.length && (this.#waiting[taken] as Waiting).endOffset <= offset) taken++;
    return this.#take(taken);
  }

  takeAll(): PendingWrite[] {
    return this.#take(this.#waiting.length);
  }

  /** The oldest that still waits. */
  first(): PendingWrite | null {
    for (const { writes } of this.#waiting) {
      const write = writes.find(({ isOver }) => !isOver);
      if (write !== undefined) return write;
    }
    return null;
  }

  /** Those whose time is over; they stay in the queue, marked. */
  expire(nowMs: number): PendingWrite[] {
    const expired: PendingWrite[] = [];
    for (const { writes } of this.#waiting) {
      for (const write of writes) {
        if (write.isOver) continue;
        if (write.deadlineMs > nowMs) return expired;
        expired.push(write);
      }
    }
    return expired;
  }

  #take(count: number): PendingWrite[] {
    if (count === 0) return [];
    const taken = this.#waiting.slice(0, count).flatMap(({ writes }) => writes);
    this.#waiting = this.#waiting.slice(count);
    this.#count -= taken.length;
    return taken;
  }
}
