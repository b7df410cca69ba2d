// OffsetCommit: who may commit. Members commit in their generation; consumers without membership commit in
// groups without members. Not here: the records of what is committed (offset-commit-records.ts).
import { type ErrorSpec, errors, type OffsetCommitRequest, type OffsetCommitResponse } from "@ottla/protocol";
import type { ClassicGroup } from "../classic/classic-group.ts";
import { findClassicGroup } from "../classic/live-groups.ts";
import { memberProblem } from "../classic/member-check.ts";
import { renewSession } from "../classic/rebalance.ts";
import { type GroupDecision, replyOnly } from "../group/group-decision.ts";
import type { GroupServices } from "../group/group-services.ts";
import type { GroupRequestContext } from "../group-request-context.ts";
import type { DecisionTime } from "../runtime/decision.ts";
import {
  commitResponse,
  type OffsetCommitRecords,
  offsetCommitRecords,
  partitionResponse,
} from "./offset-commit-records.ts";

/** From this version on a group that does not exist has an error of its own. */
const GROUP_ID_NOT_FOUND_SINCE = 9;
/** `prepared`: what was made of the request in advance, as for a large one. */
export function decideCommit(
  services: GroupServices,
  context: GroupRequestContext,
  request: OffsetCommitRequest,
  prepared: OffsetCommitRecords | null,
  now: DecisionTime,
): GroupDecision<OffsetCommitResponse> {
  const problem = commitProblem(services, context, request, now);
  if (problem !== null) return replyOnly(refusedCommit(request, problem));
  const made = prepared ?? offsetCommitRecords(services.config, request, now.wallMs);
  const { records, response: reply } = made;
  services.metrics.offsetCommits += records.length;
  return made.encoded === null
    ? { records, reply, atomic: true }
    : { records, encoded: made.encoded, reply, atomic: true };
}

/** The response that refuses the whole request. */
export function refusedCommit(request: OffsetCommitRequest, error: ErrorSpec): OffsetCommitResponse {
  const topics = request.topics.map(({ name, topicId, partitions }) => ({
    name,
    topicId,
    partitions: partitions.map((partition) => partitionResponse(partition, error)),
  }));
  return commitResponse(topics);
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
