// What the log knows of one idempotent or transactional producer: its epoch, its last batches, its open
// transaction. Kafka keeps five batches so that a producer may retry any of the five requests it may have in
// flight (KIP-98).
import { decrementSequence, NO_PRODUCER_EPOCH, NO_SEQUENCE, NO_TIMESTAMP } from "@ottla/protocol";
import { PRODUCER_BATCHES_MAX } from "../limits.ts";

/** One appended batch. */
export interface ProducerBatch {
  readonly lastSequence: number;
  readonly lastOffset: number;
  /** Last offset minus first offset. */
  readonly offsetDelta: number;
  readonly maxTimestamp: number;
}

/** Offset of no open transaction. */
export const NO_TRANSACTION = -1;

/** State of one producer id. */
export class ProducerEntry {
  readonly producerId: number;
  epoch: number = NO_PRODUCER_EPOCH;
  coordinatorEpoch: number = -1;
  /** Timestamp of its last batch or marker, in milliseconds; expiry counts from it. */
  lastTimestamp: number = NO_TIMESTAMP;
  /** First offset of its open transaction, or `NO_TRANSACTION`. */
  transactionFirstOffset: number = NO_TRANSACTION;
  /** Oldest first, at most five. */
  readonly batches: ProducerBatch[] = [];

  constructor(producerId: number) {
    this.producerId = producerId;
  }

  /** Sequence of the last record; -1 when no batch is known. */
  get lastSequence(): number {
    return this.batches.at(-1)?.lastSequence ?? NO_SEQUENCE;
  }

  /** Offset of the last record; -1 when no batch is known. */
  get lastDataOffset(): number {
    return this.batches.at(-1)?.lastOffset ?? -1;
  }

  /** A newer epoch starts its sequences anew. */
  adoptEpoch(epoch: number): void {
    if (this.epoch === epoch) return;
    this.epoch = epoch;
    this.batches.length = 0;
  }

  addBatch(batch: ProducerBatch): void {
    if (this.batches.length === PRODUCER_BATCHES_MAX) this.batches.shift();
    this.batches.push(batch);
    this.lastTimestamp = batch.maxTimestamp;
  }

  /** The batch that these sequences were appended as, null when they are new or too old to be known. */
  findDuplicate(epoch: number, baseSequence: number, lastSequence: number): ProducerBatch | null {
    if (epoch !== this.epoch) return null;
    for (const batch of this.batches) {
      if (batch.lastSequence === lastSequence && firstSequence(batch) === baseSequence) return batch;
    }
    return null;
  }

  isExpired(nowMs: number, expirationMs: number): boolean {
    return this.transactionFirstOffset === NO_TRANSACTION && nowMs - this.lastTimestamp >= expirationMs;
  }
}

/** Sequence of a batch's first record. */
function firstSequence(batch: ProducerBatch): number {
  return batch.lastSequence === NO_SEQUENCE
    ? NO_SEQUENCE
    : decrementSequence(batch.lastSequence, batch.offsetDelta);
}

/** `next` follows `last` in the ring of sequences. */
export function isInSequence(last: number, next: number): boolean {
  return next === last + 1 || (next === 0 && last === 0x7fffffff);
}
