// Acks of one partition that wait: `acks=1` for the written end, `acks=all` for the high watermark. Both
// lists are in the order of offsets, so that an end that moves touches what it frees and nothing else.
// Invariant: each wait is settled once or unlinks itself.
import { type ErrorSpec, errors, type Offset } from "@ottla/protocol";
import { Linked, LinkedList } from "./linked-list.ts";

/** Which end an ack waits for. */
export type AckKind = "written" | "replicated";

/** One partition's share of a Produce that waits. */
export abstract class AckWait extends Linked<AckWait> {
  /** The ack leaves once the end is at or beyond this offset: last offset + 1. */
  readonly requiredOffset: Offset;

  constructor(requiredOffset: Offset) {
    super();
    this.requiredOffset = requiredOffset;
  }

  /** Called once, after the wait left its list. NONE: the records are as safe as was asked for. */
  abstract settled(error: ErrorSpec): void;
}

/** The waits of one partition. */
export class AckQueue {
  readonly #written = new LinkedList<AckWait>();
  readonly #replicated = new LinkedList<AckWait>();

  get size(): number {
    return this.#written.size + this.#replicated.size;
  }

  add(kind: AckKind, wait: AckWait): void {
    const list = kind === "written" ? this.#written : this.#replicated;
    // Only the retry of an idempotent producer asks for an offset below the newest.
    let before = list.last;
    while (before !== null && before.requiredOffset > wait.requiredOffset) before = before.previous;
    list.insertAfter(before, wait);
  }

  /** The ends moved. `replicatedError` is what acks=all gets although the high watermark passed. */
  advance(writtenEnd: number, highWatermark: number, replicatedError: ErrorSpec): void {
    release(this.#written, writtenEnd, errors.NONE);
    release(this.#replicated, highWatermark, replicatedError);
  }

  /** Nothing that waits here can come true. */
  fail(error: ErrorSpec): void {
    release(this.#written, Number.POSITIVE_INFINITY, error);
    release(this.#replicated, Number.POSITIVE_INFINITY, error);
  }
}

function release(list: LinkedList<AckWait>, end: number, error: ErrorSpec): void {
  for (let wait = list.first; wait !== null && wait.requiredOffset <= end; wait = list.first) {
    wait.unlink();
    wait.settled(error);
  }
}
