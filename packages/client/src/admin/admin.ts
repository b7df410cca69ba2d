// The admin client: one method per call, each a promise. A call as a whole rejects with `KafkaError`; where a
// call is about many things, each has its own value or error in a map.
import type { TopicPartition } from "../assignors/topic-partition.ts";
import { bootstrapNodes } from "../cluster/bootstrap.ts";
import { ClusterConnections } from "../cluster/cluster-connections.ts";
import type { ClusterNode } from "../cluster/cluster-node.ts";
import { ADMIN_CONFIGS } from "../config/admin-configs.ts";
import { ClientConfig, type ClientSettings } from "../config/client-config.ts";
import { ConfigError } from "../config/config-error.ts";
import { warnOfUnknownKeys } from "../config/unknown-keys.ts";
import type { PartitionEntries, TopicPartitionMap } from "../consumer/topic-partition-map.ts";
import {
  type ClientEnvironment,
  type ClientLogger,
  prefixedLogger,
} from "../environment/client-environment.ts";
import { nodeEnvironment } from "../environment/node-environment.ts";
import type { KafkaError } from "../errors/kafka-error.ts";
import { IN_FLIGHT_MAX } from "../limits.ts";
import { type ClientMetric, withCount } from "../metrics/client-metric.ts";
import { type ConnectionMetrics, connectionMetrics } from "../metrics/connection-metrics.ts";
import { AdminContext } from "./admin-context.ts";
import type {
  AlterConfigOp,
  CallOptions,
  ClusterDescription,
  ConfigEntry,
  ConfigResource,
  CreatedTopic,
  FeatureMetadata,
  GroupDescription,
  GroupListing,
  ListedOffset,
  ListGroupsOptions,
  LogDirDescription,
  MemberToRemove,
  NewPartitions,
  NewTopic,
  NodeApiVersions,
  OffsetToCommit,
  PartitionReassignment,
  QuorumInfo,
  TopicCollection,
  TopicDescription,
  TopicListing,
} from "./admin-types.ts";
import type { QuotaOptions } from "./asking/quota-retries.ts";
import * as cluster from "./cluster.ts";
import * as configs from "./configs.ts";
import { type DescribeTopicsOptions, describeTopics } from "./describe-topics.ts";
import * as groupOffsets from "./group-offsets.ts";
import * as groups from "./groups.ts";
import * as offsets from "./offsets.ts";
import * as replicas from "./replicas.ts";
import * as topics from "./topics.ts";

/** Names, or a collection that says whether it holds names or ids. */
export type TopicsArgument = readonly string[] | TopicCollection;

function collectionOf(argument: TopicsArgument): TopicCollection {
  return "names" in argument || "ids" in argument ? argument : { names: argument };
}

function bootstrapOf(config: ClientConfig): readonly ClusterNode[] {
  const servers = config.list("bootstrap.servers");
  const controllers = config.list("bootstrap.controllers");
  if (servers.length > 0 && controllers.length > 0) {
    const message = "You cannot set both bootstrap.servers and bootstrap.controllers";
    throw new ConfigError("bootstrap.servers", message);
  }
  if (controllers.length > 0) return bootstrapNodes("bootstrap.controllers", controllers);
  if (servers.length > 0) return bootstrapNodes("bootstrap.servers", servers);
  throw new ConfigError(
    "bootstrap.servers",
    "You must set either bootstrap.servers or bootstrap.controllers",
  );
}

function checkApiTimeout(config: ClientConfig, logger: ClientLogger): void {
  const [name, requestName] = ["default.api.timeout.ms", "request.timeout.ms"];
  const requestMs = config.number(requestName);
  if (config.number(name) >= requestMs) return;
  if (config.isGiven(name)) {
    const message = `The specified value of ${name} must be no smaller than the value of ${requestName}.`;
    throw new ConfigError(name, message);
  }
  logger.warn(
    `Overriding the default value for ${name} (${config.number(name)}) ` +
      `with the explicitly configured request timeout ${requestMs}`,
    "org.apache.kafka.clients.admin.KafkaAdminClient",
  );
  config.override(name, requestMs);
}

/** Calls to create, describe, change and delete what a cluster holds. */
export class Admin {
  readonly clientId: string;
  readonly #context: AdminContext;
  readonly #metrics: ConnectionMetrics;

