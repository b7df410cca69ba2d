// Gives a producer records in order and waits where the producer cannot take one: a slow broker holds up who
// reads the records. Invariant: every record is told to the callback once, also one that was never taken.
import { type DeliveryCallback, KafkaError, type Producer, type ProducerRecord } from "@ottla/client";
import type { Ports } from "@ottla/ports";

/** Records in a row before the loop gets its turn: nothing leaves a producer within one. */
const RECORDS_PER_TURN = 512;

/** Sends records of one tool. */
export class RecordSender {
  readonly #producer: Producer;
  readonly #turn: Ports["turn"];
  readonly #callback: DeliveryCallback;
  #inTurn = 0;

  /** `callback` is told of every record, with the context that came with it. */
  constructor(producer: Producer, turn: Ports["turn"], callback: DeliveryCallback) {
    this.#producer = producer;
    this.#turn = turn;
    this.#callback = callback;
  }

  /** Takes a record; null when the next may follow at once, else when it may. */
  send(record: ProducerRecord, context: unknown): Promise<void> | null {
    if (!this.#producer.enqueue(record, this.#callback, context)) return this.#sendLater(record, context);
    if (++this.#inTurn < RECORDS_PER_TURN) return null;
    this.#inTurn = 0;
    return this.#nextSlice();
  }

  /** Closes the producer; resolves once everything was told. */
  close(): Promise<void> {
    return this.#producer.close();
  }

  #nextSlice(): Promise<void> {
    return new Promise((resolve) => this.#turn.nextSlice(resolve));
  }

  async #sendLater(record: ProducerRecord, context: unknown): Promise<void> {
    this.#inTurn = 0;
    try {
      do await this.#producer.whenWritable(record.topic);
      while (!this.#producer.enqueue(record, this.#callback, context));
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      this.#callback(error, { topic: record.topic, partition: -1, offset: -1, timestamp: -1 }, context);
    }
  }
}
