// OffsetCommit, key 8, versions 2 to 10. Keeps positions of a group.
// - Needs READ on the group, else GROUP_AUTHORIZATION_FAILED for every partition, and READ on each topic,
// else TOPIC_AUTHORIZATION_FAILED.
// - A topic or partition that does not exist is UNKNOWN_TOPIC_OR_PARTITION, a topic id UNKNOWN_TOPIC_ID; the
// others are committed all the same,
//   and a request with nothing left to commit is answered without the group being looked at. Everything else
//   is the group coordinator's.
// - The answer names a topic as often as the request did; once, when anything was refused here.
// v2–v4 retention time of the request · v6 leader epoch · v7 static members · v8 flexible · v9 members of
// KIP-848 groups · v10 topic ids
import { endsPiece, type Pieces } from "@ottla/ports";
import {
  type ErrorSpec,
  errors,
  makeOffsetCommitResponse,
  makeOffsetCommitResponseOffsetCommitResponsePartition,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import { groupRequest } from "../coordinator/group-request.ts";
import type { Handler } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";
import { groupLimits } from "../limits.ts";

const topicIdsFrom = 10;

type RequestTopic = OffsetCommitRequest.OffsetCommitRequestTopic;
type RequestPartition = OffsetCommitRequest.OffsetCommitRequestPartition;
type ResponseTopic = OffsetCommitResponse.OffsetCommitResponseTopic;
type ResponsePartition = OffsetCommitResponse.OffsetCommitResponsePartition;

export const handleOffsetCommit: Handler<OffsetCommitRequest, OffsetCommitResponse> = (
  broker,
  context,
  request,
  reply,
) => {
  if (!context.isAllowed("READ", "GROUP", request.groupId)) {
    reply(offsetCommitErrorReply(request, errors.GROUP_AUTHORIZATION_FAILED));
    return;
  }
  if (isCommittable(broker, context, request)) {
    broker.groupCoordinator.commitOffsets(groupRequest(context), request, reply);
    return;
  }
  const answer = new CommitAnswer(context.apiVersion >= topicIdsFrom);
  context.inSlices(committable(broker, context, request, answer), (topics) => {
    if (topics.length === 0) {
      reply(answer.response());
      return;
    }
    broker.groupCoordinator.commitOffsets(groupRequest(context), { ...request, topics }, (response) => {
      reply(answer.with(response.topics));
    });
  });
};

/** Names every partition that was asked for, as it was asked for. */
export function offsetCommitErrorReply(request: OffsetCommitRequest, error: ErrorSpec): OffsetCommitResponse {
  const topics = request.topics.map(({ name, topicId, partitions }) => ({
    name,
    topicId,
    partitions: partitions.map(({ partitionIndex }) => failed(partitionIndex, error)),
  }));
  return makeOffsetCommitResponse({ topics });
}

/**
 * True when all of a short request may be committed as it stands, each topic now with its name and id. Almost
 * every request is of these, and pays for no more than that.
 */
function isCommittable(
  broker: BrokerServices,
  context: RequestContext,
  { topics }: OffsetCommitRequest,
): boolean {
  const { topics: images } = broker.metadata.image;
  const byId = context.apiVersion >= topicIdsFrom;
  let items = 0;
  for (const topic of topics) {
    const { partitions } = topic;
    items += 1 + partitions.length;
    if (items > groupLimits.committedAtOnceMax || partitions.length === 0) return false;
    const image = byId ? images.byId(topic.topicId) : images.byName(topic.name);
    if (image === null || !context.isAllowed("READ", "TOPIC", image.name)) return false;
    for (const { partitionIndex } of partitions) {
      if (image.partitions[partitionIndex] === undefined) return false;
    }
    topic.name = image.name;
    topic.topicId = image.id;
  }
  return items > 0;
}

/** What may be committed; the rest goes to the answer. */
function* committable(
  broker: BrokerServices,
  context: RequestContext,
  request: OffsetCommitRequest,
  answer: CommitAnswer,
): Pieces<RequestTopic[]> {
  const { topics: images } = broker.metadata.image;
  const kept: RequestTopic[] = [];
  let items = 0;
  for (const topic of request.topics) {
    if (endsPiece(++items)) yield;
    const name = answer.byId ? (images.byId(topic.topicId)?.name ?? "") : topic.name;
    const named = { ...topic, name };
    if (answer.byId && name === "") answer.fail(named, errors.UNKNOWN_TOPIC_ID);
    else if (!context.isAllowed("READ", "TOPIC", name)) answer.fail(named, errors.TOPIC_AUTHORIZATION_FAILED);
    else {
      const image = images.byName(name);
      const missing: RequestPartition[] = [];
      const partitions: RequestPartition[] = [];
      for (const partition of topic.partitions) {
        const exists = image?.partitions[partition.partitionIndex] !== undefined;
        (exists ? partitions : missing).push(partition);
        if (endsPiece(++items)) yield;
      }
      if (missing.length > 0) {
        answer.fail({ ...named, partitions: missing }, errors.UNKNOWN_TOPIC_OR_PARTITION);
      }
      // The id is kept with the offset in every version.
      if (partitions.length > 0) kept.push({ ...named, topicId: image?.id ?? ZERO_UUID, partitions });
    }
  }
  return kept;
}

/** The answer as it comes together: one entry per topic, as soon as one is refused. */
class CommitAnswer {
  readonly byId: boolean;
  readonly #topics = new Map<string, ResponseTopic>();

  constructor(byId: boolean) {
    this.byId = byId;
  }

  fail(topic: RequestTopic, error: ErrorSpec): void {
    this.add(
      topic,
      topic.partitions.map(({ partitionIndex }) => failed(partitionIndex, error)),
    );
  }

  add(topic: { name: string; topicId: Uuid }, partitions: readonly ResponsePartition[]): void {
    const { name } = topic;
    const topicId = this.byId ? topic.topicId : ZERO_UUID;
    const key = this.byId ? topicId : name;
    const known = this.#topics.get(key);
    if (known === undefined) this.#topics.set(key, { name, topicId, partitions: [...partitions] });
    else for (const partition of partitions) known.partitions.push(partition);
  }

  /** What the coordinator answered with what was refused; alone it stays as it is. */
  with(topics: readonly ResponseTopic[]): OffsetCommitResponse {
    if (this.#topics.size > 0) {
      for (const topic of topics) this.add(topic, topic.partitions);
      return this.response();
    }
    const named = topics.map((topic) => ({ ...topic, topicId: this.byId ? topic.topicId : ZERO_UUID }));
    return makeOffsetCommitResponse({ topics: named });
  }

  response(): OffsetCommitResponse {
    return makeOffsetCommitResponse({ topics: [...this.#topics.values()] });
  }
}

function failed(partitionIndex: number, error: ErrorSpec): ResponsePartition {
  return makeOffsetCommitResponseOffsetCommitResponsePartition({ partitionIndex, errorCode: error.code });
}
