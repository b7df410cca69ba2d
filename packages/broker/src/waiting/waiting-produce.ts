// A Produce whose batches are appended and whose acks wait. Each partition settles its own part; the last
// one, or the timeout, ends the wait. Invariant: `done` runs once unless the wait was cancelled; afterwards
// nothing of it is in any list.
import { endsPiece, type Pieces } from "@ottla/ports";
import { type ErrorSpec, errors, type Offset } from "@ottla/protocol";
import type { Partition } from "../partition/partition.ts";
import { AckWait } from "./ack-wait.ts";
import { TimerTask } from "./timing-wheel.ts";
import type { WaitingRequests } from "./waiting-requests.ts";

/** Where a partition's outcome goes: the error code of its part of the response. */
export interface AckTarget {
  errorCode: number;
}

/** One partition whose ack is asked for. */
export interface RequestedAck {
  readonly partition: Partition;
  /** As the partition was at the append. */
  readonly leaderEpoch: number;
  readonly logFailures: number;
  /** Last offset + 1. */
  readonly requiredOffset: Offset;
  readonly target: AckTarget;
}

/** The acks of one Produce. */
export class WaitingProduce extends TimerTask {
  readonly #done: () => void;
  readonly #waits: ProduceAck[] = [];
  /** One more than the waits, so that those settled at once do not end it before all were asked for. */
  #left = 1;

  constructor(done: () => void) {
    super();
    this.#done = done;
  }

  /** One more ack to wait for, before `start`. */
  await(ack: RequestedAck, requiredAcks: number): void {
    this.#left += 1;
    ack.target.errorCode = errors.REQUEST_TIMED_OUT.code;
    const wait = new ProduceAck(ack, this);
    this.#waits.push(wait);
    ack.partition.awaitAck(requiredAcks, ack, wait);
  }

  /** Very many. Given up before `start`, what was asked for is forgotten. */
  *awaitInPieces(acks: readonly RequestedAck[], requiredAcks: number): Pieces<void> {
    let isWhole = false;
    try {
      for (const [at, ack] of acks.entries()) {
        this.await(ack, requiredAcks);
        if (endsPiece(at + 1)) yield;
      }
      isWhole = true;
    } finally {
      if (!isWhole) this.#unlink();
    }
  }

  /** All were asked for. `done` may run before the return. `timeoutMs` null: the wait ends with the turn. */
  start(timeoutMs: number | null, waiting: WaitingRequests): void {
    if (this.#left > 1 && timeoutMs !== null) waiting.setTimeout(this, timeoutMs);
    this.settledOne();
  }

  settledOne(): void {
    this.#left -= 1;
    if (this.#left > 0) return;
    super.cancel();
    this.#done();
  }

  override timedOut(): void {
    this.#unlink();
    this.#done();
  }

  /** The producer is gone: nobody is told any more. */
  override cancel(): void {
    super.cancel();
    this.#unlink();
  }

  #unlink(): void {
    for (const wait of this.#waits) wait.unlink();
  }
}

class ProduceAck extends AckWait {
  readonly #target: AckTarget;
  readonly #produce: WaitingProduce;

  constructor(ack: RequestedAck, produce: WaitingProduce) {
    super(ack.requiredOffset);
    this.#target = ack.target;
    this.#produce = produce;
  }

  override settled(error: ErrorSpec): void {
    this.#target.errorCode = error.code;
    this.#produce.settledOne();
  }
}
