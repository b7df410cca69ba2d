// kafka-e2e-latency: the time from sending a record to having received it, one record at a time.
import {
  Admin,
  type ClientEnvironment,
  type ClientSettings,
  Consumer,
  KafkaError,
  Producer,
  type ProducerRecord,
} from "@ottla/client";
import { javaDouble } from "@ottla/protocol";
import type { GivenOptions } from "../../options/given-options.ts";
import { errorMessage, errorTrace, JavaException } from "../../options/java-exception.ts";
import { UsageError } from "../../options/option-error.ts";
import { type OptionTool, optionTool } from "../../options/option-tool.ts";
import { readSettings, toolEnvironment } from "../../options/tool-client.ts";
import type { Tool, ToolHost } from "../../options/tool-host.ts";
import { fixed } from "../client-tool/java-format.ts";
import { e2eLatencyOptions, positionalOptions } from "./e2e-latency-options.ts";

const POLL_MS = 60_000;
const PROGRESS_EVERY = 1000;
const MAX_BLOCK_MS = Number.MAX_SAFE_INTEGER;
const PARTITIONS = 1;
const REPLICATION_FACTOR = 1;
const LETTER_A = 65;
const LETTERS = 26;

const named: Tool = optionTool({
  about: "This tool measures end-to-end latency in Kafka by sending messages and timing their reception.",
  table: e2eLatencyOptions,
  optionErrors: "usage",
  async run(given, host) {
    given.require("bootstrap-server", "topic", "num-records", "producer-acks", "record-size");
    try {
      checkValues(given);
      return await new E2eLatency(given, host).run();
    } catch (error) {
      if (error instanceof UsageError) throw error;
      host.err(`${errorMessage(error)}\n${errorTrace(error)}\n`);
      return 1;
    }
  },
} satisfies OptionTool);

/** kafka-e2e-latency. */
export const e2eLatencyTool: Tool = (words, host) => {
  if (words.length === 0 || words.some((word) => word.startsWith("--"))) return named(words, host);
  if (words.length !== 5 && words.length !== 6) {
    host.err(
      `Invalid number of arguments. Expected 5 or 6 positional arguments, but got ${words.length}. Usage: ` +
        "bootstrap-server topic num-records producer-acks record-size [optional] command-config\n",
    );
    return Promise.resolve(1);
  }
  host.out(
    "WARNING: Positional argument usage is deprecated and will be removed in Apache Kafka 5.0. Please use named " +
      "arguments instead: --bootstrap-server, --topic, --num-records, --producer-acks, --record-size, --command-config\n",
  );
  return named(
    words.flatMap((word, index) => [`--${positionalOptions[index]}`, word]),
    host,
  );
};

function checkValues(given: GivenOptions): void {
  if ((given.number("num-records") ?? 0) <= 0) {
    throw new UsageError("Value for --num-records must be a positive integer.");
  }
  if ((given.number("record-size") ?? 0) < 0) {
    throw new UsageError("Value for --record-size must be a non-negative integer.");
  }
  for (const name of ["record-key-size", "record-header-key-size", "record-header-size", "num-headers"]) {
    if ((given.number(name) ?? 0) < 0) {
      throw new UsageError(`Value for --${name} must be a non-negative integer.`);
    }
  }
  if (!["1", "all"].includes(given.valueOr("producer-acks"))) {
    throw new UsageError(
      "Invalid value for --producer-acks. Latency testing requires synchronous acknowledgement. Please use '1' or 'all'.",
    );
  }
}

class E2eLatency {
  readonly #given: GivenOptions;
  readonly #host: ToolHost;
  readonly #topic: string;
  readonly #settings: ClientSettings;
  readonly #environment: ClientEnvironment;

