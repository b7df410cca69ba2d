// Admin calls about topics.
import {
  type CreateTopicsRequest,
  errors,
  makeCreatePartitionsRequest,
  makeCreatePartitionsRequestCreatePartitionsAssignment,
  makeCreatePartitionsRequestCreatePartitionsTopic,
  makeCreateTopicsRequest,
  makeCreateTopicsRequestCreatableReplicaAssignment,
  makeCreateTopicsRequestCreatableTopic,
  makeCreateTopicsRequestCreatableTopicConfig,
  makeDeleteTopicsRequest,
  makeDeleteTopicsRequestDeleteTopicState,
  makeMetadataRequest,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";
import { metadataApi } from "../cluster/apis.ts";
import { KafkaError, kafkaErrorOf } from "../errors/kafka-error.ts";
import { type AdminContext, anyNode } from "./admin-context.ts";
import type {
  CallOptions,
  CreatedTopic,
  NewPartitions,
  NewTopic,
  TopicCollection,
  TopicListing,
} from "./admin-types.ts";
import { createPartitionsApi, createTopicsApi, deleteTopicsApi } from "./apis.ts";
import { type QuotaOptions, retryQuota } from "./asking/quota-retries.ts";

/** Options of calls that can stop before they change anything. */
export interface ValidateOptions extends QuotaOptions {
  readonly validateOnly?: boolean;
}

function creatableTopic(topic: NewTopic): CreateTopicsRequest.CreatableTopic {
  const { name, numPartitions = -1, replicationFactor = -1, assignments = new Map(), configs } = topic;
  const hasAssignments = assignments.size > 0;
  return makeCreateTopicsRequestCreatableTopic({
    name,
    numPartitions: hasAssignments ? -1 : numPartitions,
    replicationFactor: hasAssignments ? -1 : replicationFactor,
    assignments: Array.from(assignments, ([partitionIndex, brokerIds]) =>
      makeCreateTopicsRequestCreatableReplicaAssignment({ partitionIndex, brokerIds: [...brokerIds] }),
    ),
    configs: Array.from(configs ?? [], ([key, value]) =>
      makeCreateTopicsRequestCreatableTopicConfig({ name: key, value }),
    ),
  });
}

/** A whole answer that says "ask the controller" is asked again there. */
function throwIfNotController(codes: Iterable<{ readonly errorCode: number }>): void {
  for (const { errorCode } of codes) {
    if (errorCode === errors.NOT_CONTROLLER.code) throw new KafkaError(errors.NOT_CONTROLLER);
  }
}

export function createTopics(
  context: AdminContext,
  topics: readonly NewTopic[],
  options: ValidateOptions = {},
): Promise<Map<string, CreatedTopic | KafkaError>> {
  const deadlineMs = context.deadlineMs(options);
  const call = (open: readonly NewTopic[]) => ({
    name: "createTopics",
    target: context.controller,
    api: createTopicsApi,
    request: () =>
      makeCreateTopicsRequest({
        topics: open.map(creatableTopic),
        timeoutMs: context.remainingMs(deadlineMs),
        validateOnly: options.validateOnly ?? false,
      }),
    handle: (response: ReturnType<typeof createTopicsApi.decodeResponse>) => {
      throwIfNotController(response.topics);
      return new Map(
        response.topics.map((topic): [string, CreatedTopic | KafkaError] => [
          topic.name,
          kafkaErrorOf(topic.errorCode, topic.errorMessage) ?? {
            topicId: topic.topicId,
            numPartitions: topic.numPartitions,
            replicationFactor: topic.replicationFactor,
            configs: new Map(topic.configs?.map(({ name, value }) => [name, value])),
          },
        ]),
      );
    },
  });
  const run = (open: readonly NewTopic[]) => context.run(call(open), deadlineMs);
  return retryQuota(context, topics, ({ name }) => name, deadlineMs, options, run);
}

/** Results by the name, or the id, that was given. */
export function deleteTopics(
  context: AdminContext,
  topics: TopicCollection,
  options: QuotaOptions = {},
): Promise<Map<string, KafkaError | null>> {
  const deadlineMs = context.deadlineMs(options);
  const isById = "ids" in topics;
  const call = (open: readonly string[]) => ({
    name: "deleteTopics",
    target: context.controller,
    api: deleteTopicsApi,
    versionMin: isById ? 6 : 0,
    request: (version: number) => {
      const timeoutMs = context.remainingMs(deadlineMs);
      if (version < 6) return makeDeleteTopicsRequest({ topicNames: [...open], timeoutMs });
      const states = open.map((each) =>
        makeDeleteTopicsRequestDeleteTopicState(isById ? { topicId: each as Uuid } : { name: each }),
      );
      return makeDeleteTopicsRequest({ topics: states, timeoutMs });
    },
    handle: ({ responses }: ReturnType<typeof deleteTopicsApi.decodeResponse>) => {
      throwIfNotController(responses);
      return new Map(
        responses.map(({ name, topicId, errorCode, errorMessage }): [string, KafkaError | null] => [
          isById ? topicId : (name ?? topicId),
          kafkaErrorOf(errorCode, errorMessage),
        ]),
      );
    },
  });
  const which = isById ? topics.ids : topics.names;
  const run = (open: readonly string[]) => context.run(call(open), deadlineMs);
  return retryQuota(context, which, (each) => each, deadlineMs, options, run);
}

/** All topics, in the broker's order. */
export function listTopics(
  context: AdminContext,
  options: CallOptions & { readonly includeInternal?: boolean } = {},
): Promise<TopicListing[]> {
  const call = {
    name: "listTopics",
    target: anyNode,
    api: metadataApi,
    request: () => makeMetadataRequest({ topics: null, allowAutoTopicCreation: true }),
    handle: (response: ReturnType<typeof metadataApi.decodeResponse>) =>
      response.topics.flatMap(({ name, topicId, isInternal }): TopicListing[] =>
        name === null || (isInternal && options.includeInternal !== true)
          ? []
          : [{ name, topicId: topicId ?? ZERO_UUID, isInternal }],
      ),
  };
  return context.run(call, context.deadlineMs(options));
}

export function createPartitions(
  context: AdminContext,
  topics: ReadonlyMap<string, NewPartitions>,
  options: ValidateOptions = {},
): Promise<Map<string, KafkaError | null>> {
  const deadlineMs = context.deadlineMs(options);
  const call = (open: readonly (readonly [string, NewPartitions])[]) => ({
    name: "createPartitions",
    target: context.controller,
    api: createPartitionsApi,
    request: () =>
      makeCreatePartitionsRequest({
        topics: open.map(([name, { totalCount, assignments }]) =>
          makeCreatePartitionsRequestCreatePartitionsTopic({
            name,
            count: totalCount,
            assignments:
              assignments?.map((brokerIds) =>
                makeCreatePartitionsRequestCreatePartitionsAssignment({ brokerIds: [...brokerIds] }),
              ) ?? null,
          }),
        ),
        timeoutMs: context.remainingMs(deadlineMs),
        validateOnly: options.validateOnly ?? false,
      }),
    handle: ({ results }: ReturnType<typeof createPartitionsApi.decodeResponse>) => {
      throwIfNotController(results);
      return new Map(
        results.map(({ name, errorCode, errorMessage }): [string, KafkaError | null] => [
          name,
          kafkaErrorOf(errorCode, errorMessage),
        ]),
      );
    },
  });
  const run = (open: readonly (readonly [string, NewPartitions])[]) => context.run(call(open), deadlineMs);
  return retryQuota(context, [...topics], ([name]) => name, deadlineMs, options, run);
}
