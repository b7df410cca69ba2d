// Reads partitions of one topic without a session: one request frame, in which only the offsets change, and
// the few bytes of an answer that tell how far it goes.
import { apiKeys, makeFetchRequest } from "@ottla/protocol";
import { requestFrame } from "./raw-connection.ts";

const fetchVersion = 11;
const anyId = "AAAAAAAAAAAAAAAAAAAAAA" as never;

/** In a request: length, key, version, correlation id, client id "bench", and the body before its topics. */
const requestTopicsAt = 4 + 2 + 2 + 4 + 7 + 25;
/** Index, leader epoch, fetch offset, log start, bytes. */
const requestPartitionBytes = 28;
const requestOffsetAt = 8;
/** In an answer: length, correlation id, throttle time, error, session. */
const answerTopicsAt = 4 + 4 + 4 + 2 + 4;

/** What is asked for, whenever. */
export interface FetchWish {
  readonly topic: string;
  readonly partitions: readonly number[];
  /** Of one partition, and of the answer. */
  readonly bytesMax: number;
  readonly minBytes: number;
  readonly maxWaitMs: number;
}

/** Where a consumer stands. */
export class FetchCursor {
  /** To be sent as it is; it asks for what comes next. */
  readonly frame: Buffer;
  readonly #offsets = new Map<number, number>();
  readonly #firstAt: number;
  readonly #partitions: readonly number[];

  /** Starts at these offsets, or 0. */
  constructor(wish: FetchWish, offsets: readonly number[] = []) {
    const { topic, partitions } = wish;
    this.#partitions = partitions;
    this.#firstAt = requestTopicsAt + 4 + 2 + topic.length + 4 + requestOffsetAt;
    this.frame = fetchFrame(wish);
    partitions.forEach((partition, index) => this.#move(index, partition, offsets[index] ?? 0));
  }

  #move(index: number, partition: number, offset: number): void {
    this.#offsets.set(partition, offset);
    this.frame.writeBigInt64BE(BigInt(offset), this.#firstAt + index * requestPartitionBytes);
  }

  /** Takes an answer in, and tells the bytes of its batches. */
  take(answer: Buffer): number {
    let bytes = 0;
    eachPartition(answer, (partition, records) => {
      if (records.length === 0) return;
      const { end, nextOffset } = endOfBatches(records);
      bytes += end;
      if (end > 0) this.#move(this.#partitions.indexOf(partition), partition, nextOffset);
    });
    return bytes;
  }

  offsetOf(partition: number): number {
    return this.#offsets.get(partition) ?? 0;
  }
}

/** The request of such a wish, from offset 0. */
function fetchFrame({ topic, partitions, bytesMax, minBytes, maxWaitMs }: FetchWish): Buffer {
  const asked = partitions.map((partition) => ({
    partition,
    currentLeaderEpoch: -1,
    fetchOffset: 0n,
    lastFetchedEpoch: -1,
    logStartOffset: -1n,
    partitionMaxBytes: bytesMax,
    replicaDirectoryId: anyId,
    highWatermark: 0n,
  }));
  const request = makeFetchRequest({
    replicaId: -1,
    maxWaitMs,
    minBytes,
    maxBytes: bytesMax,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ topic, topicId: anyId, partitions: asked }],
  });
  return requestFrame(apiKeys.Fetch, fetchVersion, request, 9);
}

/** Calls back for each partition of a Fetch v11 answer; throws at the first error in it. */
function eachPartition(answer: Buffer, take: (partition: number, records: Buffer) => void): void {
  let at = answerTopicsAt;
  const topics = answer.readInt32BE(at);
  at += 4;
  for (let topic = 0; topic < topics; topic++) {
    at += 2 + answer.readInt16BE(at);
    const partitions = answer.readInt32BE(at);
    at += 4;
    for (let index = 0; index < partitions; index++) {
      const partition = answer.readInt32BE(at);
      const code = answer.readInt16BE(at + 4);
      if (code !== 0) throw new Error(`fetch: error ${code} of partition ${partition}`);
      at += 4 + 2 + 8 + 8 + 8;
      at += 4 + Math.max(0, answer.readInt32BE(at)) * 16 + 4;
      const bytes = Math.max(0, answer.readInt32BE(at));
      at += 4;
      take(partition, answer.subarray(at, at + bytes));
      at += bytes;
    }
  }
}

/** Where the last whole batch ends, and the offset behind it. */
function endOfBatches(records: Buffer): { readonly end: number; readonly nextOffset: number } {
  let end = 0;
  let nextOffset = 0;
  while (end + 61 <= records.length) {
    const size = 12 + records.readInt32BE(end + 8);
    if (end + size > records.length) break;
    nextOffset = Number(records.readBigInt64BE(end)) + records.readInt32BE(end + 23) + 1;
    end += size;
  }
  return { end, nextOffset };
}
