// OffsetDelete, key 47, version 0. Forgets positions of a group in topics that it does not read any more.
// - Needs DELETE on the group, else GROUP_AUTHORIZATION_FAILED, and READ on each topic, else
// TOPIC_AUTHORIZATION_FAILED.
// - A topic or partition that does not exist is UNKNOWN_TOPIC_OR_PARTITION. The group is looked at even when
// nothing is left to delete: what is
//   wrong with it (GROUP_ID_NOT_FOUND, …) is the whole answer. Everything else is the group coordinator's.
import {
  type ErrorSpec,
  errors,
  makeOffsetDeleteResponse,
  type OffsetDeleteRequest,
  type OffsetDeleteResponse,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import { groupRequest } from "../coordinator/group-request.ts";
import type { Handler } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";

type RequestTopic = OffsetDeleteRequest.OffsetDeleteRequestTopic;
type ResponseTopic = OffsetDeleteResponse.OffsetDeleteResponseTopic;

export const handleOffsetDelete: Handler<OffsetDeleteRequest, OffsetDeleteResponse> = (
  broker,
  context,
  request,
  reply,
) => {
  if (!context.isAllowed("DELETE", "GROUP", request.groupId)) {
    reply(offsetDeleteErrorReply(request, errors.GROUP_AUTHORIZATION_FAILED));
    return;
  }
  const answer = new Map<string, ResponseTopic>();
  const topics = deletable(broker, context, request, answer);
  broker.groupCoordinator.deleteOffsets(groupRequest(context), { ...request, topics }, (response) => {
    if (response.errorCode !== errors.NONE.code) {
      reply(response);
      return;
    }
    for (const { name, partitions } of response.topics) entryOf(answer, name).partitions.push(...partitions);
    reply(makeOffsetDeleteResponse({ topics: [...answer.values()] }));
  });
};

/** The answer when nothing is deleted. */
export function offsetDeleteErrorReply(
  _request: OffsetDeleteRequest,
  error: ErrorSpec,
): OffsetDeleteResponse {
  return makeOffsetDeleteResponse({ errorCode: error.code });
}

/** What may be deleted; the rest goes to the answer. */
function deletable(
  broker: BrokerServices,
  context: RequestContext,
  request: OffsetDeleteRequest,
  answer: Map<string, ResponseTopic>,
): RequestTopic[] {
  const readable = context.allowed("READ", "TOPIC", new Set(request.topics.map(({ name }) => name)));
  const kept: RequestTopic[] = [];
  for (const { name, partitions: asked } of request.topics) {
    const image = broker.metadata.image.topics.byName(name);
    const partitions: { partitionIndex: number }[] = [];
    for (const { partitionIndex } of asked) {
      if (!readable.has(name)) fail(answer, name, partitionIndex, errors.TOPIC_AUTHORIZATION_FAILED);
      else if (image?.partitions[partitionIndex] === undefined) {
        fail(answer, name, partitionIndex, errors.UNKNOWN_TOPIC_OR_PARTITION);
      } else partitions.push({ partitionIndex });
    }
    if (partitions.length > 0) kept.push({ name, partitions });
  }
  return kept;
}

function fail(
  answer: Map<string, ResponseTopic>,
  name: string,
  partitionIndex: number,
  error: ErrorSpec,
): void {
  entryOf(answer, name).partitions.push({ partitionIndex, errorCode: error.code });
}

function entryOf(answer: Map<string, ResponseTopic>, name: string): ResponseTopic {
  let topic = answer.get(name);
  if (topic === undefined) {
    topic = { name, partitions: [] };
    answer.set(name, topic);
  }
  return topic;
}
