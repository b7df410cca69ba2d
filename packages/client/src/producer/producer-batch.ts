// A batch on its way: records are written into its buffer as they come, the header when it closes, producer
// id and sequence before each try. Invariant: every callback is told once; the buffer is untouched while a
// request that holds it may still be on its way.
import {
  ATTRIBUTES_AT,
  BASE_OFFSET_AT,
  BASE_SEQUENCE_AT,
  BASE_TIMESTAMP_AT,
  BATCH_HEADER_BYTES,
  COMPRESSION_NONE,
  encodeBatchAttributes,
  LAST_OFFSET_DELTA_AT,
  LENGTH_AT,
  LOG_OVERHEAD_BYTES,
  MAGIC_AT,
  MAGIC_V2,
  MAX_TIMESTAMP_AT,
  NO_PARTITION_LEADER_EPOCH,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  NO_SEQUENCE,
  PARTITION_LEADER_EPOCH_AT,
  PRODUCER_EPOCH_AT,
  PRODUCER_ID_AT,
  RECORDS_COUNT_AT,
  setInt16,
  setInt32,
  setInt64,
  updateBatchCrc,
} from "@ottla/protocol";
import type { KafkaError } from "../errors/kafka-error.ts";
import type { DeliveryCallback, HeaderToSend } from "./producer-record.ts";
import {
  RECORD_OVERHEAD_BYTES_MAX,
  RECORD_OVERHEAD_BYTES_MIN,
  recordBodyBytes,
  recordBytesMax,
  writeRecord,
} from "./record-writer.ts";

/** Whom a batch's sequence numbers belong to. */
export interface BatchProducer {
  readonly id: number;
  readonly epoch: number;
}

const NOTHING_THROWN: readonly unknown[] = [];

/** Records of one partition that travel together. */
export class ProducerBatch {
  readonly topic: string;
  readonly partition: number;
  /** Monotonic milliseconds. */
  readonly createdMs: number;
  /** Tries so far. */
  attempts = 0;
  /** Monotonic time before which it is not tried again. */
  retryAtMs = 0;
  /** A request that holds the batch has no answer yet. */
  isOnWire = false;
  /** Its callbacks were told, whatever an answer still says; or it was split, and its parts tell them. */
  isDone = false;
  /** What it was split into, because it was too large. */
  parts: readonly ProducerBatch[] = [];
  producer: BatchProducer | null = null;
  baseSequence: number = NO_SEQUENCE;
  /** Which batch of its partition and epoch it is. */
  order = 0;
  /** Size after compression, as a part of the size before. */
  compressionRatio = 1;
  #buffer: Uint8Array;
  #end = BATCH_HEADER_BYTES;
  #count = 0;
  #baseTimestamp = 0;
  #maxTimestamp = -1;
  #bodyBytesMax = 0;
  #hasRoom = true;
  #isDetached = false;
  #isPacking = false;
  #bytes: Uint8Array | null = null;
  /** Null while no record has a callback. */
  #callbacks: (DeliveryCallback | undefined)[] | null = null;
  #contexts: unknown[] = [];
  #timestamps: number[] = [];

  constructor(topic: string, partition: number, buffer: Uint8Array, createdMs: number) {
    this.topic = topic;
    this.partition = partition;
    this.#buffer = buffer;
    this.createdMs = createdMs;
  }

  /** What the batch holds on to: the buffer it was given, or its compressed form since `detach`. */
  get memory(): Uint8Array {
    return this.#buffer;
  }

  /** Lets go of the buffer once the compressed form is all that counts; returns it. */
  detach(): Uint8Array {
    const buffer = this.#buffer;
    this.#buffer = this.bytes;
    this.#isDetached = true;
    return buffer;
  }

  /** Every record of it was told of, by itself or by its parts. */
  get isSettled(): boolean {
    return this.isDone && this.parts.every((part) => part.isSettled);
  }

  /** It is being compressed off the loop. */
  get isPacking(): boolean {
    return this.#isPacking;
  }

  /** From now on the body stays as it is; `close` follows in a later turn. */
  beginPacking(): void {
    this.#hasRoom = false;
    this.#isPacking = true;
  }

  endPacking(): void {
    this.#isPacking = false;
  }

