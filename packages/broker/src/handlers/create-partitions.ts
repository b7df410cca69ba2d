// CreatePartitions, key 37, versions 0 to 3. Raises the number of a topic's partitions.
// - Needs ALTER on the topic, else TOPIC_AUTHORIZATION_FAILED; a name twice in one request is
// INVALID_REQUEST.
// - A timeout that is over at once fails all of the request: REQUEST_TIMED_OUT.
// - Fewer or as many as there are is INVALID_PARTITIONS; assignments are checked by the controller.
// - v1 to v3 change nothing in the messages' meaning (v2 flexible, v3 quotas on topic creation, KIP-599).
// Known gaps: quotas on topic creation.
import { endsPiece, type Pieces } from "@ottla/ports";
import {
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
  type ErrorSpec,
  errors,
  makeCreatePartitionsResponse,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import { allowedInPieces } from "../dispatch/allowed-in-pieces.ts";
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
  context.inSlices(sortTopics(context, request), ({ alterable, refused }) => {
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
    const effective = { ...request, topics };
    broker.controllerChannel.submit<CreatePartitionsResponse>(context, effective, (response) => {
      reply({ ...response, results: [...response.results, ...refused] });
    });
  });
}

function* sortTopics(
  context: RequestContext,
  request: CreatePartitionsRequest,
): Pieces<{ readonly alterable: ReadonlySet<string>; readonly refused: TopicResult[] }> {
  const { once, repeated } = yield* namesOnce(request.topics.map(({ name }) => name));
  const alterable = yield* allowedInPieces(context, "ALTER", "TOPIC", once);
  const refused: TopicResult[] = [];
  for (const name of repeated) {
    refused.push(failedResult(name, errors.INVALID_REQUEST, "Duplicate topic name."));
    if (endsPiece(refused.length)) yield;
  }
  for (const name of alterable.size === once.size ? [] : once) {
    if (alterable.has(name)) continue;
    refused.push(failedResult(name, errors.TOPIC_AUTHORIZATION_FAILED, null));
    if (endsPiece(refused.length)) yield;
  }
  return { alterable, refused };
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
