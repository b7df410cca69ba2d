// A Produce whose batches are appended and whose acks wait, each for its partition's outcome.
import { endsPiece, type Pieces } from "@ottla/ports";
import { type ErrorSpec, errors, type Offset } from "@ottla/protocol";
import type { Partition } from "../partition/partition.ts";
import { AckWait } from "./ack-wait.ts";
import { PartitionWaits } from "./partition-waits.ts";

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
export class WaitingProduce extends PartitionWaits {
  /** One more ack to wait for, before `start`. */
  await(ack: RequestedAck, requiredAcks: number): void {
    ack.target.errorCode = errors.REQUEST_TIMED_OUT.code;
    const wait = new ProduceAck(ack, this);
    this.add(wait);
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
      if (!isWhole) this.forgetWaits();
    }
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
