// A broker process that tells about itself, and a healthy client beside whatever a test does to it.
import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  apiKeys,
  buildBatch,
  type FetchResponse,
  makeFetchRequestFetchPartition,
  type ProduceResponse,
} from "@ottla/protocol";
import { WireClient } from "../broker-process.ts";
import type { Report } from "./run-observed-broker.ts";

const startMsMax = 30_000;
const healthyTopic = "healthy";
const batchHeadBytes = 61;

/** A running broker. */
export class ObservedBroker {
  readonly directory: string = mkdtempSync(join(tmpdir(), "ottla-hostile-"));
  port = 0;
  controllerPort = 0;
  log = "";
  readonly #children: ChildProcess[] = [];

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<ObservedBroker> {
    const broker = new ObservedBroker();
    await broker.#start(Object.entries(settings).map(([key, value]) => `${key}=${value}`));
    return broker;
  }

  #start(settings: readonly string[]): Promise<void> {
    const child = fork(join(import.meta.dirname, "run-observed-broker.ts"), [this.directory, ...settings], {
      // The last of them and the pool as bin/kafka-server-start.sh sets them.
      execArgv: ["--conditions=@ottla/source", "--expose-gc", "--max-semi-space-size=8"],
      env: { ...process.env, UV_THREADPOOL_SIZE: "16" },
      silent: true,
    });
    this.#children.push(child);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.log = (this.log + text).slice(-200_000);
    });
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => reject(new Error(`${why}\n${this.log}`));
      const timer = setTimeout(() => fail("the broker is not ready in time"), startMsMax);
      child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        const ready = /ready (\d+)/.exec(text);
        if (ready === null) return;
        clearTimeout(timer);
        this.port = Number(ready[1]);
        resolve();
      });
      child.once("exit", (code) => fail(`the broker ended with ${code}`));
    });
  }

  get isAlive(): boolean {
    return this.#children.some(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  }

  connect(): Promise<WireClient> {
    return WireClient.connect(this.port);
  }

  /** What it holds; forgets the peak. */
  report(): Promise<Report> {
    const child = this.#children.at(-1);
    return new Promise((resolve, reject) => {
      if (child === undefined || !this.isAlive) {
        reject(new Error(`the broker is gone\n${this.log.slice(-4000)}`));
        return;
      }
      child.once("message", (message) => resolve(message as Report));
      child.send("report");
    });
  }

  /**
   * Runs `attack`, and fails when the broker's memory ever stood more than `bytesMax` above where it began,
   * or when what it holds on to has grown by more than `keptBytesMax`. Returns by how much it grew at most.
   */
  async boundsMemory(
    bytesMax: number,
    attack: () => Promise<void>,
    keptBytesMax: number = bytesMax,
  ): Promise<number> {
    await this.report();
    const before = await this.report();
    await attack();
    const after = await this.report();
    const grown = after.peakRssBytes - before.rssBytes;
    const mib = (bytes: number): number => Math.round(bytes / 1_048_576);
    const kept = after.heldBytes - before.heldBytes;
    assert.ok(kept <= keptBytesMax, `kept ${mib(kept)} MiB`);
    assert.ok(grown <= bytesMax, `grew by ${mib(grown)} MiB, from ${mib(before.rssBytes)} MiB`);
    return grown;
  }

  async remove(): Promise<void> {
    const child = this.#children.at(-1);
    if (child !== undefined && this.isAlive) {
      await new Promise<void>((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      });
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Somebody who produces and fetches small records all the time, on a connection of its own. */
export class HealthyClient {
  readonly #client: WireClient;
  readonly #latenciesMs: number[] = [];
  #produced = 0;
  #isStopping = false;
  readonly #running: Promise<void>;

  private constructor(client: WireClient) {
    this.#client = client;
    this.#running = this.#run();
    // Seen by `stop`; until then it is no unhandled rejection.
    this.#running.catch(() => {});
  }

  static async start(broker: ObservedBroker): Promise<HealthyClient> {
    const client = await broker.connect();
    await createTopic(client, healthyTopic, 1);
    return new HealthyClient(client);
  }

  /** Round trips so far. */
  get produced(): number {
    return this.#produced;
  }

  /** Resolves once `count` more records made the round trip: others are served while an attack goes on. */
  async goesOn(count = 3): Promise<void> {
    const wanted = this.#produced + count;
    while (this.#produced < wanted) {
      assert.equal(this.#client.isClosed, false, "the healthy client keeps its connection");
      await Promise.race([this.#running, new Promise((resolve) => setTimeout(resolve, 5))]);
      assert.equal(this.#isStopping, false);
    }
  }

  /**
   * Stops, reads all it produced and fails when something is lost. Returns the 99th percentile of a round
   * trip in ms.
   */
  async stop(): Promise<number> {
    this.#isStopping = true;
    await this.#running;
    const seen: string[] = [];
    while (seen.length < this.#produced) {
      const values = await this.#fetch(seen.length);
      assert.ok(values.length > 0, `a record is lost at offset ${seen.length}`);
      seen.push(...values);
    }
    assert.deepEqual(
      seen,
      Array.from({ length: this.#produced }, (_, index) => String(index)),
    );
    this.#client.socket.destroy();
    const sorted = this.#latenciesMs.toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const startMs = performance.now();
      const value = new TextEncoder().encode(String(this.#produced));
      const answer = await produce(this.#client, healthyTopic, smallBatch(value));
      assert.equal(answer.errorCode, 0, "the healthy client is served");
      assert.equal(answer.baseOffset, BigInt(this.#produced));
      const values = await this.#fetch(this.#produced);
      assert.deepEqual(values, [String(this.#produced)]);
      this.#produced++;
      this.#latenciesMs.push(performance.now() - startMs);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #fetch(offset: number): Promise<string[]> {
    const records = await fetchRecords(this.#client, healthyTopic, BigInt(offset));
    const values: string[] = [];
    // One record per batch: int8 attributes, one-byte varints, no key, no headers.
    for (let at = 0; records.length - at > batchHeadBytes; ) {
      const view = new DataView(records.buffer, records.byteOffset + at);
      const bytes = view.getInt32(8) + 12;
      const batch = records.subarray(at, at + bytes);
      if (Number(view.getBigInt64(0)) >= offset) {
        const valueAt = batchHeadBytes + 6;
        const length = (batch[valueAt - 1] ?? 0) >> 1;
        values.push(new TextDecoder().decode(batch.subarray(valueAt, valueAt + length)));
      }
      at += bytes;
    }
    return values;
  }
}

/** Creates a topic; fails when that fails. */
export async function createTopic(
  client: WireClient,
  name: string,
  numPartitions: number,
  configs: readonly { readonly name: string; readonly value: string }[] = [],
): Promise<void> {
  const topics = [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [...configs] }];
  const created = await client.ask(apiKeys.CreateTopics, 7, { topics, timeoutMs: 10_000 });
  assert.equal(created.topics[0]?.errorCode, 0, `${name}: ${created.topics[0]?.errorMessage}`);
}

type PartitionProduced = ProduceResponse.PartitionProduceResponse;

/** Produces to partition 0 with acks=all. */
export async function produce(
  client: WireClient,
  name: string,
  records: Uint8Array,
): Promise<PartitionProduced> {
  const answer = await client.ask(apiKeys.Produce, 9, {
    acks: -1,
    timeoutMs: 20_000,
    topicData: [{ name, topicId: "AAAAAAAAAAAAAAAAAAAAAA" as never, partitionData: [{ index: 0, records }] }],
  });
  return answer.responses[0]?.partitionResponses[0] as PartitionProduced;
}

/** A batch of one record without key. */
export function smallBatch(value: Uint8Array): Uint8Array {
  return buildBatch({ records: [{ timestamp: Date.now(), key: null, value }] });
}

/** What partition 0 holds from `fetchOffset` on. */
export async function fetchRecords(
  client: WireClient,
  topic: string,
  fetchOffset: bigint,
): Promise<Uint8Array> {
  const answer: FetchResponse = await client.ask(apiKeys.Fetch, 11, {
    maxWaitMs: 0,
    minBytes: 0,
    sessionEpoch: -1,
    topics: [
      {
        topic,
        topicId: "AAAAAAAAAAAAAAAAAAAAAA" as never,
        partitions: [
          makeFetchRequestFetchPartition({ partition: 0, fetchOffset, partitionMaxBytes: 1_048_576 }),
        ],
      },
    ],
  });
  const partition = answer.responses[0]?.partitions[0];
  assert.equal(partition?.errorCode, 0);
  return (partition?.records ?? new Uint8Array(0)) as Uint8Array;
}
