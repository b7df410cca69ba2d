// Partitions of a scripted cluster that keep what is produced and count sequences as a broker does: a retried
// batch is known again, a gap is refused. Tests say what goes wrong on the way.
import {
  apiKeys,
  batchBaseSequence,
  batchCount,
  batchProducerEpoch,
  batchProducerId,
  type ErrorSpec,
  errors,
  incrementSequence,
  makeInitProducerIdResponse,
  makeProduceResponse,
  makeProduceResponsePartitionProduceResponse,
  makeProduceResponseTopicProduceResponse,
  type ProduceResponse,
  readRecords,
} from "@ottla/protocol";
import type { ScriptedCluster } from "./scripted-cluster.ts";

interface Stored {
  readonly sequence: number;
  readonly baseOffset: number;
}

interface ProducerState {
  epoch: number;
  next: number;
  last: Stored[];
}

/** What a partition holds. */
class ScriptedPartition {
  readonly values: string[] = [];
  /** Base sequences and epochs of batches as they arrived, refused ones included. */
  readonly arrived: { readonly epoch: number; readonly sequence: number; readonly count: number }[] = [];
  readonly #producers = new Map<number, ProducerState>();

  /** The broker forgets all producers, as after a lost log directory. */
  forgetProducers(): void {
    this.#producers.clear();
  }

  append(
    bytes: Uint8Array,
    zip: Parameters<typeof readRecords>[2],
  ): { error: ErrorSpec; baseOffset: number } {
    const [id, epoch] = [batchProducerId(bytes, 0), batchProducerEpoch(bytes, 0)];
    const [sequence, count] = [batchBaseSequence(bytes, 0), batchCount(bytes, 0)];
    this.arrived.push({ epoch, sequence, count });
    const baseOffset = this.values.length;
    if (id >= 0) {
      const state = this.#producers.get(id) ?? { epoch: -1, next: 0, last: [] };
      if (epoch < state.epoch) return { error: errors.INVALID_PRODUCER_EPOCH, baseOffset: -1 };
      const isNew = epoch > state.epoch;
      const known = isNew ? undefined : state.last.find((each) => each.sequence === sequence);
      if (known !== undefined) return { error: errors.NONE, baseOffset: known.baseOffset };
      if (sequence !== (isNew ? 0 : state.next) && (state.epoch >= 0 || sequence !== 0)) {
        return { error: errors.OUT_OF_ORDER_SEQUENCE_NUMBER, baseOffset: -1 };
      }
      const last = [...(isNew ? [] : state.last), { sequence, baseOffset }].slice(-5);
      this.#producers.set(id, { epoch, next: incrementSequence(sequence, count), last });
    }
    for (const { value } of readRecords(bytes, 0, zip)) {
      this.values.push(value === null ? "" : new TextDecoder().decode(value));
    }
    return { error: errors.NONE, baseOffset };
  }
}

/** What happens to one request, or to one batch of it. */
export interface ProduceFaults {
  /** `lost`: the connection ends before the append; `unheard`: after it. Null: nothing happens. */
  request?(nodeId: number): "lost" | "unheard" | "silent" | null;
  /** An error instead of an append. */
  batch?(topic: string, partition: number): ErrorSpec | null;
  /** Told with the next answers, in milliseconds. */
  throttleTimeMs?: number;
}

/** Lets the cluster answer InitProducerId and Produce. */
export class ScriptedLog {
  readonly #cluster: ScriptedCluster;
  readonly #partitions = new Map<string, ScriptedPartition>();
  faults: ProduceFaults = {};
  /** Tells the present leader with NOT_LEADER_OR_FOLLOWER (KIP-951). */
  tellsLeaders = false;

  constructor(cluster: ScriptedCluster) {
    this.#cluster = cluster;
    let producerId = 1000n;
    cluster.on(apiKeys.InitProducerId, () =>
      makeInitProducerIdResponse({ producerId: producerId++, producerEpoch: 0 }),
    );
    cluster.on(apiKeys.Produce, ({ nodeId, version, request, drop }) => {
      const fault = this.faults.request?.(nodeId) ?? null;
      if (fault === "lost") drop();
      if (fault === "lost" || fault === "silent") return null;
      const nameOf = ({ name, topicId }: (typeof request.topicData)[number]) =>
        version < 13 ? name : ([...cluster.topics].find(([, topic]) => topic.topicId === topicId)?.[0] ?? "");
      const responses = request.topicData.map((topic) =>
        makeProduceResponseTopicProduceResponse({
          ...(version < 13 ? { name: topic.name } : { topicId: topic.topicId }),
          partitionResponses: topic.partitionData.map(({ index, records }) =>
            this.#append(nodeId, nameOf(topic), index, records as Uint8Array),
          ),
        }),
      );
      if (fault === "unheard") drop();
      const { throttleTimeMs = 0 } = this.faults;
      return fault === "unheard" || request.acks === 0
        ? null
        : makeProduceResponse({ responses, throttleTimeMs });
    });
  }

  partition(topic: string, partition: number): ScriptedPartition {
    const key = `${topic}-${partition}`;
    const known = this.#partitions.get(key) ?? new ScriptedPartition();
    this.#partitions.set(key, known);
    return known;
  }

  #append(
    nodeId: number,
    topic: string,
    index: number,
    records: Uint8Array,
  ): ProduceResponse.PartitionProduceResponse {
    const leader = this.#cluster.topics.get(topic)?.partitions[index];
    const failed = (error: ErrorSpec) =>
      makeProduceResponsePartitionProduceResponse({
        index,
        errorCode: error.code,
        baseOffset: -1n,
        currentLeader:
          this.tellsLeaders && leader !== undefined
            ? { leaderId: leader.leaderId, leaderEpoch: leader.leaderEpoch }
            : { leaderId: -1, leaderEpoch: -1 },
      });
    if (leader === undefined) return failed(errors.UNKNOWN_TOPIC_OR_PARTITION);
    if (leader.leaderId !== nodeId) return failed(errors.NOT_LEADER_OR_FOLLOWER);
    const fault = this.faults.batch?.(topic, index) ?? null;
    if (fault !== null) return failed(fault);
    const { zip } = this.#cluster.client.ports;
    const { error, baseOffset } = this.partition(topic, index).append(records, zip);
    if (error !== errors.NONE) return failed(error);
    return makeProduceResponsePartitionProduceResponse({ index, baseOffset: BigInt(baseOffset) });
  }
}
