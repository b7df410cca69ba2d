// OffsetCommit: who may commit, and the records of what is committed. Members commit in their generation;
// consumers without membership commit in groups without members. Partitions with too long metadata are
// refused one by one.
import {
  type ErrorSpec,
  errors,
  fromTimestampMs,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  type TimestampMs,
  toOffset,
} from "@ottla/protocol";
import type { ClassicGroup } from "../classic/classic-group.ts";
import { findClassicGroup } from "../classic/live-groups.ts";
import { memberProblem } from "../classic/member-check.ts";
import { renewSession } from "../classic/rebalance.ts";
import { type GroupDecision, replyOnly } from "../group/group-decision.ts";
import type { GroupRecord } from "../group/group-record.ts";
import type { GroupServices } from "../group/group-services.ts";
import type { GroupRequestContext } from "../group-request-context.ts";
import type { DecisionTime } from "../runtime/decision.ts";

/** From this version on a group that does not exist has an error of its own. */
const GROUP_ID_NOT_FOUND_SINCE = 9;
/** The broker's retention holds. */
const DEFAULT_RETENTION = -1n;
const NO_EXPIRY = -1n;
const INT64_MAX = 2n ** 63n - 1n;

type Partition = OffsetCommitRequest.OffsetCommitRequestPartition;
type ResponseTopic = OffsetCommitResponse.OffsetCommitResponseTopic;
type ResponsePartition = OffsetCommitResponse.OffsetCommitResponsePartition;

export function decideCommit(
  services: GroupServices,
  context: GroupRequestContext,
  request: OffsetCommitRequest,
  now: DecisionTime,
): GroupDecision<OffsetCommitResponse> {
  const problem = commitProblem(services, context, request, now);
  if (problem !== null) return replyOnly(refusedCommit(request, problem));
  const records: GroupRecord[] = [];
  const commitTimestamp = fromTimestampMs(now.wallMs as TimestampMs);
  const expireTimestamp = expiry(request.retentionTimeMs, commitTimestamp);
  const topics: ResponseTopic[] = [];
  for (const { name, topicId, partitions } of request.topics) {
    const answered: ResponsePartition[] = [];
    for (const partition of partitions) {
      const error = partitionProblem(services, partition);
      if (error === errors.NONE) {
        const value = {
          offset: partition.committedOffset,
          leaderEpoch: partition.committedLeaderEpoch,
          metadata: partition.committedMetadata ?? "",
          commitTimestamp,
          expireTimestamp,
          topicId,
        };
        const key = { group: request.groupId, topic: name, partition: partition.partitionIndex };
        records.push({ kind: "offset-commit", key, value });
      }
      answered.push(partitionResponse(partition, error));
    }
    topics.push({ name, topicId, partitions: answered });
  }
  services.metrics.offsetCommits += records.length;
  return { records, reply: makeResponse(topics), atomic: true };
}

/** The response that refuses the whole request. */
export function refusedCommit(request: OffsetCommitRequest, error: ErrorSpec): OffsetCommitResponse {
  const topics = request.topics.map(({ name, topicId, partitions }) => ({
    name,
    topicId,
    partitions: partitions.map((partition) => partitionResponse(partition, error)),
  }));
  return makeResponse(topics);
}

// Literals: the generated makers, which merge into defaults, cost more than the decision.
function makeResponse(topics: ResponseTopic[]): OffsetCommitResponse {
  return { throttleTimeMs: 0, topics };
}

function partitionResponse({ partitionIndex }: Partition, { code: errorCode }: ErrorSpec): ResponsePartition {
  return { partitionIndex, errorCode };
}

function partitionProblem({ config }: GroupServices, partition: Partition): ErrorSpec {
  if ((partition.committedMetadata?.length ?? 0) > config.offsetMetadataMaxBytes) {
    return errors.OFFSET_METADATA_TOO_LARGE;
  }
  // Offsets beyond 2^53 do not exist; Kafka would keep them.
  return toOffset(partition.committedOffset) === null ? errors.INVALID_COMMIT_OFFSET_SIZE : errors.NONE;
}

function expiry(retentionTimeMs: bigint, commitTimestamp: bigint): bigint {
  if (retentionTimeMs === DEFAULT_RETENTION) return NO_EXPIRY;
  const expireTimestamp = commitTimestamp + retentionTimeMs;
  return expireTimestamp > INT64_MAX ? INT64_MAX : expireTimestamp;
}

/** Null when the commit is accepted. The session of a member begins anew then. */
function commitProblem(
  services: GroupServices,
  context: GroupRequestContext,
  request: OffsetCommitRequest,
  now: DecisionTime,
): ErrorSpec | null {
  const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch: generationId } = request;
  const live = services.table.live.get(groupId);
  const durable = services.table.durable.get(groupId);
  if (live === undefined) {
    if (durable === undefined) {
      // A consumer without membership, or an administrator, makes a simple group by its first commit.
      if (generationId < 0) return null;
      const isTold = context.apiVersion >= GROUP_ID_NOT_FOUND_SINCE;
      return isTold ? errors.GROUP_ID_NOT_FOUND : errors.ILLEGAL_GENERATION;
    }
    const isEmpty = durable.type !== "Classic" || (durable.metadata?.members.length ?? 0) === 0;
    if (isEmpty) return generationId < 0 ? null : errors.UNKNOWN_MEMBER_ID;
  }
  const group = live ?? (findClassicGroup(services, groupId, now) as ClassicGroup);
  if (group.state === "Empty" && generationId < 0) return null;
  if (generationId < 0 && memberId === "" && groupInstanceId === null) {
    if (group.state !== "Empty") return errors.UNKNOWN_MEMBER_ID;
  } else {
    const problem = memberProblem(group, memberId, groupInstanceId);
    if (problem !== null) return problem;
    if (generationId !== group.generationId) return errors.ILLEGAL_GENERATION;
  }
  // The member has heard of the generation, but not of its assignment: it is to wait for that.
  if (group.state === "CompletingRebalance") return errors.REBALANCE_IN_PROGRESS;
  const member = group.members.get(memberId);
  if (member !== undefined) renewSession(member, now);
  return null;
}
