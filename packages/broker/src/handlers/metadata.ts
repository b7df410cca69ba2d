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
import type { TopicImage } from "@ottla/metadata";
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
import { viewPartition } from "../cluster-view/partition-view.ts";
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
  const { cluster } = broker.metadata.image;
  const topics = describeTopics(broker, context, request);
  if (context.apiVersion >= operationsFrom && request.includeTopicAuthorizedOperations) {
    for (const topic of topics) {
      if (topic.name === null || isDenied(topic)) continue;
      topic.topicAuthorizedOperations = authorizedOperations(context, "TOPIC", topic.name);
    }
  }
  reply(
    makeMetadataResponse({
      brokers: nodesOf(cluster, context.listenerName).map(({ nodeId, host, port, rack }) => ({
        nodeId,
        host,
        port,
        rack,
      })),
      clusterId: broker.clusterId,
      controllerId: advertisedControllerId(cluster, broker.nodeId),
      topics,
      clusterAuthorizedOperations: clusterOperations(context, request),
    }),
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

function describeTopics(
  broker: BrokerServices,
  context: RequestContext,
  request: MetadataRequest,
): ResponseTopic[] {
  const { image } = broker.metadata;
  const asked = request.topics;
  if (asked === null || (context.apiVersion === 0 && asked.length === 0)) {
    const names = context.allowed("DESCRIBE", "TOPIC", [...image.topics.names()].sort());
    return existingTopics(broker, context, names);
  }
  const ids = new Set<Uuid>();
  for (const { topicId } of asked) if (topicId !== ZERO_UUID) ids.add(topicId);
  // As in Kafka, one id makes it a request by ids: names beside it are not looked at.
  if (ids.size > 0) return topicsById(broker, context, ids);
  const names = new Set<string>();
  for (const { name } of asked) if (name !== null) names.add(name);
  return topicsByName(broker, context, request, names);
}

function topicsById(broker: BrokerServices, context: RequestContext, ids: Iterable<Uuid>): ResponseTopic[] {
  const topics: ResponseTopic[] = [];
  for (const id of ids) {
    const image = broker.metadata.image.topics.byId(id);
    if (image === null) topics.push(failedTopic(errors.UNKNOWN_TOPIC_ID, null, id, false));
    else if (context.isAllowed("DESCRIBE", "TOPIC", image.name)) {
      topics.push(describeTopic(broker, context, image));
    } else topics.push(failedTopic(errors.TOPIC_AUTHORIZATION_FAILED, null, id, false));
  }
  return topics;
}

function topicsByName(
  broker: BrokerServices,
  context: RequestContext,
  request: MetadataRequest,
  names: ReadonlySet<string>,
): ResponseTopic[] {
  const describable = context.allowed("DESCRIBE", "TOPIC", names);
  const topics = existingTopics(broker, context, describable);
  const missing = [...describable].filter((name) => broker.metadata.image.topics.byName(name) === null);
  const creates = request.allowAutoTopicCreation && broker.config.autoCreateTopicsEnable;
  const creatable =
    !creates || context.isAllowed("CREATE", "CLUSTER", clusterResourceName)
      ? new Set(missing)
      : context.allowed("CREATE", "TOPIC", missing);
  for (const name of missing) {
    if (creatable.has(name)) topics.push(missingTopic(name));
    else topics.push(failedTopic(errors.TOPIC_AUTHORIZATION_FAILED, name, ZERO_UUID, isInternalTopic(name)));
  }
  for (const name of names) {
    if (!describable.has(name)) {
      topics.push(failedTopic(errors.TOPIC_AUTHORIZATION_FAILED, name, ZERO_UUID, false));
    }
  }
  if (creates) createAutomatically(broker, context, creatable);
  return topics;
}

function existingTopics(
  broker: BrokerServices,
  context: RequestContext,
  names: Iterable<string>,
): ResponseTopic[] {
  const topics: ResponseTopic[] = [];
  for (const name of names) {
    const image = broker.metadata.image.topics.byName(name);
    if (image !== null) topics.push(describeTopic(broker, context, image));
  }
  return topics;
}

function describeTopic(broker: BrokerServices, context: RequestContext, image: TopicImage): ResponseTopic {
  const { cluster } = broker.metadata.image;
  const options = {
    listenerName: context.listenerName,
    omitsUnavailable: context.apiVersion === 0,
    namesListener: context.apiVersion >= namesListenerFrom,
  };
  const topic = failedTopic(errors.NONE, image.name, image.id, isInternalTopic(image.name));
  topic.partitions = image.partitions.map((partition, partitionIndex) => {
    const { error, ...view } = viewPartition(cluster, partition, options);
    return { errorCode: error.code, partitionIndex, ...view };
  });
  return topic;
}

function missingTopic(name: string): ResponseTopic {
  const error =
    topicNameProblem(name) === null ? errors.UNKNOWN_TOPIC_OR_PARTITION : errors.INVALID_TOPIC_EXCEPTION;
  return failedTopic(error, name, ZERO_UUID, isInternalTopic(name));
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
