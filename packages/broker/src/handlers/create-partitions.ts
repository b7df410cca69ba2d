// CreatePartitions, key 37, versions 0 to 3. Raises the number of a topic's partitions.
// - Needs ALTER on the topic, else TOPIC_AUTHORIZATION_FAILED; a name twice in one request is
// INVALID_REQUEST.
// - A timeout that is over at once fails all of the request: REQUEST_TIMED_OUT.
// - Fewer or as many as there are is INVALID_PARTITIONS; assignments are checked by the controller.
// - v1 to v3 change nothing in the messages' meaning (v2 flexible, v3 quotas on topic creation, KIP-599).
// Known gaps: quotas on topic creation.
import {
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
  type ErrorSpec,
  errors,
  makeCreatePartitionsResponse,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Reply } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";
import { namesOnce } from "./names-once.ts";

type TopicResult = CreatePartitionsResponse.CreatePartitionsTopicResult;

export function handleCreatePartitions(
  broker: BrokerServices,
  context: RequestContext,
  request: CreatePartitionsRequest,
  reply: Reply<CreatePartitionsResponse>,
): void {
  const { once, repeated } = namesOnce(request.topics.map(({ name }) => name));
  const refused: TopicResult[] = [...repeated].map((name) =>
    failedResult(name, errors.INVALID_REQUEST, "Duplicate topic name."),
  );
  const alterable = context.allowed("ALTER", "TOPIC", once);
  for (const name of once) {
    if (!alterable.has(name)) refused.push(failedResult(name, errors.TOPIC_AUTHORIZATION_FAILED, null));
  }
  if (alterable.size === 0) {
    reply(makeCreatePartitionsResponse({ results: refused }));
    return;
  }
  if (request.timeoutMs <= 0) {
    const errorCode = errors.REQUEST_TIMED_OUT.code;
    const results = request.topics.map(({ name }) => ({ name, errorCode, errorMessage: null }));
    reply(makeCreatePartitionsResponse({ results }));
    return;
  }
  const topics = request.topics.filter(({ name }) => alterable.has(name));
  broker.controllerChannel.submit<CreatePartitionsResponse>(context, { ...request, topics }, (response) => {
    reply({ ...response, results: [...response.results, ...refused] });
  });
}

export function createPartitionsErrorReply(
  request: CreatePartitionsRequest,
  error: ErrorSpec,
  message: string | null,
): CreatePartitionsResponse {
  const results = request.topics.map(({ name }) => failedResult(name, error, message));
  return makeCreatePartitionsResponse({ results });
}

function failedResult(name: string, error: ErrorSpec, message: string | null): TopicResult {
  return { name, errorCode: error.code, errorMessage: message ?? error.meaning };
}
