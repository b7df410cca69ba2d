// Batches of one partition, and their sequence numbers. Invariants: batches leave in order; sequences of one
// producer epoch are without gaps; a batch that must be sent again goes before all that were never sent, and
// waits until it is the oldest one open. After an outcome that is not known for sure, the partition begins a
// new producer epoch, once nothing of it is on the wire.
import { incrementSequence } from "@ottla/protocol";
import type { BatchProducer, ProducerBatch } from "./producer-batch.ts";

/** Batches of one producer and partition that a broker remembers. */
const KNOWN_BATCHES = 5;

/** The queue of one partition. */
export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  /** Not on the wire: first those that must be sent again. The last one may be open for records. */
  readonly waiting: ProducerBatch[] = [];
  /** Sent at least once and not settled, in the order of their sequences; some of them wait, too. */
  readonly sent: ProducerBatch[] = [];
  /** Sequences cannot go on in this epoch. */
  needsNewEpoch = false;
  #producer: BatchProducer | null = null;
  #nextSequence = 0;
  /** Counts batches as `#nextSequence` counts records. */
  #nextOrder = 0;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  /** Whose sequences the partition counts at present. */
  get producer(): BatchProducer | null {
    return this.#producer;
  }

  get isIdle(): boolean {
    return this.waiting.length === 0 && this.sent.length === 0;
  }

  get hasBatchOnWire(): boolean {
    return this.sent.some(({ isOnWire }) => isOnWire);
  }

  /** The batch that takes records now, if there is one. */
  get open(): ProducerBatch | null {
    const last = this.waiting.at(-1);
    return last === undefined || last.isFull ? null : last;
  }

  /**
   * Whether the first batch may be sent as far as sequences go, and if so gives it its own. `producer` is the
   * present identity.
   */
  assignSequence(producer: BatchProducer): boolean {
    const first = this.waiting[0];
    if (first === undefined || this.needsNewEpoch) return false;
    if (first.producer !== null) return this.sent[0] === first;
    // The oldest open batch must stay among those that the broker knows again, also when later ones settle
    // first, as they may while the leader moves.
    const oldest = this.sent[0];
    if (oldest !== undefined && this.#nextOrder - oldest.order >= KNOWN_BATCHES) return false;
    if (this.#producer !== producer) {
      // What was sent in an older epoch must settle first.
      if (this.sent.length > 0) return false;
      this.#begin(producer);
    }
    this.#give(first, producer);
    return true;
  }

  /** Begins the new epoch: open batches get new sequences from 0. Nothing may be on the wire. */
  renumber(producer: BatchProducer): void {
    this.needsNewEpoch = false;
    this.#begin(producer);
    for (const batch of this.sent) this.#give(batch, producer);
  }

  /** The first waiting batch is handed to a request. */
  takeFirst(): ProducerBatch | undefined {
    const first = this.waiting.shift();
    if (first === undefined) return undefined;
    first.isOnWire = true;
    first.attempts += 1;
    if (!this.sent.includes(first)) this.sent.push(first);
    return first;
  }

  /** The batch must be sent again; it goes where the order of sending wants it. */
  retry(batch: ProducerBatch): void {
    const order = this.sent.indexOf(batch);
    let at = 0;
    while (at < this.waiting.length) {
      const other = this.sent.indexOf(this.waiting[at] as ProducerBatch);
      if (other < 0 || other > order) break;
      at += 1;
    }
    this.waiting.splice(at, 0, batch);
  }

  /** The batch is settled, for better or worse. */
  settle(batch: ProducerBatch): void {
    for (const list of [this.waiting, this.sent]) {
      const at = list.indexOf(batch);
      if (at >= 0) list.splice(at, 1);
    }
  }

  /** Parts of a batch that was too large take its place, and its sequences. */
  replace(batch: ProducerBatch, parts: readonly ProducerBatch[]): void {
    const at = this.sent.indexOf(batch);
    const more = parts.length - 1;
    for (const later of this.sent.slice(at + 1)) later.order += more;
    this.#nextOrder += more;
    let sequence = batch.baseSequence;
    let order = batch.order;
    for (const part of parts) {
      part.order = order++;
      part.attempts = batch.attempts;
      part.producer = batch.producer;
      if (batch.producer === null) continue;
      part.baseSequence = sequence;
      sequence = incrementSequence(sequence, part.count);
    }
    this.sent.splice(at, 1, ...parts);
    for (const part of parts) this.retry(part);
  }

  #begin(producer: BatchProducer): void {
    this.#producer = producer;
    this.#nextSequence = 0;
    this.#nextOrder = 0;
  }

  #give(batch: ProducerBatch, producer: BatchProducer): void {
    batch.producer = producer;
    batch.baseSequence = this.#nextSequence;
    batch.order = this.#nextOrder++;
    this.#nextSequence = incrementSequence(this.#nextSequence, batch.count);
  }
}
