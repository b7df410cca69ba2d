// The Produce request of some batches, and the answer taken apart by batch.
import {
  apiKeys,
  decodeProduceResponse,
  encodeProduceRequest,
  makeProduceRequest,
  makeProduceRequestPartitionProduceData,
  makeProduceRequestTopicProduceData,
  type ProduceRequest,
  type ProduceResponse,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";
import type { RpcApi } from "@ottla/rpc";
import type { MetadataCache } from "../cluster/metadata-cache.ts";
import type { ProducerBatch } from "./producer-batch.ts";

export const produceApi: RpcApi<ProduceRequest, ProduceResponse> = {
  key: apiKeys.Produce,
  encodeRequest: encodeProduceRequest,
  decodeResponse: decodeProduceResponse,
};

/** From this version on topics travel by id. */
const VERSION_WITH_IDS = 13;

/** What the broker said of one batch. */
export type PartitionAnswer = ProduceResponse.PartitionProduceResponse;

/** One request: at most one batch of each partition. */
export class ProduceCall {
  readonly batches: readonly ProducerBatch[];
  readonly #byTopic = new Map<string, ProducerBatch[]>();
  readonly #ids = new Map<string, Uuid>();
  readonly #names = new Map<Uuid, string>();

  constructor(batches: readonly ProducerBatch[], metadata: MetadataCache) {
    this.batches = batches;
    for (const batch of batches) {
      const own = this.#byTopic.get(batch.topic);
      if (own !== undefined) {
        own.push(batch);
        continue;
      }
      this.#byTopic.set(batch.topic, [batch]);
      const id = metadata.topic(batch.topic)?.topicId ?? ZERO_UUID;
      this.#ids.set(batch.topic, id);
      this.#names.set(id, batch.topic);
    }
  }

  /** Topics without a known id need a version that names them. */
  get versionMax(): number | undefined {
    return this.#names.has(ZERO_UUID) ? VERSION_WITH_IDS - 1 : undefined;
  }

  request(version: number, acks: number, timeoutMs: number): ProduceRequest {
    const topicData = Array.from(this.#byTopic, ([name, batches]) =>
      makeProduceRequestTopicProduceData({
        ...(version >= VERSION_WITH_IDS ? { topicId: this.#ids.get(name) as Uuid } : { name }),
        partitionData: batches.map(({ partition, bytes }) =>
          makeProduceRequestPartitionProduceData({ index: partition, records: bytes }),
        ),
      }),
    );
    return makeProduceRequest({ acks, timeoutMs, topicData });
  }

  /** What the answer says of each batch; null where it says nothing. */
  answers(response: ProduceResponse, version: number): (PartitionAnswer | null)[] {
    const byTopic = new Map<string, Map<number, PartitionAnswer>>();
    for (const { name, topicId, partitionResponses } of response.responses) {
      const topic = version >= VERSION_WITH_IDS ? this.#names.get(topicId) : name;
      if (topic === undefined) continue;
      byTopic.set(topic, new Map(partitionResponses.map((each) => [each.index, each])));
    }
    return this.batches.map(({ topic, partition }) => byTopic.get(topic)?.get(partition) ?? null);
  }
}
