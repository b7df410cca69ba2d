// Metadata, key 3, versions 0 to 13. Brokers of the client's listener, and topics with their partitions and
// leaders.
// - Null topics (an empty list in v0) means all topics that the client may describe; an empty list means
// none.
// - A topic that may not be described is TOPIC_AUTHORIZATION_FAILED, whether it exists or not, and is left
// out of "all".
// - A missing topic is UNKNOWN_TOPIC_OR_PARTITION, a name that cannot exist INVALID_TOPIC_EXCEPTION, a
// missing id UNKNOWN_TOPIC_ID.
// - With auto.create.topics.enable and the client's consent a missing topic is asked for at the controller;
// the answer does not
//   wait for it: the client finds it when it asks again, as with Apache Kafka.
// - v0 leaves unreachable replicas out. v1 rack, controller, internal flag. v2 cluster id. v3 throttle time.
// v4 consent to creation.
//   v5 offline replicas. v6 LISTENER_NOT_FOUND. v7 leader epoch. v8 permitted operations (of the cluster
//   until v10). v10 topic ids in answers, v12 in requests. v13 top-level error.
// Known gaps: quotas on topic creation.
import type { MetadataImage, TopicImage } from "@ottla/metadata";
import { endsPiece, type Pieces, sortInPieces } from "@ottla/ports";
import {
  type ErrorSpec,
  errors,
  isInternalTopic,
  KafkaError,
  type MetadataRequest,
  type MetadataResponse,
  makeMetadataResponse,
  topicNameProblem,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";
import { authorizedOperations, notRequested } from "../authorizer/authorized-operations.ts";
import type { BrokerServices } from "../broker-services.ts";
import { createAutomatically } from "../cluster-view/create-automatically.ts";
import { advertisedControllerId, nodesOf } from "../cluster-view/nodes.ts";
import { type PartitionViewOptions, viewPartition } from "../cluster-view/partition-view.ts";
import { allowedInPieces } from "../dispatch/allowed-in-pieces.ts";
import type { Reply } from "../dispatch/handler.ts";
import { clusterResourceName, type RequestContext } from "../dispatch/request-context.ts";

const topicIdsFrom = 12;
const namesListenerFrom = 6;
const operationsFrom = 8;
const clusterOperationsUntil = 10;

type ResponseTopic = MetadataResponse.MetadataResponseTopic;

export function handleMetadata(
  broker: BrokerServices,
  context: RequestContext,
  request: MetadataRequest,
  reply: Reply<MetadataResponse>,
): void {
  checkNamesAndIds(request, context.apiVersion);
  const { image } = broker.metadata;
  context.inSlices(describeTopics({ broker, context, request, image }), (topics) =>
    reply(
      makeMetadataResponse({
        brokers: nodesOf(image.cluster, context.listenerName).map(({ nodeId, host, port, rack }) => ({
          nodeId,
          host,
          port,
          rack,
        })),
        clusterId: broker.clusterId,
        controllerId: advertisedControllerId(image.cluster, broker.nodeId),
        topics,
        clusterAuthorizedOperations: clusterOperations(context, request),
      }),
    ),
  );
}

/** Names the topics that were asked for, each with the error. */
export function metadataErrorReply(request: MetadataRequest, error: ErrorSpec): MetadataResponse {
  const topics = (request.topics ?? []).map(({ name, topicId }) =>
    failedTopic(error, name ?? "", topicId, false),
  );
  return makeMetadataResponse({ topics, controllerId: -1, errorCode: error.code });
}

function checkNamesAndIds(request: MetadataRequest, version: number): void {
  for (const { name, topicId } of request.topics ?? []) {
    if (version < topicIdsFrom && topicId !== ZERO_UUID) {
      throw new KafkaError(errors.INVALID_REQUEST, `Metadata version ${version} has no topic ids`);
    }
    if (name === null && (version < topicIdsFrom || topicId === ZERO_UUID)) {
      throw new KafkaError(errors.INVALID_REQUEST, "a topic has neither name nor id");
    }
  }
}

function clusterOperations(context: RequestContext, request: MetadataRequest): number {
  const { apiVersion } = context;
  if (apiVersion < operationsFrom || apiVersion > clusterOperationsUntil) return notRequested;
  if (!request.includeClusterAuthorizedOperations) return notRequested;
  if (!context.isAllowed("DESCRIBE", "CLUSTER", clusterResourceName)) return 0;
  return authorizedOperations(context, "CLUSTER", clusterResourceName);
}

/** A request, and the one image that all of its answer comes from. */
interface Asked {
  readonly broker: BrokerServices;
  readonly context: RequestContext;
  readonly request: MetadataRequest;
  readonly image: MetadataImage;
}

function* describeTopics(asked: Asked): Pieces<ResponseTopic[]> {
  const { context, request } = asked;
  const topics = request.topics;
  if (topics === null || (context.apiVersion === 0 && topics.length === 0)) return yield* allTopics(asked);
  const ids = new Set<Uuid>();
  const names = new Set<string>();
  let seen = 0;
  for (const { topicId, name } of topics) {
    if (topicId !== ZERO_UUID) ids.add(topicId);
    if (name !== null) names.add(name);
    if (endsPiece(++seen)) yield;
  }
  // As in Kafka, one id makes it a request by ids: names beside it are not looked at.
  const answer = new TopicAnswers(asked);
  if (ids.size > 0) yield* addById(answer, ids);
  else yield* addByName(answer, names);
  return answer.topics;
}

function* allTopics(asked: Asked): Pieces<ResponseTopic[]> {
  const names: string[] = [];
  for (const name of asked.image.topics.names()) {
    if (asked.context.isAllowed("DESCRIBE", "TOPIC", name)) names.push(name);
    if (endsPiece(names.length)) yield;
  }
  const answer = new TopicAnswers(asked);
  for (const name of yield* sortInPieces(names)) {
    const topic = asked.image.topics.byName(name);
    if (topic !== null) yield* answer.add(topic);
  }
  return answer.topics;
}

function* addById(answer: TopicAnswers, ids: Iterable<Uuid>): Pieces<void> {
  const { context, image } = answer.asked;
  for (const id of ids) {
    const topic = image.topics.byId(id);
    if (topic === null) yield* answer.fail(errors.UNKNOWN_TOPIC_ID, null, id);
    else if (context.isAllowed("DESCRIBE", "TOPIC", topic.name)) yield* answer.add(topic);
    else yield* answer.fail(errors.TOPIC_AUTHORIZATION_FAILED, null, id);
  }
}

function* addByName(answer: TopicAnswers, names: ReadonlySet<string>): Pieces<void> {
  const { broker, context, request, image } = answer.asked;
  const describable = yield* allowedInPieces(context, "DESCRIBE", "TOPIC", names);
  const missing: string[] = [];
  for (const name of describable) {
    const topic = image.topics.byName(name);
    if (topic !== null) yield* answer.add(topic);
    else {
      missing.push(name);
      if (endsPiece(missing.length)) yield;
    }
  }
  const creates = request.allowAutoTopicCreation && broker.config.autoCreateTopicsEnable;
  const mayCreateAny = !creates || context.isAllowed("CREATE", "CLUSTER", clusterResourceName);
  const creatable: string[] = [];
  for (const name of missing) {
    if (mayCreateAny || context.isAllowed("CREATE", "TOPIC", name)) {
      creatable.push(name);
      yield* answer.fail(absenceOf(name), name, ZERO_UUID);
    } else yield* answer.fail(errors.TOPIC_AUTHORIZATION_FAILED, name, ZERO_UUID);
  }
  let seen = 0;
  for (const name of describable.size === names.size ? [] : names) {
    if (endsPiece(++seen)) yield;
    if (describable.has(name)) continue;
    yield* answer.fail(errors.TOPIC_AUTHORIZATION_FAILED, name, ZERO_UUID, false);
  }
  if (creates) createAutomatically(broker, context, creatable);
}

/** The topics of an answer so far. */
class TopicAnswers {
  readonly asked: Asked;
  readonly topics: ResponseTopic[] = [];
  readonly #options: PartitionViewOptions;
  readonly #tellsOperations: boolean;
  #items = 0;

  constructor(asked: Asked) {
    this.asked = asked;
    const { apiVersion, listenerName } = asked.context;
    const namesListener = apiVersion >= namesListenerFrom;
    this.#options = { listenerName, omitsUnavailable: apiVersion === 0, namesListener };
    this.#tellsOperations = apiVersion >= operationsFrom && asked.request.includeTopicAuthorizedOperations;
  }

  *add(image: TopicImage): Pieces<void> {
    const { cluster } = this.asked.image;
    const topic = failedTopic(errors.NONE, image.name, image.id, isInternalTopic(image.name));
    this.#push(topic);
    if (endsPiece(++this.#items)) yield;
    for (const [partitionIndex, partition] of image.partitions.entries()) {
      const { error, ...view } = viewPartition(cluster, partition, this.#options);
      topic.partitions.push({ errorCode: error.code, partitionIndex, ...view });
      if (endsPiece(++this.#items)) yield;
    }
  }

  *fail(
    error: ErrorSpec,
    name: string | null,
    id: Uuid,
    isInternal: boolean = name !== null && isInternalTopic(name),
  ): Pieces<void> {
    this.#push(failedTopic(error, name, id, isInternal));
    if (endsPiece(++this.#items)) yield;
  }

  #push(topic: ResponseTopic): void {
    this.topics.push(topic);
    if (!this.#tellsOperations || topic.name === null || isDenied(topic)) return;
    topic.topicAuthorizedOperations = authorizedOperations(this.asked.context, "TOPIC", topic.name);
  }
}

function absenceOf(name: string): ErrorSpec {
  return topicNameProblem(name) === null ? errors.UNKNOWN_TOPIC_OR_PARTITION : errors.INVALID_TOPIC_EXCEPTION;
}

function failedTopic(
  error: ErrorSpec,
  name: string | null,
  topicId: Uuid,
  isInternal: boolean,
): ResponseTopic {
  return {
    errorCode: error.code,
    name,
    topicId,
    isInternal,
    partitions: [],
    topicAuthorizedOperations: notRequested,
  };
}

function isDenied(topic: ResponseTopic): boolean {
  return topic.errorCode === errors.TOPIC_AUTHORIZATION_FAILED.code;
}
