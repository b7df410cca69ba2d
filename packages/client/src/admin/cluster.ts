// Admin calls about the cluster and its nodes.
import {
  type DescribeClusterResponse,
  errors,
  type MetadataResponse,
  makeApiVersionsRequest,
  makeDescribeClusterRequest,
  makeDescribeQuorumRequest,
  makeDescribeQuorumRequestPartitionData,
  makeDescribeQuorumRequestTopicData,
  makeMetadataRequest,
  makeUnregisterBrokerRequest,
} from "@ottla/protocol";
import { describeClusterApi, metadataApi } from "../cluster/apis.ts";
import { KafkaError, kafkaErrorOf } from "../errors/kafka-error.ts";
import { SOFTWARE_NAME, SOFTWARE_VERSION } from "../limits.ts";
import { type AdminContext, anyNode } from "./admin-context.ts";
import type {
  CallOptions,
  ClusterDescription,
  DescribedNode,
  FeatureMetadata,
  NodeApiVersions,
  QuorumInfo,
} from "./admin-types.ts";
import { apiVersionsApi, describeQuorumApi, unregisterBrokerApi } from "./apis.ts";
import { operationsOf } from "./authorized-operations.ts";

/** Whose addresses are asked for; each kind of node tells only of its own. */
const BROKER_ENDPOINTS = 1;
const CONTROLLER_ENDPOINTS = 2;

/** What a description of the cluster holds beyond the nodes. */
export interface DescribeClusterOptions extends CallOptions {
  readonly includeAuthorizedOperations?: boolean;
  readonly includeFencedBrokers?: boolean;
}

export async function describeCluster(
  context: AdminContext,
  options: DescribeClusterOptions = {},
): Promise<ClusterDescription> {
  const deadlineMs = context.deadlineMs(options);
  const wantsFenced = options.includeFencedBrokers ?? false;
  const call = {
    name: "listNodes",
    target: anyNode,
    api: describeClusterApi,
    versionMin: wantsFenced ? 2 : 0,
    request: (version: number) =>
      makeDescribeClusterRequest({
        includeClusterAuthorizedOperations: options.includeAuthorizedOperations ?? false,
        endpointType: context.isOfControllers ? CONTROLLER_ENDPOINTS : BROKER_ENDPOINTS,
        includeFencedBrokers: version >= 2 && wantsFenced,
      }),
    handle: (response: DescribeClusterResponse) => describedCluster(response, options),
  };
  try {
    return await context.run(call, deadlineMs);
  } catch (error) {
    if (wantsFenced || !(error instanceof KafkaError) || error.spec !== errors.UNSUPPORTED_VERSION)
      throw error;
    return describeByMetadata(context, deadlineMs);
  }
}

/** Forgets a broker that is gone for good. */
export function unregisterBroker(
  context: AdminContext,
  brokerId: number,
  options: CallOptions = {},
): Promise<void> {
  const call = {
    name: "unregisterBroker",
    target: anyNode,
    api: unregisterBrokerApi,
    request: () => makeUnregisterBrokerRequest({ brokerId }),
    handle: (response: ReturnType<typeof unregisterBrokerApi.decodeResponse>): void => {
      const error = kafkaErrorOf(response.errorCode, response.errorMessage);
      if (error !== null) throw error;
    },
  };
  return context.run(call, context.deadlineMs(options));
}

function describedCluster(
  response: DescribeClusterResponse,
  options: DescribeClusterOptions,
): ClusterDescription {
  const error = kafkaErrorOf(response.errorCode, response.errorMessage);
  if (error !== null) throw error;
  const nodes = response.brokers.map(
    ({ brokerId: id, host, port, rack, isFenced }): DescribedNode => ({ id, host, port, rack, isFenced }),
  );
  return {
    clusterId: response.clusterId,
    controller: nodes.find(({ id }) => id === response.controllerId) ?? null,
    nodes,
    authorizedOperations: operationsOf(
      response.clusterAuthorizedOperations,
      options.includeAuthorizedOperations,
    ),
  };
}

function describeByMetadata(context: AdminContext, deadlineMs: number): Promise<ClusterDescription> {
  const call = {
    name: "listNodes",
    target: anyNode,
    api: metadataApi,
    request: () => makeMetadataRequest({ topics: [], allowAutoTopicCreation: true }),
    handle: ({ brokers, clusterId, controllerId }: MetadataResponse): ClusterDescription => {
      const nodes = brokers.map(
        ({ nodeId: id, host, port, rack }): DescribedNode => ({ id, host, port, rack, isFenced: false }),
      );
      const controller = nodes.find(({ id }) => id === controllerId) ?? null;
      return { clusterId, controller, nodes, authorizedOperations: null };
    },
  };
  return context.run(call, deadlineMs);
}

