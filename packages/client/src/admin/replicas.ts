// Admin calls about replicas: elections, reassignments, log directories.
import {
  type DescribeLogDirsResponse,
  errors,
  makeAlterPartitionReassignmentsRequest,
  makeAlterPartitionReassignmentsRequestReassignablePartition,
  makeAlterPartitionReassignmentsRequestReassignableTopic,
  makeDescribeLogDirsRequest,
  makeElectLeadersRequest,
  makeElectLeadersRequestTopicPartitions,
  makeListPartitionReassignmentsRequest,
  makeListPartitionReassignmentsRequestListPartitionReassignmentsTopics,
} from "@ottla/protocol";
import { groupByTopic, type TopicPartition } from "../assignors/topic-partition.ts";
import { type PartitionEntries, TopicPartitionMap } from "../consumer/topic-partition-map.ts";
import { KafkaError, kafkaErrorOf } from "../errors/kafka-error.ts";
import type { AdminContext } from "./admin-context.ts";
import type { CallOptions, LogDirDescription, PartitionReassignment } from "./admin-types.ts";
import {
  alterPartitionReassignmentsApi,
  describeLogDirsApi,
  electLeadersApi,
  listPartitionReassignmentsApi,
} from "./apis.ts";

/** `preferred` moves leadership to the first replica; `unclean` may lose records. */
export type ElectionType = "preferred" | "unclean";

/** Elects leaders; null: for all partitions. Partitions that needed none are ELECTION_NOT_NEEDED. */
export function electLeaders(
  context: AdminContext,
  type: ElectionType,
  partitions: readonly TopicPartition[] | null,
  options: CallOptions = {},
): Promise<TopicPartitionMap<KafkaError | null>> {
  const deadlineMs = context.deadlineMs(options);
  const call = {
    name: "electLeaders",
    target: context.controller,
    api: electLeadersApi,
    versionMin: type === "unclean" ? 1 : 0,
    request: (version: number) =>
      makeElectLeadersRequest({
        electionType: version >= 1 && type === "unclean" ? 1 : 0,
        topicPartitions:
          partitions === null ? null : groupByTopic(partitions).map(makeElectLeadersRequestTopicPartitions),
        timeoutMs: context.remainingMs(deadlineMs),
      }),
    handle: (response: ReturnType<typeof electLeadersApi.decodeResponse>) => {
      const error = kafkaErrorOf(response.errorCode);
      if (error !== null) throw error;
      const results = new TopicPartitionMap<KafkaError | null>();
      for (const { topic, partitionResult } of response.replicaElectionResults) {
        for (const { partitionId: partition, errorCode, errorMessage } of partitionResult) {
          results.set({ topic, partition }, kafkaErrorOf(errorCode, errorMessage));
        }
      }
      return results;
    },
  };
  return context.run(call, deadlineMs);
}

/** Reassignments under way; null: of all partitions. */
export function listPartitionReassignments(
  context: AdminContext,
  partitions: readonly TopicPartition[] | null = null,
  options: CallOptions = {},
): Promise<PartitionReassignment[]> {
  const deadlineMs = context.deadlineMs(options);
  const topics =
    partitions === null
      ? null
      : groupByTopic(partitions).map(({ topic: name, partitions: partitionIndexes }) =>
          makeListPartitionReassignmentsRequestListPartitionReassignmentsTopics({ name, partitionIndexes }),
        );
  const call = {
    name: "listPartitionReassignments",
    target: context.controller,
    api: listPartitionReassignmentsApi,
    request: () =>
      makeListPartitionReassignmentsRequest({ topics, timeoutMs: context.remainingMs(deadlineMs) }),
    handle: (response: ReturnType<typeof listPartitionReassignmentsApi.decodeResponse>) => {
      const error = kafkaErrorOf(response.errorCode, response.errorMessage);
      if (error !== null) throw error;
      return response.topics.flatMap(({ name: topic, partitions: list }) =>
        list.map(({ partitionIndex: partition, replicas, addingReplicas, removingReplicas }) => ({
          topic,
          partition,
          replicas,
          addingReplicas,
          removingReplicas,
        })),
      );
    },
  };
  return context.run(call, deadlineMs);
}

