// One record as the consumer's user sees it. Key, value and headers are views that are made when asked for:
// many users look at one of them only, and the poll of small records is mostly the making of views. The bytes
// behind them belong to the answer of one fetch and stay valid for as long as the record is held.
import { createRecordCursor, type RecordHeader, recordHeaders } from "@ottla/protocol";

/** Who set a record's timestamp; names as Apache Kafka prints them. */
export type TimestampType = "NoTimestampType" | "CreateTime" | "LogAppendTime";

/** What the records of one batch share. */
export interface RecordSource {
  readonly topic: string;
  readonly partition: number;
  /** Of the batch; null when unknown. */
  readonly leaderEpoch: number | null;
  readonly timestampType: TimestampType;
  /** Uncompressed bytes that the positions below point into. */
  readonly body: Uint8Array;
}

/** Where the parts of a record lie in its source's body. Lengths below 0 mean null. */
export interface RecordPlace {
  readonly keyAt: number;
  readonly keyLength: number;
  readonly valueAt: number;
  readonly valueLength: number;
  readonly headersAt: number;
  readonly headerCount: number;
}

/** A record read from a partition. */
export class ConsumerRecord {
  readonly offset: number;
  /** Milliseconds since 1970; −1 without. */
  readonly timestamp: number;
  readonly #source: RecordSource;
  readonly #keyAt: number;
  readonly #keyLength: number;
  readonly #valueAt: number;
  readonly #valueLength: number;
  readonly #headersAt: number;
  readonly #headerCount: number;

  constructor(source: RecordSource, offset: number, timestamp: number, place: RecordPlace) {
    this.offset = offset;
    this.timestamp = timestamp;
    this.#source = source;
    this.#keyAt = place.keyAt;
    this.#keyLength = place.keyLength;
    this.#valueAt = place.valueAt;
    this.#valueLength = place.valueLength;
    this.#headersAt = place.headersAt;
    this.#headerCount = place.headerCount;
  }

  get topic(): string {
    return this.#source.topic;
  }

  get partition(): number {
    return this.#source.partition;
  }

  get timestampType(): TimestampType {
    return this.#source.timestampType;
  }

  /** Epoch of the leader that appended it; null when unknown. */
  get leaderEpoch(): number | null {
    return this.#source.leaderEpoch;
  }

  /** Bytes of the key; −1 for null. */
  get serializedKeySize(): number {
    return this.#keyLength < 0 ? -1 : this.#keyLength;
  }

  /** Bytes of the value; −1 for null. */
  get serializedValueSize(): number {
    return this.#valueLength < 0 ? -1 : this.#valueLength;
  }

  get key(): Uint8Array | null {
    return this.#keyLength < 0
      ? null
      : this.#source.body.subarray(this.#keyAt, this.#keyAt + this.#keyLength);
  }

  get value(): Uint8Array | null {
    if (this.#valueLength < 0) return null;
    return this.#source.body.subarray(this.#valueAt, this.#valueAt + this.#valueLength);
  }

  get headers(): readonly RecordHeader[] {
    if (this.#headerCount === 0) return [];
    const cursor = createRecordCursor();
    cursor.headersAt = this.#headersAt;
    cursor.headerCount = this.#headerCount;
    return recordHeaders(this.#source.body, cursor);
  }
}
