// What admin calls take and give. Names are those of Apache Kafka's Admin; offsets and timestamps are numbers
// (Kafka's stay below 2⁵³), ids of topics are texts.
import type { Uuid } from "@ottla/protocol";
import type { TopicPartition } from "../assignors/topic-partition.ts";
import type { ClusterNode } from "../cluster/cluster-node.ts";
import type { KafkaError } from "../errors/kafka-error.ts";

/** Time for one call; default is `default.api.timeout.ms`. */
export interface CallOptions {
  readonly timeoutMs?: number;
}

/** A topic to create. −1 leaves the number to the broker. */
export interface NewTopic {
  readonly name: string;
  readonly numPartitions?: number;
  readonly replicationFactor?: number;
  /** Replicas by partition, instead of both numbers. */
  readonly assignments?: ReadonlyMap<number, readonly number[]>;
  readonly configs?: ReadonlyMap<string, string>;
}

export interface CreatedTopic {
  readonly topicId: Uuid;
  /** −1 when the broker does not tell. */
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly configs: ReadonlyMap<string, string | null>;
}

export interface TopicListing {
  readonly name: string;
  readonly topicId: Uuid;
  readonly isInternal: boolean;
}

export interface TopicPartitionInfo {
  readonly partition: number;
  /** Null when there is none. */
  readonly leader: ClusterNode | null;
  readonly leaderEpoch: number;
  readonly replicas: readonly ClusterNode[];
  readonly isr: readonly ClusterNode[];
  /** Null when the broker does not tell (before KIP-966). */
  readonly elr: readonly ClusterNode[] | null;
  readonly lastKnownElr: readonly ClusterNode[] | null;
}

export interface TopicDescription {
  readonly name: string;
  readonly topicId: Uuid;
  readonly isInternal: boolean;
  readonly partitions: readonly TopicPartitionInfo[];
  /** Codes of operations; null when they were not asked for. */
  readonly authorizedOperations: readonly number[] | null;
}

/** Topics by name or by id. */
export type TopicCollection = { readonly names: readonly string[] } | { readonly ids: readonly Uuid[] };

export interface NewPartitions {
  readonly totalCount: number;
  /** Replicas of each new partition, in order. */
  readonly assignments?: readonly (readonly number[])[];
}

/** A broker, or a controller, of a described cluster. */
export interface DescribedNode extends ClusterNode {
  readonly isFenced: boolean;
}

export interface ClusterDescription {
  readonly clusterId: string | null;
  readonly controller: DescribedNode | null;
  readonly nodes: readonly DescribedNode[];
  readonly authorizedOperations: readonly number[] | null;
}

/** Codes of config resource types on the wire. */
export const configResourceTypes: {
  readonly topic: 2;
  readonly broker: 4;
  readonly brokerLogger: 8;
  readonly clientMetrics: 16;
  readonly group: 32;
} = { topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16, group: 32 };

export interface ConfigResource {
  /** One of `configResourceTypes`. */
  readonly type: number;
  readonly name: string;
}

/** Codes of where a value comes from: 1 topic, 2 broker, 3 default broker, 4 static, 5 default, 6 logger … */
export interface ConfigSynonym {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
}

export interface ConfigEntry {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
  readonly isDefault: boolean;
  readonly isSensitive: boolean;
  readonly isReadOnly: boolean;
  readonly synonyms: readonly ConfigSynonym[];
  /** 0 unknown, 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9 password. */
  readonly type: number;
  readonly documentation: string | null;
}

/** What becomes of a config: 0 set, 1 delete, 2 append, 3 subtract. */
export const alterConfigOperations: {
  readonly set: 0;
  readonly delete: 1;
  readonly append: 2;
  readonly subtract: 3;
} = { set: 0, delete: 1, append: 2, subtract: 3 };

export interface AlterConfigOp {
  readonly name: string;
  readonly value: string | null;
  /** One of `alterConfigOperations`. */
  readonly operation: number;
}

