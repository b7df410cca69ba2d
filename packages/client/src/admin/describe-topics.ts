// Topic descriptions: by DescribeTopicPartitions page by page (KIP-966), by Metadata with brokers that lack
// it and for ids.
import {
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponse,
  errors,
  type MetadataResponse,
  makeDescribeTopicPartitionsRequest,
  makeDescribeTopicPartitionsRequestCursor,
  makeDescribeTopicPartitionsRequestTopicRequest,
  makeMetadataRequest,
  makeMetadataRequestMetadataRequestTopic,
  type Uuid,
} from "@ottla/protocol";
import { metadataApi } from "../cluster/apis.ts";
import { KafkaError, kafkaErrorOf } from "../errors/kafka-error.ts";
import { type AdminContext, anyNode } from "./admin-context.ts";
import type { CallOptions, TopicCollection, TopicDescription, TopicPartitionInfo } from "./admin-types.ts";
import { describeTopicPartitionsApi } from "./apis.ts";
import { operationsOf } from "./authorized-operations.ts";

/** Partitions in one answer; Apache Kafka's default. */
const PARTITIONS_PER_ANSWER = 2000;

/** What a description holds beyond the partitions. */
export interface DescribeTopicsOptions extends CallOptions {
  readonly includeAuthorizedOperations?: boolean;
  /** How many partitions one answer may hold; the broker has a limit of its own. */
  readonly partitionsPerAnswer?: number;
}

type Descriptions = Map<string, TopicDescription | KafkaError>;

/** Results by the name, or the id, that was given. */
export async function describeTopics(
  context: AdminContext,
  topics: TopicCollection,
  options: DescribeTopicsOptions = {},
): Promise<Descriptions> {
  const deadlineMs = context.deadlineMs(options);
  if ("ids" in topics) return describeByMetadata(context, topics, options, deadlineMs);
  try {
    return await describeByPages(context, topics.names, options, deadlineMs);
  } catch (error) {
    if (!(error instanceof KafkaError) || error.spec !== errors.UNSUPPORTED_VERSION) throw error;
    return describeByMetadata(context, topics, options, deadlineMs);
  }
}

async function describeByPages(
  context: AdminContext,
  names: readonly string[],
  options: DescribeTopicsOptions,
  deadlineMs: number,
): Promise<Descriptions> {
  const results: Descriptions = new Map();
  await context.brokers("describeTopics", deadlineMs);
  let left = [...new Set(names)].sort();
  let cursor: DescribeTopicPartitionsRequest.Cursor | null = null;
  while (left.length > 0) {
    const response: DescribeTopicPartitionsResponse = await context.run(
      {
        name: "describeTopicPartitions",
        target: anyNode,
        api: describeTopicPartitionsApi,
        request: () =>
          makeDescribeTopicPartitionsRequest({
            topics: left.map((name) => makeDescribeTopicPartitionsRequestTopicRequest({ name })),
            responsePartitionLimit: options.partitionsPerAnswer ?? PARTITIONS_PER_ANSWER,
            cursor,
          }),
        handle: (answer) => answer,
      },
      deadlineMs,
    );
    for (const topic of response.topics) takePage(context, results, topic, options);
    const next = response.nextCursor;
    if (next === null) break;
    cursor = makeDescribeTopicPartitionsRequestCursor({
      topicName: next.topicName,
      partitionIndex: next.partitionIndex,
    });
    // A cursor that does not move on would be asked for ever.
    const rest = left.filter((name) => name >= next.topicName);
    if (rest.length === left.length && response.topics.length === 0) break;
    left = rest;
  }
  return inOrder(names, results);
}