  get isDetached(): boolean {
    return this.#isDetached;
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes that it takes, before compression while it is open. */
  get sizeBytes(): number {
    return this.#bytes?.length ?? this.#end;
  }

  /** Most that one of the records would take in a batch of its own, as Apache Kafka reckons it. */
  get recordBytesMax(): number {
    return BATCH_HEADER_BYTES + RECORD_OVERHEAD_BYTES_MAX + this.#bodyBytesMax - RECORD_OVERHEAD_BYTES_MIN;
  }

  /** No further record fits, or none is taken any more. */
  get isFull(): boolean {
    return !this.#hasRoom || this.#bytes !== null || this.#end >= this.#buffer.length;
  }

  get isClosed(): boolean {
    return this.#bytes !== null;
  }

  /** The records as they lie in the buffer, uncompressed. */
  get body(): Uint8Array {
    return this.#buffer.subarray(BATCH_HEADER_BYTES, this.#end);
  }

  /** The whole batch; closed batches only. */
  get bytes(): Uint8Array {
    if (this.#bytes === null) throw new Error("the batch is open");
    return this.#bytes;
  }

  /** Takes a record, or returns false when it does not fit. `timestamp` in milliseconds. */
  append(
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly HeaderToSend[] | undefined,
    callback: DeliveryCallback | undefined,
    context: unknown,
  ): boolean {
    if (this.isFull) return false;
    const index = this.#count;
    if (index > 0 && this.#end + recordBytesMax(key, value, headers) > this.#buffer.length) {
      this.#hasRoom = false;
      return false;
    }
    if (index === 0) this.#baseTimestamp = timestamp;
    const timestampDelta = timestamp - this.#baseTimestamp;
    const bodyBytes = recordBodyBytes(index, timestampDelta, key, value, headers);
    this.#end = writeRecord(this.#buffer, this.#end, bodyBytes, index, timestampDelta, key, value, headers);
    this.#count = index + 1;
    if (bodyBytes > this.#bodyBytesMax) this.#bodyBytesMax = bodyBytes;
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    if (callback !== undefined) {
      this.#callbacks ??= [];
      this.#callbacks[index] = callback;
      this.#contexts[index] = context;
      this.#timestamps[index] = timestamp;
    }
    return true;
  }

  /** No further records. `packed`: the compressed body, or the body itself. */
  close(compression: number, packed: Uint8Array | null): void {
    let bytes = this.#buffer.subarray(0, this.#end);
    if (packed !== null) {
      bytes = new Uint8Array(BATCH_HEADER_BYTES + packed.length);
      bytes.set(packed, BATCH_HEADER_BYTES);
      this.compressionRatio = bytes.length / this.#end;
    }
    setInt64(bytes, BASE_OFFSET_AT, 0);
    setInt32(bytes, LENGTH_AT, bytes.length - LOG_OVERHEAD_BYTES);
    setInt32(bytes, PARTITION_LEADER_EPOCH_AT, NO_PARTITION_LEADER_EPOCH);
    bytes[MAGIC_AT] = MAGIC_V2;
    const attributes = encodeBatchAttributes({
      compression: packed === null ? COMPRESSION_NONE : compression,
      isLogAppendTime: false,
      isTransactional: false,
      isControl: false,
      hasDeleteHorizon: false,
    });
    setInt16(bytes, ATTRIBUTES_AT, attributes);
    setInt32(bytes, LAST_OFFSET_DELTA_AT, this.#count - 1);
    setInt64(bytes, BASE_TIMESTAMP_AT, this.#baseTimestamp);
    setInt64(bytes, MAX_TIMESTAMP_AT, this.#maxTimestamp);
    setInt32(bytes, RECORDS_COUNT_AT, this.#count);
    this.#bytes = bytes;
  }

  /** Writes producer, sequence and checksum; before each try. */
  stamp(): void {
    const bytes = this.bytes;
    setInt64(bytes, PRODUCER_ID_AT, this.producer?.id ?? NO_PRODUCER_ID);
    setInt16(bytes, PRODUCER_EPOCH_AT, this.producer?.epoch ?? NO_PRODUCER_EPOCH);
    setInt32(bytes, BASE_SEQUENCE_AT, this.baseSequence);
    updateBatchCrc(bytes, 0);
  }

  /**
   * Tells every callback that the records are stored. `baseOffset` −1: not told. `logAppendTime` −1: the
   * records keep their own times. Returns what callbacks threw.
   */
  complete(baseOffset: number, logAppendTime: number): readonly unknown[] {
    return this.#tell(null, baseOffset, logAppendTime);
  }

  /** Tells every callback that the records are not known to be stored. Returns what callbacks threw. */
  fail(error: KafkaError): readonly unknown[] {
    return this.#tell(error, -1, -1);
  }

  /** Callback and context of a record, for a batch that is split. */
  callbackAt(index: number): { callback: DeliveryCallback | undefined; context: unknown } {
    return { callback: this.#callbacks?.[index], context: this.#contexts[index] };
  }

  #tell(error: KafkaError | null, baseOffset: number, logAppendTime: number): readonly unknown[] {
    if (this.isDone) return NOTHING_THROWN;
    this.isDone = true;
    const callbacks = this.#callbacks;
    if (callbacks === null) return NOTHING_THROWN;
    const { topic, partition } = this;
    let thrown: unknown[] | null = null;
    for (let index = 0; index < callbacks.length; index += 1) {
      const callback = callbacks[index];
      if (callback === undefined) continue;
      const offset = baseOffset < 0 ? -1 : baseOffset + index;
      const timestamp = logAppendTime < 0 ? (this.#timestamps[index] as number) : logAppendTime;
      try {
        callback(error, { topic, partition, offset, timestamp }, this.#contexts[index]);
      } catch (bug) {
        thrown ??= [];
        thrown.push(bug);
      }
    }
    this.#callbacks = null;
    this.#contexts = [];
    this.#timestamps = [];
    return thrown ?? NOTHING_THROWN;
  }
}
