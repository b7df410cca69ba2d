// What a producer is given, and what it tells of each record.
import type { KafkaError } from "../errors/kafka-error.ts";

/** A header of a record. */
export interface HeaderToSend {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** A record to send. Bytes are copied at once; the caller may reuse them. */
export interface ProducerRecord {
  readonly topic: string;
  /** Default: by the key, or whichever is used at the moment. */
  readonly partition?: number;
  /** Milliseconds, not negative; default now. */
  readonly timestamp?: number;
  readonly key?: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: readonly HeaderToSend[];
}

/** Where a record lies. `offset` −1 when no broker told (acks=0, or a failure). */
export interface RecordMetadata {
  readonly topic: string;
  /** −1 when none was chosen. */
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds: the record's own, or the broker's for topics with LogAppendTime. */
  readonly timestamp: number;
}

/**
 * Told once per record, in a later turn. `error` null: it is stored as `acks` asks. `context` is what was
 * given with the record, so that a caller with many records needs no closure for each.
 */
export type DeliveryCallback = (error: KafkaError | null, metadata: RecordMetadata, context: unknown) => void;
