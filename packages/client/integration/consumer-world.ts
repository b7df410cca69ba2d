// What the tests of the consumer share: a broker (a real Apache Kafka instead, when BOOTSTRAP names one),
// topics with names of their own, and records written batch by batch.
import {
  Admin,
  type ClientSettings,
  Consumer,
  type ConsumerRecord,
  KafkaError,
  nodeEnvironment,
} from "@ottla/client";
import { type Connection, createNodePorts, type Network, NetworkError, type Ports } from "@ottla/ports";
import {
  apiKeys,
  type BatchToWrite,
  buildBatch,
  decodeProduceResponse,
  encodeProduceRequest,
  encodeUtf8,
  errors,
  makeProduceRequest,
  type ProduceRequest,
  type ProduceResponse,
} from "@ottla/protocol";
import { type RpcApi, RpcConnection, RpcError } from "@ottla/rpc";
import { type StartedBroker, startBroker } from "@ottla/testkit";

const produceApi: RpcApi<ProduceRequest, ProduceResponse> = {
  key: apiKeys.Produce,
  encodeRequest: encodeProduceRequest,
  decodeResponse: decodeProduceResponse,
};

/** Version that names topics. */
const PRODUCE_VERSION = 11;
const TIMEOUT_MS = 20_000;

const SETTINGS = {
  "offsets.topic.replication.factor": "1",
  "offsets.topic.num.partitions": "5",
  "group.initial.rebalance.delay.ms": "0",
  "auto.create.topics.enable": "false",
};

/** A text as bytes and back. */
export const bytes = encodeUtf8;
export const text = (value: Uint8Array | null): string | null =>
  value === null ? null : new TextDecoder().decode(value);

export class ConsumerWorld {
  readonly bootstrap: string;
  readonly ports: Ports = createNodePorts();
  readonly #broker: StartedBroker | null;
  readonly #admin: Admin;
  readonly #connection: RpcConnection;
  readonly #consumers: Consumer[] = [];
  readonly #prefix = `t${process.pid}-${Date.now().toString(36)}-`;
  #names = 0;

  private constructor(bootstrap: string, broker: StartedBroker | null, connection: RpcConnection) {
    this.bootstrap = bootstrap;
    this.#broker = broker;
    this.#connection = connection;
    this.#admin = new Admin({ "bootstrap.servers": bootstrap });
  }

