// SyncGroup: the leader brings the assignments of the generation, the others fetch theirs. The answers leave
// when the group's record is committed. Version 5 names the protocol, to find clients that are in the wrong
// group (KIP-559).
import {
  EMPTY_BYTES,
  type ErrorSpec,
  errors,
  makeSyncGroupResponse,
  type SyncGroupRequest,
} from "@ottla/protocol";
import { type GroupChange, NOTHING, writeRecords } from "../group/group-decision.ts";
import type { GroupServices } from "../group/group-services.ts";
import { operationError } from "../group/operation-error.ts";
import type { DecisionTime } from "../runtime/decision.ts";
import { answerSync } from "./answers.ts";
import type { ClassicGroup } from "./classic-group.ts";
import type { ClassicMember, SyncAnswer } from "./classic-member.ts";
import { groupMetadataRecord } from "./group-metadata-record.ts";
import { findClassicGroup } from "./live-groups.ts";
import { memberProblem } from "./member-check.ts";
import { propagateAssignments, rebalanceOrCompleteJoin, resetAssignments } from "./rebalance.ts";

/** `answer` is called once, whatever comes. */
export function decideSync(
  services: GroupServices,
  request: SyncGroupRequest,
  answer: SyncAnswer,
  now: DecisionTime,
): GroupChange {
  const refuse = (error: ErrorSpec): GroupChange => {
    services.context.answerLater(() => answer(makeSyncGroupResponse({ errorCode: error.code })));
    return NOTHING;
  };
  const group = findClassicGroup(services, request.groupId, now);
  if (group === null || group.state === "Empty") return refuse(errors.UNKNOWN_MEMBER_ID);
  const problem = syncProblem(group, request);
  if (problem !== null) return refuse(problem);
  if (group.state === "PreparingRebalance") return refuse(errors.REBALANCE_IN_PROGRESS);
  const member = group.members.get(request.memberId) as ClassicMember;
  group.pendingSyncs.delete(request.memberId);
  if (group.pendingSyncs.size === 0) group.timers.sync.cancel();
  if (group.state === "CompletingRebalance") {
    // One that waits under the same id was given up by its client.
    answerSync(services, member, makeSyncGroupResponse({ errorCode: errors.REBALANCE_IN_PROGRESS.code }));
    member.awaitingSync = answer;
    return group.isLeader(request.memberId) ? recordAssignments(services, group, request) : NOTHING;
  }
  const { protocolType, protocolName } = group;
  const response = makeSyncGroupResponse({ protocolType, protocolName, assignment: member.assignment });
  services.context.answerLater(() => answer(response));
  return NOTHING;
}

function syncProblem(group: ClassicGroup, request: SyncGroupRequest): ErrorSpec | null {
  if (group.state === "Dead") return errors.COORDINATOR_NOT_AVAILABLE;
  const problem = memberProblem(group, request.memberId, request.groupInstanceId);
  if (problem !== null) return problem;
  if (request.generationId !== group.generationId) return errors.ILLEGAL_GENERATION;
  const isOther =
    differs(request.protocolType, group.protocolType) || differs(request.protocolName, group.protocolName);
  return isOther ? errors.INCONSISTENT_GROUP_PROTOCOL : null;
}

/** Names that either side does not give are not compared. */
function differs(requested: string | null, present: string | null): boolean {
  return requested !== null && present !== null && requested !== present;
}

/** Members that the leader left out get an empty assignment; those that are none are passed by. */
function recordAssignments(
  services: GroupServices,
  group: ClassicGroup,
  request: SyncGroupRequest,
): GroupChange {
  const { generationId } = request;
  const assignments = new Map<string, Uint8Array>();
  for (const memberId of group.members.keys()) assignments.set(memberId, EMPTY_BYTES);
  for (const { memberId, assignment } of request.assignments) {
    // Copied: the request's bytes are gone after the call.
    if (assignments.has(memberId)) assignments.set(memberId, assignment.slice());
  }
  return writeRecords([groupMetadataRecord(group, assignments)], (error, now) => {
    // Another member may have joined since; then this generation is of the past.
    if (group.state !== "CompletingRebalance" || generationId !== group.generationId) return;
    if (error !== null) {
      resetAssignments(services, group, operationError(error), now);
      rebalanceOrCompleteJoin(services, group, now);
      return;
    }
    for (const member of group.members.values()) {
      member.assignment = assignments.get(member.memberId) ?? EMPTY_BYTES;
    }
    propagateAssignments(services, group, errors.NONE, now);
    group.transitionTo("Stable", now.wallMs);
    services.metrics.completedRebalances++;
  });
}