  /** Throws `JavaException` when the file of settings cannot be read. */
  constructor(given: GivenOptions, host: ToolHost) {
    this.#given = given;
    this.#host = host;
    this.#topic = given.valueOr("topic");
    this.#settings = {
      ...readSettings(host, given.value("command-config")),
      "bootstrap.servers": given.valueOr("bootstrap-server"),
    };
    this.#environment = toolEnvironment(host);
  }

  async run(): Promise<number> {
    const consumer = new Consumer(
      {
        ...this.#settings,
        "group.id": `test-group-${this.#host.ports.clock.wallMs()}`,
        "enable.auto.commit": false,
        "auto.offset.reset": "latest",
        "fetch.max.wait.ms": 0,
      },
      this.#environment,
    );
    const acks = this.#given.valueOr("producer-acks");
    const producer = new Producer(
      { ...this.#settings, "linger.ms": 0, "max.block.ms": MAX_BLOCK_MS, acks },
      this.#environment,
    );
    try {
      await this.#makeTopic();
      await this.#standAtEnd(consumer);
      this.#tellResult(await this.#measure(producer, consumer));
    } finally {
      await producer.close();
      await consumer.close();
    }
    return 0;
  }

  async #makeTopic(): Promise<void> {
    const admin = new Admin(this.#settings, this.#environment);
    try {
      const topics = await admin.listTopics({ includeInternal: true });
      if (topics.some(({ name }) => name === this.#topic)) return;
      this.#host.out(
        `Topic "${this.#topic}" does not exist. Will create topic with ${PARTITIONS} partition(s) and replication ` +
          `factor = ${REPLICATION_FACTOR}\n`,
      );
      const topic = { name: this.#topic, numPartitions: PARTITIONS, replicationFactor: REPLICATION_FACTOR };
      const created = (await admin.createTopics([topic])).get(this.#topic);
      if (created instanceof KafkaError) {
        this.#host.out(`Creation of topic ${this.#topic} failed\n`);
        throw new JavaException("java.lang.RuntimeException", created.message, { cause: created });
      }
    } finally {
      await admin.close();
    }
  }

  async #standAtEnd(consumer: Consumer): Promise<void> {
    const partitions = await consumer.partitionsFor(this.#topic);
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    for (const partition of partitions) await consumer.position(partition);
  }

  /** Milliseconds of each record, in order of sending. */
  async #measure(producer: Producer, consumer: Consumer): Promise<Float64Array> {
    const { clock } = this.#host.ports;
    const latencies = new Float64Array(this.#given.number("num-records") ?? 0);
    for (let index = 0; index < latencies.length; index++) {
      const record = this.#record();
      const beginMs = clock.monotonicMs();
      await producer.send(record);
      const polled = await consumer.poll(POLL_MS);
      const elapsedMs = clock.monotonicMs() - beginMs;
      this.#check(record, [...polled]);
      if (index % PROGRESS_EVERY === 0) this.#host.out(`${index}\t${javaDouble(elapsedMs)}\n`);
      latencies[index] = elapsedMs;
    }
    return latencies;
  }

  #record(): ProducerRecord {
    const size = (name: string): number => this.#given.number(name) ?? 0;
    const keySize = size("record-key-size");
    const headers = Array.from({ length: size("num-headers") }, () => ({
      key: new TextDecoder().decode(this.#letters(size("record-header-key-size"))),
      value: this.#letters(size("record-header-size")),
    }));
    return {
      topic: this.#topic,
      key: keySize > 0 ? this.#letters(keySize) : null,
      value: this.#letters(size("record-size")),
      headers,
    };
  }

  /** One letter, over and over. */
  #letters(length: number): Uint8Array {
    return new Uint8Array(length).fill(LETTER_A + this.#host.ports.random.below(LETTERS));
  }

  #check(sent: ProducerRecord, received: readonly { readonly value: Uint8Array | null }[]): void {
    const failure = (message: string): JavaException =>
      new JavaException("java.lang.RuntimeException", message);
    const first = received[0];
    if (first === undefined)
      throw failure(`poll() timed out before finding a result (timeout:[${POLL_MS}ms])`);
    const text = (bytes: Uint8Array | null): string => new TextDecoder().decode(bytes ?? new Uint8Array(0));
    const read = text(first.value);
    if (read !== text(sent.value)) {
      throw failure(
        `The message value read [${read}] did not match the message value sent [${text(sent.value)}]`,
      );
    }
    if (received.length !== 1) {
      throw failure(`Only one result was expected during this test. We found [${received.length}]`);
    }
  }

  #tellResult(latencies: Float64Array): void {
    const total = latencies.reduce((sum, one) => sum + one, 0);
    const sorted = latencies.toSorted();
    const percentile = (part: number): number => Math.floor(sorted[Math.floor(sorted.length * part)] ?? 0);
    this.#host.out(`Avg latency: ${fixed(total / latencies.length, 4)} ms\n`);
    this.#host.out(
      `Percentiles: 50th = ${percentile(0.5)}, 99th = ${percentile(0.99)}, 99.9th = ${percentile(0.999)}\n`,
    );
  }
}
