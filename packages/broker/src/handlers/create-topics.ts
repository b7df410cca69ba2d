// CreateTopics, key 19, versions 2 to 7. Creates topics, or says whether it could.
// - Needs CREATE on the cluster or on the topic, else TOPIC_AUTHORIZATION_FAILED; a name twice in one request
// and the metadata
//   topic's name are INVALID_REQUEST. Each topic succeeds or fails on its own.
// - A timeout that is over at once fails all of the request: REQUEST_TIMED_OUT, and nothing is made.
// - Placement, names, settings and policies are the controller's; the answer leaves once the topics are
// committed.
// - v5 tells partitions, replicas and settings of what was created, if the client may read settings (else the
// tagged
//   topicConfigErrorCode says why not). v7 topic ids.
// Known gaps: quotas on topic creation.
import { endsPiece, type Pieces } from "@ottla/ports";
import {
  CLUSTER_METADATA_TOPIC,
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  type ErrorSpec,
  errors,
  makeCreateTopicsResponse,
  makeCreateTopicsResponseCreatableTopicResult,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import { allowedInPieces } from "../dispatch/allowed-in-pieces.ts";
import type { Reply } from "../dispatch/handler.ts";
import { clusterResourceName, type RequestContext } from "../dispatch/request-context.ts";
import { dispatchLimits } from "../limits.ts";
import { namesOnce } from "./names-once.ts";

/** About so many. */
const settingsPerTopic = 32;

type TopicResult = CreateTopicsResponse.CreatableTopicResult;

export function handleCreateTopics(
  broker: BrokerServices,
  context: RequestContext,
  request: CreateTopicsRequest,
  reply: Reply<CreateTopicsResponse>,
): void {
  context.inSlices(sortTopics(context, request), ({ creatable, readable, refused }) => {
    if (creatable.size === 0) {
      reply(makeCreateTopicsResponse({ topics: refused }));
      return;
    }
    if (request.timeoutMs <= 0) {
      const timedOut = errors.REQUEST_TIMED_OUT;
      const all = request.topics.map(({ name }) => failedResult(name, timedOut, null));
      reply(makeCreateTopicsResponse({ topics: all }));
      return;
    }
    const topics = request.topics.filter(({ name }) => creatable.has(name));
    // A created topic is answered with all its settings.
    if (topics.length * settingsPerTopic > dispatchLimits.answeredAtOnceMax) context.answersInSlices();
    const effective = { ...request, topics };
    broker.controllerChannel.submit<CreateTopicsResponse>(context, effective, (response) => {
      for (const topic of response.topics) if (!readable.has(topic.name)) hideSettings(topic);
      reply({ ...response, topics: [...response.topics, ...refused] });
    });
  });
}

interface SortedTopics {
  readonly creatable: ReadonlySet<string>;
  /** Whose settings the client may see. */
  readonly readable: ReadonlySet<string>;
  readonly refused: TopicResult[];
}

function* sortTopics(context: RequestContext, request: CreateTopicsRequest): Pieces<SortedTopics> {
  const { once, repeated } = yield* namesOnce(request.topics.map(({ name }) => name));
  const refused: TopicResult[] = [];
  for (const name of repeated) {
    refused.push(failedResult(name, errors.INVALID_REQUEST, "Duplicate topic name."));
    if (endsPiece(refused.length)) yield;
  }
  if (once.delete(CLUSTER_METADATA_TOPIC)) {
    const message = `Creation of internal topic ${CLUSTER_METADATA_TOPIC} is prohibited.`;
    refused.push(failedResult(CLUSTER_METADATA_TOPIC, errors.INVALID_REQUEST, message));
  }
  const mayCreateAll = context.isAllowed("CREATE", "CLUSTER", clusterResourceName);
  const creatable = mayCreateAll ? once : yield* allowedInPieces(context, "CREATE", "TOPIC", once);
  for (const name of mayCreateAll ? [] : once) {
    if (creatable.has(name)) continue;
    refused.push(failedResult(name, errors.TOPIC_AUTHORIZATION_FAILED, "Authorization failed."));
    if (endsPiece(refused.length)) yield;
  }
  const readable = yield* allowedInPieces(context, "DESCRIBE_CONFIGS", "TOPIC", creatable);
  return { creatable, readable, refused };
}

export function createTopicsErrorReply(
  request: CreateTopicsRequest,
  error: ErrorSpec,
  message: string | null,
): CreateTopicsResponse {
  const topics = request.topics.map(({ name }) => failedResult(name, error, message ?? error.meaning));
  return makeCreateTopicsResponse({ topics });
}

function failedResult(name: string, error: ErrorSpec, errorMessage: string | null): TopicResult {
  return makeCreateTopicsResponseCreatableTopicResult({ name, errorCode: error.code, errorMessage });
}

/** The topic was created, but its creator may not read settings. */
function hideSettings(topic: TopicResult): void {
  if (topic.errorCode !== 0) return;
  topic.topicConfigErrorCode = errors.TOPIC_AUTHORIZATION_FAILED.code;
  topic.numPartitions = -1;
  topic.replicationFactor = -1;
  topic.configs = [];
}