/** Replicas that a partition shall have; null cancels its reassignment. */
export function alterPartitionReassignments(
  context: AdminContext,
  reassignments: PartitionEntries<readonly number[] | null>,
  options: CallOptions = {},
): Promise<TopicPartitionMap<KafkaError | null>> {
  const deadlineMs = context.deadlineMs(options);
  const wanted = new TopicPartitionMap(reassignments);
  const topics = groupByTopic(wanted.keys()).map(({ topic, partitions }) =>
    makeAlterPartitionReassignmentsRequestReassignableTopic({
      name: topic,
      partitions: partitions.map((partition) => {
        const replicas = wanted.get({ topic, partition }) ?? null;
        return makeAlterPartitionReassignmentsRequestReassignablePartition({
          partitionIndex: partition,
          replicas: replicas === null ? null : [...replicas],
        });
      }),
    }),
  );
  const call = {
    name: "alterPartitionReassignments",
    target: context.controller,
    api: alterPartitionReassignmentsApi,
    request: () =>
      makeAlterPartitionReassignmentsRequest({ topics, timeoutMs: context.remainingMs(deadlineMs) }),
    handle: (response: ReturnType<typeof alterPartitionReassignmentsApi.decodeResponse>) => {
      const error = kafkaErrorOf(response.errorCode, response.errorMessage);
      if (error !== null) throw error;
      const results = new TopicPartitionMap<KafkaError | null>();
      for (const { name: topic, partitions } of response.responses) {
        for (const { partitionIndex: partition, errorCode, errorMessage } of partitions) {
          results.set({ topic, partition }, kafkaErrorOf(errorCode, errorMessage));
        }
      }
      return results;
    },
  };
  return context.run(call, deadlineMs);
}

/** Log directories by broker. No brokers: all that the metadata knows. */
export async function describeLogDirs(
  context: AdminContext,
  brokers: readonly number[] | null = null,
  options: CallOptions = {},
): Promise<Map<number, readonly LogDirDescription[] | KafkaError>> {
  const deadlineMs = context.deadlineMs(options);
  const ids = brokers ?? (await context.brokers("findAllBrokers", deadlineMs)).map(({ id }) => id);
  const entries = ids.map(async (id): Promise<[number, readonly LogDirDescription[] | KafkaError]> => {
    try {
      return [id, await describeLogDirsOf(context, id, deadlineMs)];
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return [id, error];
    }
  });
  return new Map(await Promise.all(entries));
}

function describeLogDirsOf(
  context: AdminContext,
  nodeId: number,
  deadlineMs: number,
): Promise<readonly LogDirDescription[]> {
  const call = {
    name: "describeLogDirs",
    target: context.node(nodeId),
    api: describeLogDirsApi,
    request: () => makeDescribeLogDirsRequest({ topics: null }),
    handle: (response: DescribeLogDirsResponse) => {
      const error = kafkaErrorOf(response.errorCode);
      if (error !== null) throw error;
      if (response.results.length === 0) {
        // Before version 3 this was how a broker refused (KAFKA-9750).
        throw new KafkaError(errors.CLUSTER_AUTHORIZATION_FAILED);
      }
      return response.results.map(logDirDescription);
    },
  };
  return context.run(call, deadlineMs);
}

function logDirDescription(result: DescribeLogDirsResponse.DescribeLogDirsResult): LogDirDescription {
  return {
    path: result.logDir,
    error: kafkaErrorOf(result.errorCode),
    replicas: result.topics.flatMap(({ name: topic, partitions }) =>
      partitions.map((each) => ({
        topic,
        partition: each.partitionIndex,
        sizeBytes: Number(each.partitionSize),
        offsetLag: Number(each.offsetLag),
        isFuture: each.isFutureKey,
      })),
    ),
    totalBytes: Number(result.totalBytes),
    usableBytes: Number(result.usableBytes),
    isCordoned: result.isCordoned,
  };
}