function takePage(
  context: AdminContext,
  results: Descriptions,
  topic: DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic,
  options: DescribeTopicsOptions,
): void {
  const name = topic.name ?? "";
  const error = kafkaErrorOf(topic.errorCode);
  if (error !== null) {
    results.set(name, error);
    return;
  }
  const ids = (list: readonly number[]) => list.map(context.nodeOf);
  const partitions = topic.partitions.map(
    (each): TopicPartitionInfo => ({
      partition: each.partitionIndex,
      leader: each.leaderId < 0 ? null : context.nodeOf(each.leaderId),
      leaderEpoch: each.leaderEpoch,
      replicas: ids(each.replicaNodes),
      isr: ids(each.isrNodes),
      elr: each.eligibleLeaderReplicas === null ? null : ids(each.eligibleLeaderReplicas),
      lastKnownElr: each.lastKnownElr === null ? null : ids(each.lastKnownElr),
    }),
  );
  const before = results.get(name);
  const earlier = before === undefined || before instanceof KafkaError ? [] : before.partitions;
  results.set(name, {
    name,
    topicId: topic.topicId,
    isInternal: topic.isInternal,
    partitions: [...earlier, ...partitions],
    authorizedOperations: operationsOf(topic.topicAuthorizedOperations, options.includeAuthorizedOperations),
  });
}

async function describeByMetadata(
  context: AdminContext,
  topics: TopicCollection,
  options: DescribeTopicsOptions,
  deadlineMs: number,
): Promise<Descriptions> {
  const wanted: readonly (string | Uuid)[] = "ids" in topics ? topics.ids : topics.names;
  const isById = "ids" in topics;
  if (wanted.length === 0) return new Map();
  return context.run(
    {
      name: isById ? "describeTopicsWithIds" : "describeTopics",
      target: anyNode,
      api: metadataApi,
      versionMin: isById ? 12 : 0,
      request: (version: number) =>
        makeMetadataRequest({
          topics: wanted.map((each) =>
            makeMetadataRequestMetadataRequestTopic(
              isById ? { topicId: each as Uuid, name: null } : { name: each },
            ),
          ),
          allowAutoTopicCreation: version < 4,
          includeTopicAuthorizedOperations: version >= 8 && (options.includeAuthorizedOperations ?? false),
        }),
      handle: (response: MetadataResponse) => {
        const results: Descriptions = new Map();
        const nodes = new Map(
          response.brokers.map((broker) => [broker.nodeId, { ...broker, id: broker.nodeId }]),
        );
        for (const topic of response.topics) {
          const description = describedTopic(topic, nodes, options);
          results.set(isById ? topic.topicId : (topic.name ?? ""), description);
        }
        return inOrder(wanted, results);
      },
    },
    deadlineMs,
  );
}

type NodesById = ReadonlyMap<number, { id: number; host: string; port: number; rack: string | null }>;

function describedTopic(
  topic: MetadataResponse.MetadataResponseTopic,
  nodes: NodesById,
  options: DescribeTopicsOptions,
): TopicDescription | KafkaError {
  const error = kafkaErrorOf(topic.errorCode);
  if (error !== null) return error;
  const nodeOf = (id: number) => {
    const { host, port, rack } = nodes.get(id) ?? { host: "", port: -1, rack: null };
    return { id, host, port, rack };
  };
  return {
    name: topic.name ?? "",
    topicId: topic.topicId,
    isInternal: topic.isInternal,
    partitions: topic.partitions
      .map(
        (each): TopicPartitionInfo => ({
          partition: each.partitionIndex,
          leader: each.leaderId < 0 ? null : nodeOf(each.leaderId),
          leaderEpoch: each.leaderEpoch,
          replicas: each.replicaNodes.map(nodeOf),
          isr: each.isrNodes.map(nodeOf),
          elr: null,
          lastKnownElr: null,
        }),
      )
      .sort((left, right) => left.partition - right.partition),
    authorizedOperations: operationsOf(topic.topicAuthorizedOperations, options.includeAuthorizedOperations),
  };
}

/** Results in the order in which topics were named; what the broker left out is unknown. */
function inOrder(wanted: readonly string[], results: Descriptions): Descriptions {
  return new Map(
    wanted.map((each) => [each, results.get(each) ?? new KafkaError(errors.UNKNOWN_TOPIC_OR_PARTITION)]),
  );
}
