// What happens around the commands of a transcript: records that somebody produced, members that read.
import { Consumer } from "@ottla/client";
import { createNodePorts } from "@ottla/ports";
import {
  apiKeys,
  buildBatch,
  decodeProduceResponse,
  encodeProduceRequest,
  makeProduceRequest,
  makeProduceRequestPartitionProduceData,
  makeProduceRequestTopicProduceData,
  type ProduceRequest,
  type ProduceResponse,
} from "@ottla/protocol";
import { type RpcApi, RpcConnection, RpcError } from "@ottla/rpc";

const PRODUCE_VERSION = 9;
const TIMEOUT_MS = 10_000;

const produceApi: RpcApi<ProduceRequest, ProduceResponse> = {
  key: apiKeys.Produce,
  encodeRequest: encodeProduceRequest,
  decodeResponse: decodeProduceResponse,
};

/** Appends `count` records, a batch and a millisecond each. */
export async function produce(port: number, topic: string, partition: number, count: number): Promise<void> {
  const connection = await new Promise<RpcConnection>((resolve, reject) =>
    RpcConnection.open(
      {
        ports: createNodePorts(),
        host: "localhost",
        port,
        clientId: "surroundings",
        softwareName: "ottla",
        softwareVersion: "0",
        connectTimeoutMs: TIMEOUT_MS,
        requestTimeoutMs: TIMEOUT_MS,
        inFlightMax: 1,
        responseBytesMax: 1_000_000,
      },
      (result) => (result instanceof RpcError ? reject(result) : resolve(result)),
    ),
  );
  const from = Date.now() - count;
  for (let index = 0; index < count; index++) {
    const value = new TextEncoder().encode(`${topic} ${partition} ${index}`);
    const records = buildBatch({ records: [{ key: null, value, timestamp: from + index }] });
    const partitionData = [makeProduceRequestPartitionProduceData({ index: partition, records })];
    const request = makeProduceRequest({
      acks: -1,
      timeoutMs: TIMEOUT_MS,
      topicData: [makeProduceRequestTopicProduceData({ name: topic, partitionData })],
    });
    const code = await new Promise<number>((resolve, reject) =>
      connection.send(
        produceApi,
        () => request,
        { version: PRODUCE_VERSION },
        (result) =>
          result.kind === "failed"
            ? reject(result.error)
            : resolve(result.response.responses[0]?.partitionResponses[0]?.errorCode ?? -1),
      ),
    );
    if (code !== 0) throw new Error(`produce to ${topic}-${partition}: error ${code}`);
  }
  connection.close();
}

/** Members of a group that poll until they leave. */
export class Members {
  readonly #consumers: Consumer[] = [];
  readonly #polling: Promise<void>[] = [];
  #isLeaving = false;

  /** Resolves once the members own all partitions among them. */
  async join(port: number, group: string, topic: string, count: number): Promise<void> {
    const owned = new Map<Consumer, number>();
    for (let index = 0; index < count; index++) {
      const consumer = new Consumer({
        "bootstrap.servers": `localhost:${port}`,
        "group.id": group,
        "client.id": "console-consumer",
        "auto.offset.reset": "earliest",
        "group.protocol": "classic",
        "auto.commit.interval.ms": 100,
      });
      consumer.subscribe([topic]);
      this.#consumers.push(consumer);
      this.#polling.push(this.#poll(consumer, owned));
    }
    // Everyone has something, and all that was read is committed.
    while (owned.size < count || [...owned.values()].some((partitions) => partitions === 0)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }

  async leave(): Promise<void> {
    this.#isLeaving = true;
    await Promise.all(this.#polling);
    await Promise.all(this.#consumers.map((consumer) => consumer.close()));
  }

  async #poll(consumer: Consumer, owned: Map<Consumer, number>): Promise<void> {
    while (!this.#isLeaving) {
      await consumer.poll(100);
      owned.set(consumer, consumer.assignment().length);
    }
  }
}