  static async start(): Promise<ConsumerWorld> {
    const given = process.env["BOOTSTRAP"];
    const broker = given === undefined ? await startBroker({ settings: SETTINGS }) : null;
    const bootstrap = given ?? broker?.bootstrap ?? "";
    const [host, port] = bootstrap.split(":") as [string, string];
    const connection = await new Promise<RpcConnection>((resolve, reject) => {
      RpcConnection.open(
        {
          ports: createNodePorts(),
          host,
          port: Number(port),
          clientId: "world",
          softwareName: "ottla",
          softwareVersion: "0",
          connectTimeoutMs: TIMEOUT_MS,
          requestTimeoutMs: TIMEOUT_MS,
          inFlightMax: 5,
          responseBytesMax: 1_000_000,
        },
        (result) => (result instanceof RpcError ? reject(result) : resolve(result)),
      );
    });
    return new ConsumerWorld(bootstrap, broker, connection);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.close()));
    await this.#admin.close();
    this.#connection.close();
    await this.#broker?.stop();
  }

  get admin(): Admin {
    return this.#admin;
  }

  /** A name that no other test has. */
  name(stem: string): string {
    this.#names += 1;
    return `${this.#prefix}${this.#names}-${stem}`;
  }

  async createTopic(stem: string, numPartitions: number, configs?: Map<string, string>): Promise<string> {
    const name = this.name(stem);
    await this.createNamedTopic(name, numPartitions, configs);
    return name;
  }

  async createNamedTopic(name: string, numPartitions: number, configs?: Map<string, string>): Promise<void> {
    const topic = { name, numPartitions, replicationFactor: 1 };
    const result = await this.#admin.createTopics([configs === undefined ? topic : { ...topic, configs }]);
    const created = result.get(name);
    if (created instanceof KafkaError) throw created;
    const known = async (): Promise<boolean> =>
      !((await this.#admin.describeTopics([name])).get(name as never) instanceof KafkaError);
    while (!(await known())) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  /** A consumer that `stop` closes, if the test has not. */
  consumer(settings: ClientSettings = {}): Consumer {
    const consumer = new Consumer({
      "bootstrap.servers": this.bootstrap,
      "auto.offset.reset": "earliest",
      ...settings,
    });
    this.#consumers.push(consumer);
    return consumer;
  }

  /** A consumer with a network of its own; `kill` cuts it without a goodbye. */
  mortalConsumer(settings: ClientSettings): { consumer: Consumer; kill: () => Promise<void> } {
    const environment = nodeEnvironment();
    const { network } = environment.ports;
    const open = new Set<Connection>();
    let isDead = false;
    const mortal: Network = {
      listen: (where, accept, done) => network.listen(where, accept, done),
      connect(where, connected) {
        network.connect(where, (result) => {
          if (result instanceof NetworkError) return connected(result);
          if (isDead) {
            result.destroy();
            return connected(new NetworkError("connect", where.host, where.port, "EDEAD"));
          }
          open.add(result);
          return connected(result);
        });
      },
    };
    const ports = { ...environment.ports, network: mortal };
    const consumer = new Consumer(
      { "bootstrap.servers": this.bootstrap, "auto.offset.reset": "earliest", ...settings },
      { ...environment, ports },
    );
    const kill = async (): Promise<void> => {
      isDead = true;
      for (const connection of open) connection.destroy();
      await consumer.close({ timeoutMs: 0 });
    };
    return { consumer, kill };
  }

  /** Writes one batch. */
  async produceBatch(topic: string, partition: number, batch: BatchToWrite): Promise<number> {
    const records = buildBatch(batch, this.ports.zip);
    const request = makeProduceRequest({
      acks: -1,
      timeoutMs: TIMEOUT_MS,
      topicData: [{ name: topic, topicId: NO_ID, partitionData: [{ index: partition, records }] }],
    });
    const response = await new Promise<ProduceResponse>((resolve, reject) => {
      this.#connection.send(
        produceApi,
        () => request,
        { version: PRODUCE_VERSION },
        (result) => {
          if (result.kind === "failed") reject(result.error);
          else resolve(result.response);
        },
      );
    });
    const answer = response.responses[0]?.partitionResponses[0];
    if (answer?.errorCode === errors.NOT_LEADER_OR_FOLLOWER.code) {
      // The broker has heard of the topic, and not yet of its part in it.
      await new Promise((resolve) => setTimeout(resolve, 50));
      return this.produceBatch(topic, partition, batch);
    }
    if (answer === undefined || answer.errorCode !== 0) throw new Error(`produce: ${answer?.errorCode}`);
    return Number(answer.baseOffset);
  }

  /** Writes values `from` to `from + count - 1` as texts, in batches of at most 100. */
  async produce(topic: string, partition: number, count: number, from = 0): Promise<void> {
    for (let start = 0; start < count; start += 100) {
      const records = Array.from({ length: Math.min(100, count - start) }, (_, index) => ({
        timestamp: 1_000_000 + from + start + index,
        key: bytes(`k${from + start + index}`),
        value: bytes(`${from + start + index}`),
      }));
      await this.produceBatch(topic, partition, { records });
    }
  }
}

const NO_ID = "AAAAAAAAAAAAAAAAAAAAAA" as ProduceRequest.TopicProduceData["topicId"];

/** Polls until `isDone`, for 20 s at most; gives all records seen. */
export async function pollUntil(
  consumers: Consumer | readonly Consumer[],
  isDone: (records: readonly ConsumerRecord[]) => boolean,
): Promise<ConsumerRecord[]> {
  const list = Array.isArray(consumers) ? (consumers as readonly Consumer[]) : [consumers as Consumer];
  const deadlineMs = performance.now() + TIMEOUT_MS;
  const seen: ConsumerRecord[] = [];
  while (!isDone(seen)) {
    if (performance.now() > deadlineMs) throw new Error(`not done in time, ${seen.length} records seen`);
    const polled = await Promise.all(list.map((consumer) => consumer.poll(100)));
    for (const records of polled) seen.push(...records);
  }
  return seen;
}

/** The values as numbers, sorted. */
export function numbers(records: readonly ConsumerRecord[]): number[] {
  return records.map(({ value }) => Number(text(value))).sort((left, right) => left - right);
}

/** 0 … count − 1. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