/** Timestamps with a meaning of their own; any other number is milliseconds to look up. */
export const offsetSpecs: {
  readonly latest: -1;
  readonly earliest: -2;
  readonly maxTimestamp: -3;
  readonly earliestLocal: -4;
  readonly latestTiered: -5;
  readonly earliestPendingUpload: -6;
} = {
  latest: -1,
  earliest: -2,
  maxTimestamp: -3,
  earliestLocal: -4,
  latestTiered: -5,
  earliestPendingUpload: -6,
};

/** `offset` −1: there is none for what was asked. */
export interface ListedOffset {
  readonly offset: number;
  readonly timestamp: number;
  readonly leaderEpoch: number | null;
}

export interface ReplicaInfo extends TopicPartition {
  readonly sizeBytes: number;
  readonly offsetLag: number;
  readonly isFuture: boolean;
}

export interface LogDirDescription {
  readonly path: string;
  readonly error: KafkaError | null;
  readonly replicas: readonly ReplicaInfo[];
  /** −1 when the broker does not tell. */
  readonly totalBytes: number;
  readonly usableBytes: number;
  readonly isCordoned: boolean;
}

export interface PartitionReassignment extends TopicPartition {
  readonly replicas: readonly number[];
  readonly addingReplicas: readonly number[];
  readonly removingReplicas: readonly number[];
}

export interface GroupListing {
  readonly groupId: string;
  readonly protocolType: string;
  /** As the broker writes it, such as `Stable`; empty when it does not tell. */
  readonly state: string;
  /** As the broker writes it, such as `Classic`; empty when it does not tell. */
  readonly type: string;
  /** A group without a protocol: offsets only. */
  readonly isSimple: boolean;
}

/** Filters; empty or absent ones filter nothing. States and types in any case. */
export interface ListGroupsOptions extends CallOptions {
  readonly states?: readonly string[];
  readonly types?: readonly string[];
  readonly protocolTypes?: readonly string[];
}

export interface MemberDescription {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly host: string;
  readonly assignment: readonly TopicPartition[];
  /** Where the member is led to; null for classic groups. */
  readonly targetAssignment: readonly TopicPartition[] | null;
  readonly memberEpoch: number | null;
  /** Whether a member of a consumer group speaks the classic protocol; null when it is not told. */
  readonly isClassic: boolean | null;
}

export interface GroupDescription {
  readonly groupId: string;
  /** `Classic` or `Consumer`. */
  readonly type: string;
  readonly state: string;
  readonly protocolType: string;
  /** The assignor, or the protocol that a classic group chose. */
  readonly assignor: string;
  readonly isSimple: boolean;
  readonly members: readonly MemberDescription[];
  readonly coordinator: ClusterNode;
  readonly groupEpoch: number | null;
  readonly targetAssignmentEpoch: number | null;
  readonly authorizedOperations: readonly number[] | null;
}

export interface CommittedOffset {
  readonly offset: number;
  readonly leaderEpoch: number | null;
  readonly metadata: string;
}

export interface OffsetToCommit {
  readonly offset: number;
  readonly leaderEpoch?: number | null;
  readonly metadata?: string;
}

/** Who shall leave a group: by instance id for static members, else by member id. */
export interface MemberToRemove {
  readonly groupInstanceId?: string;
  readonly memberId?: string;
}

export interface ApiVersion {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

export interface NodeApiVersions {
  readonly node: ClusterNode;
  readonly apis: readonly ApiVersion[];
}

export interface FeatureRange {
  readonly minVersion: number;
  readonly maxVersion: number;
}

export interface FeatureMetadata {
  readonly supported: ReadonlyMap<string, FeatureRange>;
  readonly finalized: ReadonlyMap<string, FeatureRange>;
  /** Null when nothing is finalized. */
  readonly finalizedEpoch: number | null;
}

export interface QuorumReplica {
  readonly replicaId: number;
  readonly directoryId: Uuid;
  readonly logEndOffset: number;
  readonly lastFetchTimestamp: number;
  readonly lastCaughtUpTimestamp: number;
}

export interface QuorumInfo {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: number;
  readonly voters: readonly QuorumReplica[];
  readonly observers: readonly QuorumReplica[];
  readonly nodes: ReadonlyMap<number, readonly { readonly listener: string; host: string; port: number }[]>;
}
