// What a client knows of the cluster: nodes, topics, and who leads each partition in which epoch. Invariant:
// for one topic id, a partition's leader epoch never goes back; news from a broker that lags behind is not
// believed. A topic that was deleted and made again has another id and begins anew.
import {
  type ErrorSpec,
  errorForCode,
  errors,
  type MetadataResponse,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";
import { NODES_MAX } from "../limits.ts";
import type { ClusterNode } from "./cluster-node.ts";

/** One partition. `leaderId` −1: none. `leaderEpoch` −1: the broker did not tell. */
export interface PartitionMetadata {
  readonly partition: number;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly offlineReplicas: readonly number[];
  readonly error: ErrorSpec;
}

/** One topic. `partitions` has the partition with number n at n; a missing one is a hole the broker left. */
export interface TopicMetadata {
  readonly name: string;
  readonly topicId: Uuid;
  readonly isInternal: boolean;
  readonly partitions: readonly (PartitionMetadata | undefined)[];
}

/** The leader of a partition; `node` is null when its address is not known. */
export interface PartitionLeader {
  readonly node: ClusterNode | null;
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

/** The client's picture of the cluster. */
export class MetadataCache {
  readonly #bootstrap: readonly ClusterNode[];
  #nodes = new Map<number, ClusterNode>();
  #topics = new Map<string, TopicMetadata>();
  #namesById = new Map<Uuid, string>();
  #errors = new Map<string, ErrorSpec>();
  #clusterId: string | null = null;
  #controllerId = -1;
  #isBootstrap = true;
  #version = 0;

  constructor(bootstrap: readonly ClusterNode[]) {
    this.#bootstrap = bootstrap;
    this.rebootstrap();
  }

  /** True until the cluster itself has told its nodes. */
  get isBootstrap(): boolean {
    return this.#isBootstrap;
  }

  /** Grows with each change. */
  get version(): number {
    return this.#version;
  }

  get clusterId(): string | null {
    return this.#clusterId;
  }

  /** Null until the cluster told it. */
  get controller(): ClusterNode | null {
    return this.#isBootstrap ? null : (this.#nodes.get(this.#controllerId) ?? null);
  }

  get nodes(): Iterable<ClusterNode> {
    return this.#nodes.values();
  }

  get topics(): Iterable<TopicMetadata> {
    return this.#topics.values();
  }

  node(id: number): ClusterNode | null {
    return this.#nodes.get(id) ?? null;
  }

  topic(name: string): TopicMetadata | null {
    return this.#topics.get(name) ?? null;
  }

  topicName(topicId: Uuid): string | null {
    return this.#namesById.get(topicId) ?? null;
  }

  /** Why a topic that was asked for is not known; null when it is known, or was not asked for. */
  topicError(name: string): ErrorSpec | null {
    return this.#errors.get(name) ?? null;
  }

  /** Names of topics that were answered with an error. */
  get topicErrors(): ReadonlyMap<string, ErrorSpec> {
    return this.#errors;
  }

  /** The leader of a partition; null when the partition is not known or has none. */
  leader(topic: string, partition: number): PartitionLeader | null {
    const found = this.#topics.get(topic)?.partitions[partition];
    if (found === undefined || found.leaderId < 0) return null;
    const { leaderId, leaderEpoch } = found;
    return { node: this.#nodes.get(leaderId) ?? null, leaderId, leaderEpoch };
  }

  /** Forgets the nodes and begins with the bootstrap addresses again (KIP-899); topics stay. */
  rebootstrap(): void {
    this.#nodes = new Map(this.#bootstrap.map((node) => [node.id, node]));
    this.#isBootstrap = true;
    this.#version += 1;
  }

  /**
   * Takes an answer. Topics that it does not mention are dropped: it answers for all that are wanted. Returns
   * whether something is wrong that another answer may cure (no leader yet, unknown topic).
   */
  update(response: MetadataResponse): boolean {
    this.#nodes = new Map();
    for (const { nodeId: id, host, port, rack } of response.brokers.slice(0, NODES_MAX)) {
      this.#nodes.set(id, { id, host, port, rack });
    }
    this.#isBootstrap = this.#nodes.size === 0;
    if (this.#isBootstrap) this.rebootstrap();
    this.#clusterId = response.clusterId ?? this.#clusterId;
    this.#controllerId = response.controllerId;
    const before = this.#topics;
    this.#topics = new Map();
    this.#namesById = new Map();
    this.#errors = new Map();
    let isUnsettled = false;
    for (const topic of response.topics) {
      if (topic.name === null) continue;
      if (topic.errorCode !== errors.NONE.code) {
        const spec = errorForCode(topic.errorCode);
        this.#errors.set(topic.name, spec);
        isUnsettled ||= spec.invalidatesMetadata;
        continue;
      }
      const taken = takeTopic(topic, topic.name, before.get(topic.name));
      this.#put(taken);
      isUnsettled ||= taken.partitions.some((each) => each?.error.invalidatesMetadata ?? true);
    }
    this.#version += 1;
    return isUnsettled;
  }

  /**
   * Takes a leader that a broker told in passing (KIP-951). False when it is no news: an older or the same
   * epoch.
   */
  updateLeader(topic: string, partition: number, leaderId: number, leaderEpoch: number): boolean {
    const known = this.#topics.get(topic);
    const old = known?.partitions[partition];
    if (known === undefined || old === undefined || leaderEpoch <= old.leaderEpoch) return false;
    const partitions = [...known.partitions];
    partitions[partition] = { ...old, leaderId, leaderEpoch, error: errors.NONE };
    this.#put({ ...known, partitions });
    this.#version += 1;
    return true;
  }

  /** Takes addresses that a broker told in passing (KIP-951). */
  addNodes(nodes: Iterable<ClusterNode>): void {
    for (const node of nodes) if (this.#nodes.size < NODES_MAX) this.#nodes.set(node.id, node);
  }

  #put(topic: TopicMetadata): void {
    this.#topics.set(topic.name, topic);
    if (topic.topicId !== ZERO_UUID) this.#namesById.set(topic.topicId, topic.name);
  }
}

function takeTopic(
  topic: MetadataResponse.MetadataResponseTopic,
  name: string,
  before: TopicMetadata | undefined,
): TopicMetadata {
  const { topicId, isInternal } = topic;
  // A broker too old to tell ids gives the zero one each time; then a smaller epoch is believed.
  const isSame = before !== undefined && before.topicId === topicId && topicId !== ZERO_UUID;
  const partitions: (PartitionMetadata | undefined)[] = [];
  for (const each of topic.partitions) {
    // The answer bounds the index: a partition beyond the count of those listed is a lie or a hole.
    if (each.partitionIndex < 0 || each.partitionIndex >= 2 * topic.partitions.length) continue;
    const old = isSame ? before.partitions[each.partitionIndex] : undefined;
    const isStale = old !== undefined && each.leaderEpoch >= 0 && each.leaderEpoch < old.leaderEpoch;
    partitions[each.partitionIndex] = isStale
      ? old
      : {
          partition: each.partitionIndex,
          leaderId: each.leaderId,
          leaderEpoch: each.leaderEpoch,
          replicas: each.replicaNodes,
          isr: each.isrNodes,
          offlineReplicas: each.offlineReplicas,
          error: errorForCode(each.errorCode),
        };
  }
  return { name, topicId, isInternal, partitions };
}