/** What one broker says that it serves. */
export function apiVersions(
  context: AdminContext,
  nodeId: number,
  options: CallOptions = {},
): Promise<NodeApiVersions> {
  const call = {
    name: "apiVersions",
    target: context.node(nodeId),
    api: apiVersionsApi,
    request: softwareRequest,
    handle: (response: ReturnType<typeof apiVersionsApi.decodeResponse>): NodeApiVersions => {
      const error = kafkaErrorOf(response.errorCode);
      if (error !== null) throw error;
      const apis = response.apiKeys.map(({ apiKey, minVersion, maxVersion }) => ({
        apiKey,
        minVersion,
        maxVersion,
      }));
      return { node: context.nodeOf(nodeId), apis };
    },
  };
  return context.run(call, context.deadlineMs(options));
}

function softwareRequest() {
  return makeApiVersionsRequest({
    clientSoftwareName: SOFTWARE_NAME,
    clientSoftwareVersion: SOFTWARE_VERSION,
  });
}

/** Features that brokers support, and those that are finalized for the cluster (KIP-584). */
export function describeFeatures(context: AdminContext, options: CallOptions = {}): Promise<FeatureMetadata> {
  const call = {
    name: "describeFeatures",
    target: anyNode,
    api: apiVersionsApi,
    request: softwareRequest,
    handle: (response: ReturnType<typeof apiVersionsApi.decodeResponse>): FeatureMetadata => {
      const error = kafkaErrorOf(response.errorCode);
      if (error !== null) throw error;
      const epoch = Number(response.finalizedFeaturesEpoch);
      return {
        supported: new Map(
          response.supportedFeatures.map(({ name, minVersion, maxVersion }) => [
            name,
            { minVersion, maxVersion },
          ]),
        ),
        finalized: new Map(
          response.finalizedFeatures.map(({ name, minVersionLevel, maxVersionLevel }) => [
            name,
            { minVersion: minVersionLevel, maxVersion: maxVersionLevel },
          ]),
        ),
        finalizedEpoch: epoch < 0 ? null : epoch,
      };
    },
  };
  return context.run(call, context.deadlineMs(options));
}

/** The state of the metadata quorum. */
export function describeMetadataQuorum(
  context: AdminContext,
  options: CallOptions = {},
): Promise<QuorumInfo> {
  const partitions = [makeDescribeQuorumRequestPartitionData({ partitionIndex: 0 })];
  const topics = [makeDescribeQuorumRequestTopicData({ topicName: "__cluster_metadata", partitions })];
  const call = {
    name: "describeMetadataQuorum",
    target: anyNode,
    api: describeQuorumApi,
    request: () => makeDescribeQuorumRequest({ topics }),
    handle: quorumInfo,
  };
  return context.run(call, context.deadlineMs(options));
}

function quorumInfo(response: ReturnType<typeof describeQuorumApi.decodeResponse>): QuorumInfo {
  const partition = response.topics[0]?.partitions[0];
  const failure =
    kafkaErrorOf(response.errorCode, response.errorMessage) ??
    (partition === undefined
      ? new KafkaError(errors.UNKNOWN_SERVER_ERROR, "The answer has no partition.")
      : kafkaErrorOf(partition.errorCode, partition.errorMessage));
  if (failure !== null || partition === undefined) throw failure;
  const replicas = (list: typeof partition.currentVoters) =>
    list.map((each) => ({
      replicaId: each.replicaId,
      directoryId: each.replicaDirectoryId,
      logEndOffset: Number(each.logEndOffset),
      lastFetchTimestamp: Number(each.lastFetchTimestamp),
      lastCaughtUpTimestamp: Number(each.lastCaughtUpTimestamp),
    }));
  return {
    leaderId: partition.leaderId,
    leaderEpoch: partition.leaderEpoch,
    highWatermark: Number(partition.highWatermark),
    voters: replicas(partition.currentVoters),
    observers: replicas(partition.observers),
    nodes: new Map(
      response.nodes.map(({ nodeId, listeners }) => [
        nodeId,
        listeners.map(({ name, host, port }) => ({ listener: name, host, port })),
      ]),
    ),
  };
}
