// CreateTopics (19), versions 2 to 7: also what automatic creation asks for. Each topic succeeds or fails
// alone. Duplicate names and permissions were checked by the
// handler.
import { describeTopicConfigs } from "@ottla/config";
import { endsPiece, type Pieces, runWhole } from "@ottla/ports";
import {
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  type ErrorSpec,
  errors,
  makeCreateTopicsResponse,
  makeCreateTopicsResponseCreatableTopicConfigs,
  makeCreateTopicsResponseCreatableTopicResult,
  randomUuid,
} from "@ottla/protocol";
import { configResourceTypes } from "../../image/configs-image.ts";
import { type PartitionRegistration, partitionRecord } from "../../image/topics-image.ts";
import { DECISION_RECORDS_MAX, PARTITIONS_PER_REQUEST_MAX } from "../../limits.ts";
import { type MetadataRecord, metadataRecord } from "../../records/metadata-record.ts";
import type { Decision } from "../decision.ts";
import { runsByWeight } from "../request-parts.ts";
import { newTopicConfigs } from "./config-changes.ts";
import { type Decider, type DecisionContext, noChange, type Refusal, refusal } from "./decision-context.ts";
import { assignedPartition, placedPartitions } from "./new-partitions.ts";
import { invalidTopicNameText } from "./topic-name-text.ts";

/** Of a topic, as many times that of a record. */
const topicWeight = 8;

type CreatableTopic = CreateTopicsRequest.CreatableTopic;
type TopicResult = CreateTopicsResponse.CreatableTopicResult;

export const createTopics: Decider<CreateTopicsRequest, CreateTopicsResponse> = {
  decide: (context, request) => runWhole(decideCreateTopics(context, request)),
  decideInPieces: decideCreateTopics,
  failed: (request, error, message) =>
    makeCreateTopicsResponse({
      topics: request.topics.map(({ name }) => refused(name, refusal(error, message))),
    }),
  parts: (context) => ({
    cut: (request) => {
      // What is too much is refused whole, and nothing of it is made.
      if (recordsAsked(context, request) > DECISION_RECORDS_MAX) return [request];
      return runsByWeight(request.topics, (topic) => topicWeight + recordsOf(context, topic)).map(
        (topics) => ({
          ...request,
          topics: [...topics],
        }),
      );
    },
    join: (responses) => makeCreateTopicsResponse({ topics: responses.flatMap((part) => part.topics) }),
  }),
};

function* decideCreateTopics(
  context: DecisionContext,
  request: CreateTopicsRequest,
): Pieces<Decision<CreateTopicsResponse>> {
  if (partitionsAsked(context, request) > PARTITIONS_PER_REQUEST_MAX) {
    const text = "Excessively large number of partitions per request.";
    return noChange(createTopics.failed(request, errors.POLICY_VIOLATION, text));
  }
  // Before any of it is decided: the number is whatever a client wrote.
  if (recordsAsked(context, request) > DECISION_RECORDS_MAX) {
    const text = "Unable to perform excessively large batch operation.";
    return noChange(createTopics.failed(request, errors.POLICY_VIOLATION, text));
  }
  const records: MetadataRecord[] = [];
  const defaults = new DefaultConfigs(context);
  const topics: TopicResult[] = [];
  for (const topic of request.topics) {
    const created = yield* createTopic(context, topic, defaults, records);
    topics.push("error" in created ? refused(topic.name, created) : created);
    if (endsPiece(topics.length * topicWeight)) yield;
  }
  const response = makeCreateTopicsResponse({ topics });
  return { records: request.validateOnly ? [] : records, response, atomic: true };
}

/** Puts what makes the topic behind `records`, unless it is refused. */
function* createTopic(
  context: DecisionContext,
  topic: CreatableTopic,
  defaults: DefaultConfigs,
  records: MetadataRecord[],
): Pieces<TopicResult | Refusal> {
  const named = nameRefusal(context, topic.name);
  if (named !== null) return named;
  const configs = newTopicConfigs(context, topic.name, topic.configs);
  if ("error" in configs) return configs;
  const partitions = yield* topic.assignments.length > 0 ? assigned(context, topic) : placed(context, topic);
  if ("error" in partitions) return partitions;
  const id = randomUuid((length) => context.crypto.secureBytes(length));
  const { partitionRecordVersion } = context.state.image.features.metadataVersion;
  records.push(metadataRecord("TopicRecord", 0, { name: topic.name, topicId: id }), ...configs.records);
  for (const [index, partition] of partitions.entries()) {
    records.push(partitionRecord(id, index, partition, partitionRecordVersion));
    if (endsPiece(index + 1)) yield;
  }
  return makeCreateTopicsResponseCreatableTopicResult({
    name: topic.name,
    topicId: id,
    errorMessage: null,
    numPartitions: partitions.length,
    replicationFactor: partitions[0]?.replicas.length ?? -1,
    configs: configs.entries.size === 0 ? defaults.get() : effectiveConfigs(context, configs.entries),
  });
}

