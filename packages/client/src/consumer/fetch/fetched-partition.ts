// The bytes that one fetch brought for one partition, read batch by batch as the user polls. Batches are
// decompressed when their turn comes, so at most one uncompressed batch is held; a large one is decompressed
// off the loop and the partition waits for it. Records before the position, control batches and, for
// read_committed, aborted batches are passed over. An error keeps what was read before it for the poll at
// hand and is thrown by the next one.
import type { Zip } from "@ottla/ports";
import {
  BATCH_HEADER_BYTES,
  batchBaseOffset,
  batchBaseTimestamp,
  batchCount,
  batchEnd,
  batchHasProducerId,
  batchIsCompressed,
  batchIsControl,
  batchIsLogAppendTime,
  batchIsTransactional,
  batchLastOffset,
  batchMagic,
  batchMaxTimestamp,
  batchPartitionLeaderEpoch,
  batchProblem,
  batchProducerId,
  batchSizeInBytes,
  CONTROL_ABORT,
  controlRecordType,
  createRecordCursor,
  DECOMPRESSED_BYTES_MAX,
  decompressBatchBody,
  decompressBatchBodyLater,
  MAGIC_V2,
  NO_TIMESTAMP,
  nextRecord,
  RecordsError,
  readRecords,
  recordKey,
  SYNC_COMPRESSED_BYTES_MAX,
} from "@ottla/protocol";
import { KafkaError } from "../../errors/kafka-error.ts";
import { ConsumerRecord, type RecordSource } from "../records/consumer-record.ts";
import { AbortedTransactions } from "./aborted-transactions.ts";
import { corruptBatch, unreadableRecord } from "./fetch-errors.ts";

/** What one partition's part of a fetch answer holds. */
export interface FetchedData {
  readonly topic: string;
  readonly partition: number;
  readonly records: Uint8Array;
  readonly fetchOffset: number;
  /** Null for read_uncommitted. */
  readonly abortedTransactions:
    | readonly { readonly producerId: bigint; readonly firstOffset: bigint }[]
    | null;
  readonly checksCrcs: boolean;
}

/** `more`: the limit was reached. `waiting`: `onReady` will tell. `drained`: all is read. */
export type TakeResult = "more" | "waiting" | "drained";

