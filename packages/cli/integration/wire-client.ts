// A client of a few lines: creates a topic, produces one batch, fetches all records of a partition. Speaks
// through the generated codecs, one request at a time.
import { connect, type Socket } from "node:net";
import { createNodeZip } from "@ottla/ports";
import {
  type ApiKey,
  apiCodecs,
  apiKeys,
  batchEnd,
  batchLastOffset,
  buildBatch,
  decodeResponseHeader,
  encodeRequestHeader,
  makeFetchRequestFetchPartition,
  makeRequestHeader,
  Reader,
  readRecords,
  requestHeaderVersion,
  responseHeaderVersion,
  Writer,
  ZERO_UUID,
} from "@ottla/protocol";

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const zip = createNodeZip();

/** A record's key and value. */
export interface KeyedValue {
  readonly key: string | null;
  readonly value: string | null;
}

/** A record that was read. */
export interface FoundRecord extends KeyedValue {
  readonly offset: number;
}

export class WireClient {
  readonly #socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      this.#wake();
    });
    socket.on("error", () => {});
    socket.on("close", () => this.#wake());
  }

  static connect(port: number): Promise<WireClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(new WireClient(socket)));
      socket.once("error", reject);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Resolves once the broker ended the connection. */
  async closed(): Promise<void> {
    while (!this.#socket.destroyed) {
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
  }

  /** True when the broker answers, false when it ends the connection instead. */
  async isServed(): Promise<boolean> {
    try {
      await this.#ask(apiKeys.ApiVersions, 0, {});
      return true;
    } catch {
      return false;
    }
  }

  /** Asks for records that will not come, for as long as the broker likes to wait. */
  waitForRecords(topic: string): void {
    const partition = makeFetchRequestFetchPartition({ fetchOffset: 0n, partitionMaxBytes: 1000 });
    const topics = [{ topic, topicId: ZERO_UUID, partitions: [partition] }];
    const fields = { maxWaitMs: 600_000, minBytes: 1_000_000, sessionEpoch: -1, topics };
    this.#socket.write(requestFrame(apiKeys.Fetch, 12, fields));
  }

  async createTopic(
    name: string,
    numPartitions = 1,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<number> {
    const configs = Object.entries(settings).map(([config, value]) => ({ name: config, value }));
    const topic = { name, numPartitions, replicationFactor: 1, assignments: [], configs };
    const response = await this.#ask(apiKeys.CreateTopics, 7, { topics: [topic], timeoutMs: 10_000 });
    return response.topics[0]?.errorCode ?? -1;
  }

  /** One record with acks=all; answers the error code, null when the connection ended before the answer. */
  produce(topic: string, value: string, index = 0): Promise<number | null> {
    return this.produceBatch(topic, [{ key: null, value }], index);
  }

  /** As `produce`, for a batch of several records. */
  async produceBatch(topic: string, entries: readonly KeyedValue[], index = 0): Promise<number | null> {
    const encode = (text: string | null): Uint8Array | null => (text === null ? null : encoder.encode(text));
    const timestamp = Date.now();
    const records = buildBatch({
      records: entries.map(({ key, value }) => ({ key: encode(key), value: encode(value), timestamp })),
    });
    const fields = {
      acks: -1,
      timeoutMs: 10_000,
      topicData: [{ name: topic, topicId: ZERO_UUID, partitionData: [{ index, records }] }],
    };
    try {
      const response = await this.#ask(apiKeys.Produce, 9, fields);
      return response.responses[0]?.partitionResponses[0]?.errorCode ?? -1;
    } catch {
      return null;
    }
  }

  /** The values of a partition from its beginning. */
  async fetchAll(topic: string): Promise<(string | null)[]> {
    return (await this.fetchRecords(topic)).map(({ value }) => value);
  }

  /** The records of a partition from its beginning. */
  async fetchRecords(topic: string): Promise<FoundRecord[]> {
    const found: FoundRecord[] = [];
    for (let offset = 0; ; ) {
      const partition = makeFetchRequestFetchPartition({
        fetchOffset: BigInt(offset),
        partitionMaxBytes: 10_000_000,
      });
      const response = await this.#ask(apiKeys.Fetch, 12, {
        maxWaitMs: 0,
        minBytes: 0,
        sessionEpoch: -1,
        maxBytes: 50_000_000,
        topics: [{ topic, topicId: ZERO_UUID, partitions: [partition] }],
      });
      const answer = response.responses[0]?.partitions[0];
      if (answer?.errorCode !== 0) throw new Error(`fetch: error ${answer?.errorCode}`);
      const { records } = answer;
      if (records === null || records.length === 0) return found;
      found.push(...recordsOf(records));
      offset = endOffsetOf(records);
    }
  }

  /** Asks for the first replica of the topic to be in the log directory `path`; answers the error code. */
  async moveReplica(topic: string, path: string): Promise<number> {
    const dirs = [{ path, topics: [{ name: topic, partitions: [0] }] }];
    const { results } = await this.#ask(apiKeys.AlterReplicaLogDirs, 2, { dirs });
    return results[0]?.partitions[0]?.errorCode ?? -1;
  }

  async #ask<Key extends ApiKey>(
    key: Key,
    version: number,
    fields: unknown,
  ): Promise<ReturnType<(typeof apiCodecs)[Key]["decodeResponse"]>> {
    this.#socket.write(requestFrame(key, version, fields));
    while (this.#bytes.length < 4 || this.#bytes.length < this.#bytes.readInt32BE(0) + 4) {
      if (this.#socket.destroyed) throw new Error("the connection ended");
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
    const end = this.#bytes.readInt32BE(0) + 4;
    const reader = new Reader(this.#bytes.subarray(4, end));
    this.#bytes = this.#bytes.subarray(end);
    decodeResponseHeader(reader, responseHeaderVersion(key, version));
    return apiCodecs[key].decodeResponse(reader, version) as ReturnType<
      (typeof apiCodecs)[Key]["decodeResponse"]
    >;
  }
}

function requestFrame(key: ApiKey, version: number, fields: unknown): Uint8Array {
  // The type of the table's entries is a union; each codec only sees its own messages.
  const codec = apiCodecs[key] as unknown as {
    makeRequest(fields: unknown): unknown;
    encodeRequest(writer: Writer, message: unknown, version: number): void;
  };
  const writer = new Writer();
  writer.int32(0);
  const header = { requestApiKey: key, requestApiVersion: version, correlationId: 1, clientId: "cli-test" };
  encodeRequestHeader(writer, makeRequestHeader(header), requestHeaderVersion(key, version));
  codec.encodeRequest(writer, codec.makeRequest(fields), version);
  const bytes = writer.toBytes();
  new DataView(bytes.buffer, bytes.byteOffset).setInt32(0, bytes.length - 4);
  return bytes;
}

function recordsOf(batches: Uint8Array): FoundRecord[] {
  const found: FoundRecord[] = [];
  const decode = (bytes: Uint8Array | null): string | null => (bytes === null ? null : decoder.decode(bytes));
  for (let at = 0, next: number; (next = batchEnd(batches, at, batches.length)) > 0; at = next) {
    for (const { offset, key, value } of readRecords(batches, at, zip)) {
      found.push({ offset, key: decode(key), value: decode(value) });
    }
  }
  return found;
}

/** Behind the last whole batch. */
function endOffsetOf(batches: Uint8Array): number {
  let endOffset = 0;
  for (let at = 0, next: number; (next = batchEnd(batches, at, batches.length)) > 0; at = next) {
    endOffset = batchLastOffset(batches, at) + 1;
  }
  return endOffset;
}
