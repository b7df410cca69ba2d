// Gives a producer records in order and waits where the producer cannot take one: a slow broker holds up who
// reads the records. Invariant: every record is told to the callback once, also one that was never taken.
import {
  type DeliveryCallback,
  KafkaError,
  type Producer,
  type ProducerRecord,
  type RecordMetadata,
} from "@ottla/client";
import type { Ports } from "@ottla/ports";

/** Records in a row before the loop gets its turn: nothing leaves a producer within one. */
const RECORDS_PER_TURN = 512;

/** Sends records of one tool. */
export class RecordSender {
  readonly #producer: Producer;
  readonly #turn: Ports["turn"];
  readonly #callback: DeliveryCallback;
  readonly #counted: DeliveryCallback;
  #inTurn = 0;
  /** Records that the callback was not told of yet. */
  #open = 0;

  /** `callback` is told of every record, with the context that came with it. */
  constructor(producer: Producer, turn: Ports["turn"], callback: DeliveryCallback) {
    this.#producer = producer;
    this.#turn = turn;
    this.#callback = callback;
    this.#counted = (error, metadata, context) => this.#told(error, metadata, context);
  }

  /** Takes a record; null when the next may follow at once, else when it may. */
  send(record: ProducerRecord, context: unknown): Promise<void> | null {
    this.#open += 1;
    if (!this.#producer.enqueue(record, this.#counted, context)) return this.#sendLater(record, context);
    if (++this.#inTurn < RECORDS_PER_TURN) return null;
    this.#inTurn = 0;
    return this.#nextSlice();
  }

  /** Closes the producer; resolves once everything was told. */
  async close(): Promise<void> {
    await this.#producer.close();
    // What was refused at once is told in a later turn.
    while (this.#open > 0) await this.#nextSlice();
  }

  #told(error: KafkaError | null, metadata: RecordMetadata, context: unknown): void {
    this.#open -= 1;
    this.#callback(error, metadata, context);
  }

  #nextSlice(): Promise<void> {
    return new Promise((resolve) => this.#turn.nextSlice(resolve));
  }

  async #sendLater(record: ProducerRecord, context: unknown): Promise<void> {
    this.#inTurn = 0;
    try {
      do await this.#producer.whenWritable(record.topic);
      while (!this.#producer.enqueue(record, this.#counted, context));
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      this.#told(error, { topic: record.topic, partition: -1, offset: -1, timestamp: -1 }, context);
    }
  }
}