export class FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  /** Offset behind the last record taken or passed over. */
  nextOffset: number;
  /** Of the records taken, uncompressed; those of old formats do not count. */
  bytesTaken = 0;
  /** Epoch of the batch read last; null when unknown. */
  lastEpoch: number | null = null;
  readonly #data: FetchedData;
  readonly #zip: Zip;
  readonly #onReady: () => void;
  readonly #aborted: AbortedTransactions | null;
  readonly #cursor = createRecordCursor();
  /** Where the next batch starts. */
  #at = 0;
  #source: RecordSource | null = null;
  #bodyAt = 0;
  #recordsLeft = 0;
  #baseOffset = 0;
  #baseTimestamp = 0;
  /** Every record's timestamp, with LogAppendTime. */
  #appendTime: number | null = null;
  #batchLastOffset = 0;
  #legacyRecords: ConsumerRecord[] = [];
  #isDecompressing = false;
  #decompressed: Uint8Array | RecordsError | null = null;
  #error: Error | null = null;

  constructor(data: FetchedData, zip: Zip, onReady: () => void) {
    this.topic = data.topic;
    this.partition = data.partition;
    this.nextOffset = data.fetchOffset;
    this.#data = data;
    this.#zip = zip;
    this.#onReady = onReady;
    this.#aborted =
      data.abortedTransactions === null ? null : new AbortedTransactions(data.abortedTransactions);
  }

  /** Adds up to `countMax` records to `into`. Throws what makes the next record unreadable. */
  take(countMax: number, into: ConsumerRecord[]): TakeResult {
    const before = into.length;
    try {
      if (this.#error !== null) throw this.#error;
      return this.#take(before + countMax, into);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      if (into.length === before) throw error;
      this.#error = error;
      return "more";
    }
  }

  #take(lengthMax: number, into: ConsumerRecord[]): TakeResult {
    for (;;) {
      while (this.#recordsLeft > 0) {
        if (into.length >= lengthMax) return "more";
        this.#takeRecord(into);
      }
      for (
        let record = this.#legacyRecords.shift();
        record !== undefined;
        record = this.#legacyRecords.shift()
      ) {
        if (record.offset < this.nextOffset) continue;
        into.push(record);
        this.nextOffset = record.offset + 1;
        if (into.length >= lengthMax) return "more";
      }
      // The last offset of a batch may have been compacted away; the next fetch must start behind it.
      if (this.#source !== null) {
        this.nextOffset = Math.max(this.nextOffset, this.#batchLastOffset + 1);
        this.#source = null;
      }
      if (this.#isDecompressing) return "waiting";
      const next = this.#openBatch();
      if (next !== "opened") return next;
    }
  }

  #takeRecord(into: ConsumerRecord[]): void {
    const source = this.#source!;
    const cursor = this.#cursor;
    const next = nextRecord(source.body, this.#bodyAt, source.body.length, cursor);
    if (next < 0) throw unreadableRecord(this, this.nextOffset);
    const bytes = next - this.#bodyAt;
    this.#bodyAt = next;
    this.#recordsLeft -= 1;
    const offset = this.#baseOffset + cursor.offsetDelta;
    if (offset < this.nextOffset) return;
    this.bytesTaken += bytes;
    const timestamp = this.#appendTime ?? this.#baseTimestamp + cursor.timestampDelta;
    into.push(new ConsumerRecord(source, offset, timestamp, cursor));
    this.nextOffset = offset + 1;
  }

  #openBatch(): "opened" | "waiting" | "drained" {
    const bytes = this.#data.records;
    const at = this.#at;
    const end = batchEnd(bytes, at, bytes.length);
    // A broker cuts an answer inside its last batch; the rest comes with the next fetch.
    if (end < 0) return this.#endOfBytes(at);
    this.#checkBatch(at);
    this.#batchLastOffset = batchLastOffsetOf(bytes, at);
    if (this.#batchLastOffset < this.nextOffset) {
      this.#at = end;
      return "opened";
    }
    if (batchMagic(bytes, at) < MAGIC_V2) {
      this.#openLegacy(at);
    } else if (this.#isPassedOver(at)) {
      this.nextOffset = this.#batchLastOffset + 1;
      this.lastEpoch = epochOf(bytes, at);
    } else {
      const body = this.#body(at);
      if (body === null) return "waiting";
      this.#openBody(at, body);
    }
    this.#at = end;
    return "opened";
  }

  #endOfBytes(at: number): "drained" {
    if (at === 0 && this.#data.records.length > 0) {
      throw unreadableRecord(this, this.nextOffset, "no complete record batch was received");
    }
    return "drained";
  }

  #checkBatch(at: number): void {
    const bytes = this.#data.records;
    if (!this.#data.checksCrcs) {
      if (batchMagic(bytes, at) < MAGIC_V2 || batchSizeInBytes(bytes, at) >= BATCH_HEADER_BYTES) return;
    }
    const problem = batchProblem(bytes, at);
    if (problem !== null) throw corruptBatch(this, batchBaseOffset(bytes, at), problem.message);
  }

  /** Control batches never reach the user; with read_committed aborted ones do not, either. */
  #isPassedOver(at: number): boolean {
    const bytes = this.#data.records;
    const aborted = this.#aborted;
    if (aborted !== null && batchHasProducerId(bytes, at)) {
      const producerId = batchProducerId(bytes, at);
      const isAborted = aborted.isAborted(producerId, this.#batchLastOffset);
      if (batchIsControl(bytes, at)) {
        if (this.#controlType(at) === CONTROL_ABORT) aborted.ended(producerId);
      } else if (isAborted && batchIsTransactional(bytes, at)) {
        return true;
      }
    }
    return batchIsControl(bytes, at);
  }

  #controlType(at: number): number | null {
    const bytes = this.#data.records;
    if (batchCount(bytes, at) < 1) return null;
    const end = at + batchSizeInBytes(bytes, at);
    const next = nextRecord(bytes, at + BATCH_HEADER_BYTES, end, this.#cursor);
    return next < 0 ? null : controlRecordType(recordKey(bytes, this.#cursor));
  }

  /** The uncompressed body of the batch, or null while it is being decompressed. */
  #body(at: number): Uint8Array | null {
    const bytes = this.#data.records;
    const result = this.#decompressed;
    this.#decompressed = null;
    if (result instanceof RecordsError) throw unreadableRecord(this, this.nextOffset, result.message);
    if (result !== null) return result;
    if (!batchIsCompressed(bytes, at) || batchSizeInBytes(bytes, at) <= SYNC_COMPRESSED_BYTES_MAX) {
      try {
        return decompressBatchBody(bytes, at, this.#zip, DECOMPRESSED_BYTES_MAX);
      } catch (error) {
        if (!(error instanceof RecordsError)) throw error;
        throw unreadableRecord(this, this.nextOffset, error.message);
      }
    }
    this.#isDecompressing = true;
    decompressBatchBodyLater(bytes, at, this.#zip, DECOMPRESSED_BYTES_MAX, (body) => {
      this.#isDecompressing = false;
      this.#decompressed = body;
      this.#onReady();
    });
    return null;
  }

  #openBody(at: number, body: Uint8Array): void {
    const bytes = this.#data.records;
    const isLogAppendTime = batchIsLogAppendTime(bytes, at);
    this.lastEpoch = epochOf(bytes, at);
    this.#source = {
      topic: this.topic,
      partition: this.partition,
      leaderEpoch: this.lastEpoch,
      timestampType: isLogAppendTime ? "LogAppendTime" : "CreateTime",
      body,
    };
    this.#bodyAt = 0;
    this.#recordsLeft = Math.max(0, batchCount(bytes, at));
    this.#baseOffset = batchBaseOffset(bytes, at);
    this.#baseTimestamp = batchBaseTimestamp(bytes, at);
    this.#appendTime = isLogAppendTime ? batchMaxTimestamp(bytes, at) : null;
  }

  /** Messages of magic 0 and 1 lie in old segments only; they become records at once. */
  #openLegacy(at: number): void {
    const bytes = this.#data.records;
    const magic = batchMagic(bytes, at);
    let records: ReturnType<typeof readRecords>;
    try {
      records = readRecords(bytes, at, this.#zip);
    } catch (error) {
      if (!(error instanceof RecordsError)) throw error;
      throw unreadableRecord(this, this.nextOffset, error.message);
    }
    const { topic, partition } = this;
    this.#legacyRecords = records.map(({ offset, timestamp, key, value }) => {
      const body = wholeBuffer(key ?? value);
      const source: RecordSource = {
        topic,
        partition,
        leaderEpoch: null,
        timestampType: magic === 0 ? "NoTimestampType" : "CreateTime",
        body,
      };
      return new ConsumerRecord(source, offset, magic === 0 ? NO_TIMESTAMP : timestamp, {
        keyAt: key?.byteOffset ?? 0,
        keyLength: key?.length ?? -1,
        valueAt: value?.byteOffset ?? 0,
        valueLength: value?.length ?? -1,
        headersAt: 0,
        headerCount: 0,
      });
    });
  }
}

/** Of a legacy message the stored offset is its last record's. */
function batchLastOffsetOf(bytes: Uint8Array, at: number): number {
  return batchMagic(bytes, at) < MAGIC_V2 ? batchBaseOffset(bytes, at) : batchLastOffset(bytes, at);
}

function epochOf(bytes: Uint8Array, at: number): number | null {
  const epoch = batchPartitionLeaderEpoch(bytes, at);
  return epoch < 0 ? null : epoch;
}

/** Key and value of a legacy record lie in the same buffer. */
function wholeBuffer(view: Uint8Array | null): Uint8Array {
  return view === null ? new Uint8Array(0) : new Uint8Array(view.buffer);
}
