// Acks of one partition that wait: `acks=1` for the written end, `acks=all` for the high watermark, deleted
// records for the low watermark. The lists are in the order of offsets, so that an end that moves touches
// what it frees and nothing else. Invariant: each wait is settled once or unlinks itself.
import { type ErrorSpec, errors, type Offset } from "@ottla/protocol";
import { Linked, LinkedList } from "./linked-list.ts";

/** What an ack waits for. */
export type AckKind = "written" | "replicated" | "deleted";

/** One partition's share of a Produce or DeleteRecords that waits. */
export abstract class AckWait extends Linked<AckWait> {
  /** The ack leaves once the end, or the low watermark, is at or beyond this offset. */
  readonly requiredOffset: Offset;

  constructor(requiredOffset: Offset) {
    super();
    this.requiredOffset = requiredOffset;
  }

  /**
   * Called once, after the wait left its list. NONE: the records are as safe, or as gone, as was asked for.
   */
  abstract settled(error: ErrorSpec): void;
}

/** The waits of one partition. */
export class AckQueue {
  readonly #written = new LinkedList<AckWait>();
  readonly #replicated = new LinkedList<AckWait>();
  readonly #deleted = new LinkedList<AckWait>();

  get size(): number {
    return this.#written.size + this.#replicated.size + this.#deleted.size;
  }

  add(kind: AckKind, wait: AckWait): void {
    const list = this.#listOf(kind);
    // Of producers, only the retry of an idempotent producer asks for an offset below the newest.
    let before = list.last;
    while (before !== null && before.requiredOffset > wait.requiredOffset) before = before.previous;
    list.insertAfter(before, wait);
  }

  /** The ends moved. `replicatedError` is what acks=all gets although the high watermark passed. */
  advance(writtenEnd: number, highWatermark: number, replicatedError: ErrorSpec): void {
    release(this.#written, writtenEnd, errors.NONE);
    release(this.#replicated, highWatermark, replicatedError);
  }

  /** No replica holds records below `lowWatermark` any more. */
  advanceLow(lowWatermark: number): void {
    release(this.#deleted, lowWatermark, errors.NONE);
  }

  /** Nothing that waits here can come true. */
  fail(error: ErrorSpec): void {
    release(this.#written, Number.POSITIVE_INFINITY, error);
    release(this.#replicated, Number.POSITIVE_INFINITY, error);
    release(this.#deleted, Number.POSITIVE_INFINITY, error);
  }

  #listOf(kind: AckKind): LinkedList<AckWait> {
    if (kind === "deleted") return this.#deleted;
    return kind === "written" ? this.#written : this.#replicated;
  }
}

function release(list: LinkedList<AckWait>, end: number, error: ErrorSpec): void {
  for (let wait = list.first; wait !== null && wait.requiredOffset <= end; wait = list.first) {
    wait.unlink();
    wait.settled(error);
  }
}