  /** Throws `ConfigError`. Nothing is sent before the first call. */
  constructor(settings: ClientSettings, environment: ClientEnvironment = nodeEnvironment()) {
    const config = new ClientConfig(ADMIN_CONFIGS, settings);
    this.clientId = config.text("client.id") || `adminclient-${environment.nextClientNumber("adminclient")}`;
    const logger = prefixedLogger(environment.logger, `[AdminClient clientId=${this.clientId}] `);
    warnOfUnknownKeys(config, logger, "org.apache.kafka.clients.admin.AdminClientConfig");
    checkApiTimeout(config, logger);
    const metrics = connectionMetrics("admin-client", this.clientId, config, environment.ports);
    this.#metrics = metrics;
    const connections = new ClusterConnections({
      ports: environment.ports,
      logger,
      config,
      clientId: this.clientId,
      bootstrap: bootstrapOf(config),
      inFlightMax: IN_FLIGHT_MAX,
      metrics,
      usesControllers: config.list("bootstrap.controllers").length > 0,
    });
    this.#context = new AdminContext(connections, config);
  }

  /** What is measured of the connections, under Apache Kafka's names. */
  metrics(): readonly ClientMetric[] {
    return withCount(this.#metrics.list(), this.#metrics.tags);
  }

  /** Closes all connections; calls under way reject. */
  close(): Promise<void> {
    this.#context.connections.close();
    return Promise.resolve();
  }

  createTopics(
    newTopics: readonly NewTopic[],
    options?: topics.ValidateOptions,
  ): Promise<Map<string, CreatedTopic | KafkaError>> {
    return topics.createTopics(this.#context, newTopics, options);
  }

  /** Results by the name, or the id, that was given; null is good. */
  deleteTopics(which: TopicsArgument, options?: QuotaOptions): Promise<Map<string, KafkaError | null>> {
    return topics.deleteTopics(this.#context, collectionOf(which), options);
  }

  listTopics(options?: CallOptions & { readonly includeInternal?: boolean }): Promise<TopicListing[]> {
    return topics.listTopics(this.#context, options);
  }

  /** Results by the name, or the id, that was given. */
  describeTopics(
    which: TopicsArgument,
    options?: DescribeTopicsOptions,
  ): Promise<Map<string, TopicDescription | KafkaError>> {
    return describeTopics(this.#context, collectionOf(which), options);
  }

  createPartitions(
    counts: ReadonlyMap<string, NewPartitions>,
    options?: topics.ValidateOptions,
  ): Promise<Map<string, KafkaError | null>> {
    return topics.createPartitions(this.#context, counts, options);
  }

  describeCluster(options?: cluster.DescribeClusterOptions): Promise<ClusterDescription> {
    return cluster.describeCluster(this.#context, options);
  }

  /** Brokers as the cluster's metadata lists them. */
  async brokers(options: CallOptions = {}): Promise<readonly ClusterNode[]> {
    return this.#context.brokers("findAllBrokers", this.#context.deadlineMs(options));
  }

  describeConfigs(
    resources: readonly ConfigResource[],
    options?: configs.DescribeConfigsOptions,
  ): Promise<Map<ConfigResource, readonly ConfigEntry[] | KafkaError>> {
    return configs.describeConfigs(this.#context, resources, options);
  }

  incrementalAlterConfigs(
    changes: ReadonlyMap<ConfigResource, readonly AlterConfigOp[]>,
    options?: topics.ValidateOptions,
  ): Promise<Map<ConfigResource, KafkaError | null>> {
    return configs.incrementalAlterConfigs(this.#context, changes, options);
  }

  /** Without types: of all types. */
  listConfigResources(types?: readonly number[], options?: CallOptions): Promise<ConfigResource[]> {
    return configs.listConfigResources(this.#context, types, options);
  }

  /** `specs`: one of `offsetSpecs`, or milliseconds, by partition. */
  listOffsets(
    specs: PartitionEntries<number>,
    options?: offsets.ListOffsetsOptions,
  ): Promise<TopicPartitionMap<ListedOffset | KafkaError>> {
    return offsets.listOffsets(this.#context, specs, options);
  }

  /** −1 is the high watermark. Results are the new low watermarks. */
  deleteRecords(
    beforeOffsets: PartitionEntries<number>,
    options?: CallOptions,
  ): Promise<TopicPartitionMap<number | KafkaError>> {
    return offsets.deleteRecords(this.#context, beforeOffsets, options);
  }

  /** Without brokers: all. */
  describeLogDirs(
    brokers?: readonly number[] | null,
    options?: CallOptions,
  ): Promise<Map<number, readonly LogDirDescription[] | KafkaError>> {
    return replicas.describeLogDirs(this.#context, brokers, options);
  }

  /** Null: all partitions. */
  electLeaders(
    type: replicas.ElectionType,
    partitions: readonly TopicPartition[] | null,
    options?: CallOptions,
  ): Promise<TopicPartitionMap<KafkaError | null>> {
    return replicas.electLeaders(this.#context, type, partitions, options);
  }

  /** Null: all partitions. */
  listPartitionReassignments(
    partitions?: readonly TopicPartition[] | null,
    options?: CallOptions,
  ): Promise<PartitionReassignment[]> {
    return replicas.listPartitionReassignments(this.#context, partitions, options);
  }

  /** Null instead of replicas cancels. */
  alterPartitionReassignments(
    reassignments: PartitionEntries<readonly number[] | null>,
    options?: CallOptions,
  ): Promise<TopicPartitionMap<KafkaError | null>> {
    return replicas.alterPartitionReassignments(this.#context, reassignments, options);
  }

  listGroups(options?: ListGroupsOptions): Promise<GroupListing[]> {
    return groups.listGroups(this.#context, options);
  }

  /** Consumer groups of either protocol. */
  describeConsumerGroups(
    groupIds: readonly string[],
    options?: groups.DescribeGroupsOptions,
  ): Promise<Map<string, GroupDescription | KafkaError>> {
    return groups.describeConsumerGroups(this.#context, groupIds, options);
  }

  /** Groups of the classic protocol, of whatever protocol type. */
  describeClassicGroups(
    groupIds: readonly string[],
    options?: groups.DescribeGroupsOptions,
  ): Promise<Map<string, GroupDescription | KafkaError>> {
    return groups.describeClassicGroups(this.#context, groupIds, options);
  }

  /** Null instead of partitions: all. Null instead of an offset: nothing is committed. */
  listConsumerGroupOffsets(
    groupIds: ReadonlyMap<string, readonly TopicPartition[] | null>,
    options?: CallOptions & { readonly requireStable?: boolean },
  ): Promise<Map<string, groupOffsets.GroupOffsets | KafkaError>> {
    return groupOffsets.listConsumerGroupOffsets(this.#context, groupIds, options);
  }

  alterConsumerGroupOffsets(
    groupId: string,
    committed: PartitionEntries<OffsetToCommit>,
    options?: CallOptions,
  ): Promise<TopicPartitionMap<KafkaError | null>> {
    return groupOffsets.alterConsumerGroupOffsets(this.#context, groupId, committed, options);
  }

  deleteConsumerGroups(
    groupIds: readonly string[],
    options?: CallOptions,
  ): Promise<Map<string, KafkaError | null>> {
    return groups.deleteConsumerGroups(this.#context, groupIds, options);
  }

  deleteConsumerGroupOffsets(
    groupId: string,
    partitions: readonly TopicPartition[],
    options?: CallOptions,
  ): Promise<TopicPartitionMap<KafkaError | null>> {
    return groupOffsets.deleteConsumerGroupOffsets(this.#context, groupId, partitions, options);
  }

  /** Without members: all of them. Results by instance id, or member id for members without one. */
  removeMembersFromConsumerGroup(
    groupId: string,
    members: readonly MemberToRemove[],
    options?: CallOptions & { readonly reason?: string },
  ): Promise<Map<string, KafkaError | null>> {
    return groups.removeMembersFromConsumerGroup(this.#context, groupId, members, options);
  }

  /** Forgets a broker that is gone for good. */
  unregisterBroker(brokerId: number, options?: CallOptions): Promise<void> {
    return cluster.unregisterBroker(this.#context, brokerId, options);
  }

  /** The APIs and versions that one broker serves. */
  apiVersions(nodeId: number, options?: CallOptions): Promise<NodeApiVersions> {
    return cluster.apiVersions(this.#context, nodeId, options);
  }

  describeFeatures(options?: CallOptions): Promise<FeatureMetadata> {
    return cluster.describeFeatures(this.#context, options);
  }

  describeMetadataQuorum(options?: CallOptions): Promise<QuorumInfo> {
    return cluster.describeMetadataQuorum(this.#context, options);
  }
}
