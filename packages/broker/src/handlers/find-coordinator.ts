// FindCoordinator, key 10, versions 0 to 6. Which broker keeps the state of a group, a transactional id or a
// share partition: the leader of its partition in the internal topic.
// - A group needs DESCRIBE on it, else GROUP_AUTHORIZATION_FAILED; a transactional id likewise; share
// partitions are for brokers, which need
//   CLUSTER_ACTION, else CLUSTER_AUTHORIZATION_FAILED for the whole request. Other kinds are INVALID_REQUEST
//   for the whole request.
// - While the internal topic does not exist it is asked for at the controller, and the answer is
// COORDINATOR_NOT_AVAILABLE, as it is while
//   the partition has no leader that the client's listener reaches.
// - The answer says nothing of whether the group exists.
// v1 kind of key, error messages · v3 flexible · v4 many keys at once · v5 TRANSACTION_ABORTABLE · v6 share
// partitions, before that INVALID_REQUEST
// Gaps: the leader that keeps a transactional id or a share partition is named, but serves neither yet.
import {
  coordinatorPartition,
  type ErrorSpec,
  errors,
  type FindCoordinatorRequest,
  type FindCoordinatorResponse,
  internalTopics,
  KafkaError,
  makeFindCoordinatorResponse,
  makeFindCoordinatorResponseCoordinator,
  parseUuid,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import { createAutomatically } from "../cluster-view/create-automatically.ts";
import { nodeOf } from "../cluster-view/nodes.ts";
import type { Handler } from "../dispatch/handler.ts";
import { clusterResourceName, type RequestContext } from "../dispatch/request-context.ts";

const manyKeysFrom = 4;
const sharePartitionsFrom = 6;
const keyTypes = { group: 0, transaction: 1, share: 2 } as const;
const nowhere = { nodeId: -1, host: "", port: -1 } as const;

/** Where the coordinator is; nowhere with an error. */
interface Found {
  readonly error: ErrorSpec;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

export const handleFindCoordinator: Handler<FindCoordinatorRequest, FindCoordinatorResponse> = (
  broker,
  context,
  request,
  reply,
) => {
  const { keyType } = request;
  if (!isKeyType(keyType)) {
    const keys = context.apiVersion < manyKeysFrom ? null : request.coordinatorKeys;
    reply(refusal(keys, errors.INVALID_REQUEST, errors.INVALID_REQUEST.meaning));
    return;
  }
  if (context.apiVersion < manyKeysFrom) {
    const { error, ...node } = find(broker, context, keyType, request.key);
    // Kafka's word where there is nothing to say.
    const errorMessage = error === errors.NONE ? error.name : error.meaning;
    reply(makeFindCoordinatorResponse({ errorCode: error.code, errorMessage, ...node }));
    return;
  }
  const coordinators = request.coordinatorKeys.map((key) => {
    const { error, ...node } = find(broker, context, keyType, key);
    return makeFindCoordinatorResponseCoordinator({ key, errorCode: error.code, ...node });
  });
  reply(makeFindCoordinatorResponse({ coordinators }));
};

/** Names every key that was asked for; a request without a list of keys asked for the one. */
export function findCoordinatorErrorReply(
  request: FindCoordinatorRequest,
  error: ErrorSpec,
  message: string | null,
): FindCoordinatorResponse {
  const { coordinatorKeys } = request;
  return refusal(coordinatorKeys.length === 0 ? null : coordinatorKeys, error, message ?? error.meaning);
}

/** `keys` null: the form of the versions that have one key. */
function refusal(
  keys: readonly string[] | null,
  error: ErrorSpec,
  errorMessage: string,
): FindCoordinatorResponse {
  const failure = { ...nowhere, errorCode: error.code, errorMessage };
  if (keys === null) return makeFindCoordinatorResponse(failure);
  const coordinators = keys.map((key) => makeFindCoordinatorResponseCoordinator({ key, ...failure }));
  return makeFindCoordinatorResponse({ coordinators });
}

function isKeyType(value: number): value is (typeof keyTypes)[keyof typeof keyTypes] {
  return value === keyTypes.group || value === keyTypes.transaction || value === keyTypes.share;
}

function find(broker: BrokerServices, context: RequestContext, keyType: number, key: string): Found {
  switch (keyType) {
    case keyTypes.group:
      if (!context.isAllowed("DESCRIBE", "GROUP", key)) return notFound(errors.GROUP_AUTHORIZATION_FAILED);
      return findLeader(broker, context, internalTopics.consumerOffsets, key);
    case keyTypes.transaction:
      if (!context.isAllowed("DESCRIBE", "TRANSACTIONAL_ID", key))
        return notFound(errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
      return findLeader(broker, context, internalTopics.transactionState, key);
    default:
      if (context.apiVersion < sharePartitionsFrom) return notFound(errors.INVALID_REQUEST);
      if (!context.isAllowed("CLUSTER_ACTION", "CLUSTER", clusterResourceName)) {
        throw new KafkaError(errors.CLUSTER_AUTHORIZATION_FAILED);
      }
      return findShareCoordinator(broker, context, key);
  }
}

/** The leader of the partition that keeps what belongs to `key`. */
function findLeader(broker: BrokerServices, context: RequestContext, topicName: string, key: string): Found {
  const { cluster, topics } = broker.metadata.image;
  const topic = topics.byName(topicName);
  if (topic === null) {
    createAutomatically(broker, context, [topicName]);
    return notFound(errors.COORDINATOR_NOT_AVAILABLE);
  }
  const leader = topic.partitions[coordinatorPartition(key, topic.partitions.length)]?.leader ?? -1;
  const registration = cluster.brokers.get(leader);
  const node = registration === undefined ? null : nodeOf(registration, context.listenerName);
  if (node === null || node.isFenced) return notFound(errors.COORDINATOR_NOT_AVAILABLE);
  return { error: errors.NONE, nodeId: node.nodeId, host: node.host, port: node.port };
}

function notFound(error: ErrorSpec): Found {
  return { error, ...nowhere };
}

function findShareCoordinator(broker: BrokerServices, context: RequestContext, key: string): Found {
  const sharePartition = parseSharePartition(key);
  if (sharePartition === null) return notFound(errors.INVALID_REQUEST);
  return findLeader(broker, context, internalTopics.shareGroupState, sharePartition);
}

/**
 * `group:topic id:partition` as coordinators are chosen by; null when it is none. A group id may have colons
 * of its own, and those at the end count for nothing.
 */
function parseSharePartition(key: string): string | null {
  const match = /^(.+):([^:]+):([^:]+?):*$/s.exec(key);
  if (match === null) return null;
  const [, group = "", topicId = "", partition = ""] = match;
  if (group.trim() === "" || parseUuid(topicId) === null || !/^[+-]?\d{1,10}$/.test(partition)) return null;
  const index = Number(partition);
  return (index | 0) === index ? `${group}:${topicId}:${index}` : null;
}
