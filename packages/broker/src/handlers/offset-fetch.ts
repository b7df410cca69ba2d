// OffsetFetch, key 9, versions 1 to 10. Committed positions of groups.
// - Needs DESCRIBE on each group, else GROUP_AUTHORIZATION_FAILED for it, and DESCRIBE on each topic, else
// TOPIC_AUTHORIZATION_FAILED; topics
//   refused stand behind the others of their group.
// - Null topics mean every topic with a position, as far as it may be described and, from v10, still has an
// id.
// - What has no position is offset -1 without error, whether it exists or not; a topic id that does not exist
// is UNKNOWN_TOPIC_ID.
// - An error of a whole group is one code; v1 has no place for it and names it for every partition that was
// asked for. v2 null topics, error of the group · v3 throttle time · v5 leader epoch · v6 flexible · v7
// require stable · v8 many groups
// · v9 members of KIP-848 groups · v10 topic ids
import type { Pieces } from "@ottla/ports";
import {
  type ErrorSpec,
  errors,
  makeOffsetFetchRequest,
  makeOffsetFetchRequestOffsetFetchRequestGroup,
  makeOffsetFetchResponse,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
  ZERO_UUID,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import { groupRequest } from "../coordinator/group-request.ts";
import type { Handler } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";
import { dispatchLimits } from "../limits.ts";

const groupErrorFrom = 2;
const manyGroupsFrom = 8;
const topicIdsFrom = 10;
const groupsPerPiece = 16;
const noOffset = -1n;
const noEpoch = -1;

type RequestGroup = OffsetFetchRequest.OffsetFetchRequestGroup;
type RequestTopic = OffsetFetchRequest.OffsetFetchRequestTopics;
type ResponseGroup = OffsetFetchResponse.OffsetFetchResponseGroup;
type ResponseTopic = OffsetFetchResponse.OffsetFetchResponseTopics;

export const handleOffsetFetch: Handler<OffsetFetchRequest, OffsetFetchResponse> = (
  broker,
  context,
  request,
  reply,
) => {
  const { apiVersion } = context;
  const asked = groupsOf(request, apiVersion);
  const answered: ResponseGroup[] = [];
  let waiting = asked.length;
  const finish = (): void => {
    if (partitionCount(answered) > dispatchLimits.answeredAtOnceMax) context.answersInSlices();
    reply(responseOf(answered, apiVersion));
  };
  if (waiting === 0) finish();
  const ask = function* (): Pieces<void> {
    for (const [index, group] of asked.entries()) {
      fetchGroup(broker, context, { group, requireStable: request.requireStable }, (response) => {
        answered[index] =
          response.errorCode !== 0 && apiVersion < groupErrorFrom
            ? failedPartitions(group, response)
            : response;
        waiting -= 1;
        if (waiting === 0) finish();
      });
      if ((index + 1) % groupsPerPiece === 0) yield;
    }
  };
  context.inSlices(ask(), () => {});
};

/** Names every group that was asked for. */
export function offsetFetchErrorReply(request: OffsetFetchRequest, error: ErrorSpec): OffsetFetchResponse {
  const groups = request.groups.map(({ groupId }) => failedGroup(groupId, error));
  return makeOffsetFetchResponse({ errorCode: error.code, groups });
}

/** The request in the form of many groups, in which the others are a special case. */
function groupsOf(request: OffsetFetchRequest, apiVersion: number): RequestGroup[] {
  if (apiVersion >= manyGroupsFrom) return request.groups;
  const { groupId } = request;
  const topics =
    request.topics?.map(({ name, partitionIndexes }) => ({ name, partitionIndexes, topicId: ZERO_UUID })) ??
    null;
  return [makeOffsetFetchRequestOffsetFetchRequestGroup({ groupId, topics })];
}

function responseOf(groups: ResponseGroup[], apiVersion: number): OffsetFetchResponse {
  if (apiVersion >= manyGroupsFrom) return makeOffsetFetchResponse({ groups });
  const [group] = groups;
  if (group === undefined) throw new Error("one group was asked for");
  const errorCode = apiVersion < groupErrorFrom ? 0 : group.errorCode;
  return makeOffsetFetchResponse({ errorCode, topics: group.topics });
}

function fetchGroup(
  broker: BrokerServices,
  context: RequestContext,
  request: { readonly group: RequestGroup; readonly requireStable: boolean },
  done: (group: ResponseGroup) => void,
): void {
  const { group, requireStable } = request;
  if (!context.isAllowed("DESCRIBE", "GROUP", group.groupId)) {
    done(failedGroup(group.groupId, errors.GROUP_AUTHORIZATION_FAILED));
    return;
  }
  const { topics, refused } = describable(broker, context, group);
  const one = makeOffsetFetchRequest({ groups: [{ ...group, topics }], requireStable });
  const asMany = { ...groupRequest(context), apiVersion: Math.max(context.apiVersion, manyGroupsFrom) };
  broker.groupCoordinator.fetchOffsets(asMany, one, ({ groups: [found] }) => {
    if (found === undefined) throw new Error("the coordinator did not answer for the group");
    if (found.errorCode !== 0) {
      done({ ...found, topics: [] });
      return;
    }
    const visible = topics === null ? visibleTopics(broker, context, found.topics) : found.topics;
    done({ ...found, topics: [...withIds(broker, visible), ...refused] });
  });
}

/** Topics that may be asked for; null: all of them. */
function describable(
  broker: BrokerServices,
  context: RequestContext,
  group: RequestGroup,
): { topics: RequestTopic[] | null; refused: ResponseTopic[] } {
  if (group.topics === null) return { topics: null, refused: [] };
  const byId = context.apiVersion >= topicIdsFrom;
  const { topics: images } = broker.metadata.image;
  const named = byId
    ? group.topics.map((topic) => ({ ...topic, name: images.byId(topic.topicId)?.name ?? "" }))
    : group.topics;
  const allowed = context.allowed("DESCRIBE", "TOPIC", new Set(named.map(({ name }) => name)));
  const topics: RequestTopic[] = [];
  const refused: ResponseTopic[] = [];
  for (const topic of named) {
    if (byId && topic.name === "") refused.push(failedTopic(topic, errors.UNKNOWN_TOPIC_ID.code));
    else if (allowed.has(topic.name)) topics.push(topic);
    else refused.push(failedTopic(topic, errors.TOPIC_AUTHORIZATION_FAILED.code));
  }
  return { topics, refused };
}

/** Of all topics with a position those that the client may know of, and can. */
function visibleTopics(
  broker: BrokerServices,
  context: RequestContext,
  topics: readonly ResponseTopic[],
): ResponseTopic[] {
  const { topics: images } = broker.metadata.image;
  const names = context.allowed(
    "DESCRIBE",
    "TOPIC",
    topics.map(({ name }) => name),
  );
  const byId = context.apiVersion >= topicIdsFrom;
  return topics.filter(({ name }) => names.has(name) && (!byId || images.byName(name) !== null));
}

function withIds(broker: BrokerServices, topics: readonly ResponseTopic[]): ResponseTopic[] {
  const { topics: images } = broker.metadata.image;
  return topics.map((topic) => ({ ...topic, topicId: images.byName(topic.name)?.id ?? ZERO_UUID }));
}

function partitionCount(groups: readonly ResponseGroup[]): number {
  let count = 0;
  for (const { topics } of groups) for (const { partitions } of topics) count += partitions.length;
  return count;
}

function failedGroup(groupId: string, error: ErrorSpec): ResponseGroup {
  return { groupId, topics: [], errorCode: error.code };
}

function failedPartitions({ groupId, topics }: RequestGroup, { errorCode }: ResponseGroup): ResponseGroup {
  return { groupId, errorCode, topics: (topics ?? []).map((topic) => failedTopic(topic, errorCode)) };
}

function failedTopic({ name, topicId, partitionIndexes }: RequestTopic, errorCode: number): ResponseTopic {
  const partitions = partitionIndexes.map((partitionIndex) => ({
    partitionIndex,
    committedOffset: noOffset,
    committedLeaderEpoch: noEpoch,
    metadata: "",
    errorCode,
  }));
  return { name, topicId, partitions };
}