function nameRefusal({ state }: DecisionContext, name: string): Refusal | null {
  if (state.image.topics.byName(name) !== null) {
    return refusal(errors.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`);
  }
  const invalid = invalidTopicNameText(name);
  if (invalid !== null) return refusal(errors.INVALID_TOPIC_EXCEPTION, invalid);
  const colliding = state.collidingName(name);
  if (colliding === null) return null;
  return refusal(
    errors.INVALID_TOPIC_EXCEPTION,
    `Topic '${name}' collides with existing topic: ${colliding}`,
  );
}

function* assigned(
  { state }: DecisionContext,
  topic: CreatableTopic,
): Pieces<PartitionRegistration[] | Refusal> {
  const must = (field: string): Refusal =>
    refusal(
      errors.INVALID_REQUEST,
      `A manual partition assignment was specified, but ${field} was not set to -1.`,
    );
  if (topic.replicationFactor !== -1) return must("replication factor");
  if (topic.numPartitions !== -1) return must("numPartitions");
  const partitions = new Map<number, PartitionRegistration>();
  let replicasWanted: number | null = null;
  for (const { partitionIndex: index, brokerIds } of topic.assignments) {
    if (partitions.has(index)) {
      const text = `Found multiple manual partition assignments for partition ${index}`;
      return refusal(errors.INVALID_REPLICA_ASSIGNMENT, text);
    }
    const partition = assignedPartition(state.image.cluster, brokerIds, { index, replicasWanted });
    if ("error" in partition) return partition;
    replicasWanted = partition.replicas.length;
    partitions.set(index, partition);
    if (endsPiece(partitions.size)) yield;
  }
  const inOrder = [...partitions.keys()].sort((left, right) => left - right);
  if (inOrder.some((index, at) => index !== at)) {
    const text = "partitions should be a consecutive 0-based integer sequence";
    return refusal(errors.INVALID_REPLICA_ASSIGNMENT, text);
  }
  return inOrder.map((index) => partitions.get(index) as PartitionRegistration);
}

function* placed(context: DecisionContext, topic: CreatableTopic): Pieces<PartitionRegistration[] | Refusal> {
  const { numPartitions, replicationFactor } = topic;
  if (replicationFactor < -1 || replicationFactor === 0) {
    const text = "Replication factor must be larger than 0, or -1 to use the default value.";
    return refusal(errors.INVALID_REPLICATION_FACTOR, text);
  }
  if (numPartitions < -1 || numPartitions === 0) {
    return refusal(
      errors.INVALID_PARTITIONS,
      "Number of partitions was set to an invalid non-positive value.",
    );
  }
  return yield* placedPartitions(context, {
    partitions: numPartitions === -1 ? context.config.numPartitions : numPartitions,
    replicationFactor: replicationFactor === -1 ? context.config.defaultReplicationFactor : replicationFactor,
  });
}

function partitionsAsked(context: DecisionContext, request: CreateTopicsRequest): number {
  return request.topics.reduce((sum, topic) => sum + partitionsOf(context, topic), 0);
}

function partitionsOf({ config }: DecisionContext, { assignments, numPartitions }: CreatableTopic): number {
  const asked = assignments.length > 0 ? assignments.length : numPartitions;
  return asked === -1 ? config.numPartitions : Math.max(asked, 0);
}

/** How many records it takes to make the topics that can be made, as far as names tell. */
function recordsAsked(context: DecisionContext, request: CreateTopicsRequest): number {
  const { topics } = context.state.image;
  return request.topics.reduce(
    (sum, topic) => sum + (topics.byName(topic.name) === null ? recordsOf(context, topic) : 0),
    0,
  );
}

function recordsOf(context: DecisionContext, topic: CreatableTopic): number {
  return 1 + topic.configs.length + partitionsOf(context, topic);
}

/** What topics without settings of their own have: made once for all of a request. */
class DefaultConfigs {
  readonly #context: DecisionContext;
  #configs: CreateTopicsResponse.CreatableTopicConfigs[] | null = null;

  constructor(context: DecisionContext) {
    this.#context = context;
  }

  get(): CreateTopicsResponse.CreatableTopicConfigs[] {
    this.#configs ??= effectiveConfigs(this.#context, new Map());
    return this.#configs;
  }
}

/** Every setting of the topic as it will be, by name. */
function effectiveConfigs(
  { state, config }: DecisionContext,
  overrides: ReadonlyMap<string, string>,
): CreateTopicsResponse.CreatableTopicConfigs[] {
  const { configs } = state.image;
  const described = describeTopicConfigs(overrides, {
    dynamicBroker: configs.of(configResourceTypes.BROKER, String(config.nodeId)),
    dynamicDefault: configs.of(configResourceTypes.BROKER, ""),
    static: config.written,
  });
  return described
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .map(({ name, value, readOnly, source, isSensitive }) =>
      makeCreateTopicsResponseCreatableTopicConfigs({
        name,
        // As it was written: Apache Kafka does not show the parsed form here.
        value: isSensitive ? value : (overrides.get(name) ?? value),
        readOnly,
        configSource: source,
        isSensitive,
      }),
    );
}

function refused(
  name: string,
  { error, message }: { error: ErrorSpec; message: string | null },
): TopicResult {
  return makeCreateTopicsResponseCreatableTopicResult({ name, errorCode: error.code, errorMessage: message });
}
