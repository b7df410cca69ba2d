// How a classic group gets from one generation to the next: members are asked to rejoin, waited for, told the
// new generation, and must ask for their assignment in time. Every function leaves the group in a state from
// which a timer or a member goes on. Not here: who may join (join-group.ts), who assigns (sync-group.ts).
import {
  EMPTY_BYTES,
  type ErrorSpec,
  errors,
  makeJoinGroupResponse,
  makeSyncGroupResponse,
} from "@ottla/protocol";
import { type GroupChange, NOTHING, writeRecords } from "../group/group-decision.ts";
import type { GroupServices } from "../group/group-services.ts";
import { operationError } from "../group/operation-error.ts";
import type { DecisionTime } from "../runtime/decision.ts";
import { answerJoin, answerSync } from "./answers.ts";
import type { ClassicGroup } from "./classic-group.ts";
import type { ClassicMember } from "./classic-member.ts";
import { groupMetadataRecord } from "./group-metadata-record.ts";

/** Begins a rebalance where the group's state allows one; else ends the present one if everybody has come. */
export function rebalanceOrCompleteJoin(
  services: GroupServices,
  group: ClassicGroup,
  now: DecisionTime,
): GroupChange {
  return group.canRebalance
    ? prepareRebalance(services, group, now)
    : maybeCompleteJoin(services, group, now);
}

/**
 * Has all members rejoin. The first members of a group are given more time, so that others can come along.
 */
export function prepareRebalance(
  services: GroupServices,
  group: ClassicGroup,
  now: DecisionTime,
): GroupChange {
  if (group.state === "CompletingRebalance")
    resetAssignments(services, group, errors.REBALANCE_IN_PROGRESS, now);
  group.pendingSyncs.clear();
  group.timers.sync.cancel();
  const isInitial = group.state === "Empty";
  group.transitionTo("PreparingRebalance", now.wallMs);
  if (isInitial) {
    const delayMs = services.config.groupInitialRebalanceDelayMs;
    const remainingMs = Math.max(group.rebalanceTimeoutMs - delayMs, 0);
    group.joinPhase = { kind: "initial", delayMs, remainingMs };
    group.timers.join.set(now.monotonicMs + delayMs);
    return NOTHING;
  }
  if (group.hasAllMembersJoined) return completeJoin(services, group, now);
  waitForRejoins(group, now);
  return NOTHING;
}

/** Ends the wait for members if everybody has come; a group's first wait ends with its time alone. */
export function maybeCompleteJoin(
  services: GroupServices,
  group: ClassicGroup,
  now: DecisionTime,
): GroupChange {
  const isWaiting = group.state === "PreparingRebalance" && group.previousState !== "Empty";
  return isWaiting && group.hasAllMembersJoined ? completeJoin(services, group, now) : NOTHING;
}

/** What the join timer does. */
export function joinTimerDue(services: GroupServices, group: ClassicGroup, now: DecisionTime): GroupChange {
  if (group.state !== "PreparingRebalance") return NOTHING;
  const phase = group.joinPhase;
  if (phase.kind === "initial" && group.newMemberAdded && phase.remainingMs !== 0) {
    // Somebody has come: wait once more, within the rebalance timeout.
    group.newMemberAdded = false;
    const delayMs = Math.min(services.config.groupInitialRebalanceDelayMs, phase.remainingMs);
    const remainingMs = Math.max(phase.remainingMs - phase.delayMs, 0);
    group.joinPhase = { kind: "initial", delayMs, remainingMs };
    group.timers.join.set(now.monotonicMs + delayMs);
    return NOTHING;
  }
  return completeJoin(services, group, now);
}

/** What the sync timer does: members that did not ask for their assignment are removed. */
export function syncTimerDue(services: GroupServices, group: ClassicGroup, now: DecisionTime): GroupChange {
  const isExpected = group.state === "CompletingRebalance" || group.state === "Stable";
  if (!isExpected || group.pendingSyncs.size === 0) return NOTHING;
  for (const memberId of [...group.pendingSyncs]) {
    const member = group.members.get(memberId);
    if (member !== undefined) removeMember(services, group, member);
  }
  return prepareRebalance(services, group, now);
}

/** What the session timer of a member does. */
export function sessionTimerDue(
  services: GroupServices,
  group: ClassicGroup,
  memberId: string,
  now: DecisionTime,
): GroupChange {
  const member = group.members.get(memberId);
  if (group.state === "Dead" || member === undefined || member.hasSatisfiedHeartbeat) return NOTHING;
  services.logger.info("a member of a group has failed", { group: group.groupId, member: memberId });
  removeMember(services, group, member);
  if (group.state === "Stable" || group.state === "CompletingRebalance") {
    return rebalanceOrCompleteJoin(services, group, now);
  }
  return completeJoinWhenAllCame(services, group, now);
}

/** What the timer of an id that was given out does. */
export function pendingJoinTimerDue(
  services: GroupServices,
  group: ClassicGroup,
  memberId: string,
  now: DecisionTime,
): GroupChange {
  if (group.state === "Dead" || !group.pendingJoins.has(memberId)) return NOTHING;
  group.remove(memberId);
  return completeJoinWhenAllCame(services, group, now);
}

/** Removes a member; one that waits is told to join anew. */
export function removeMember(services: GroupServices, group: ClassicGroup, member: ClassicMember): void {
  const unknown = makeJoinGroupResponse({ errorCode: errors.UNKNOWN_MEMBER_ID.code });
  answerJoin(services, group, member, unknown);
  answerSync(services, member, makeSyncGroupResponse({ errorCode: errors.UNKNOWN_MEMBER_ID.code }));
  group.remove(member.memberId);
}

/** Sets the member's session to begin now. */
export function renewSession(member: ClassicMember, now: DecisionTime): void {
  member.sessionTimer.set(now.monotonicMs + member.sessionTimeoutMs);
}

/** Takes all assignments of the generation in preparation back and tells who waits for one. */
export function resetAssignments(
  services: GroupServices,
  group: ClassicGroup,
  error: ErrorSpec,
  now: DecisionTime,
): void {
  for (const member of group.members.values()) member.assignment = EMPTY_BYTES;
  propagateAssignments(services, group, error, now);
}

/**
 * Answers every member that waits for its assignment. Its session begins anew: it could not expire while it
 * waited.
 */
export function propagateAssignments(
  services: GroupServices,
  group: ClassicGroup,
  error: ErrorSpec,
  now: DecisionTime,
): void {
  const isGood = error === errors.NONE;
  for (const member of group.members.values()) {
    group.recount(member);
    if (member.awaitingSync === null) continue;
    const response = makeSyncGroupResponse({
      errorCode: error.code,
      protocolType: isGood ? group.protocolType : null,
      protocolName: isGood ? group.protocolName : null,
      assignment: member.assignment,
    });
    answerSync(services, member, response);
    renewSession(member, now);
  }
}

function completeJoinWhenAllCame(
  services: GroupServices,
  group: ClassicGroup,
  now: DecisionTime,
): GroupChange {
  const hasAll = group.state === "PreparingRebalance" && group.hasAllMembersJoined;
  return hasAll ? completeJoin(services, group, now) : NOTHING;
}

function waitForRejoins(group: ClassicGroup, now: DecisionTime): void {
  group.joinPhase = { kind: "rebalance" };
  group.timers.join.set(now.monotonicMs + group.rebalanceTimeoutMs);
}

/** Ends the wait: who has not come goes, static members excepted; who has is told the new generation. */
function completeJoin(services: GroupServices, group: ClassicGroup, now: DecisionTime): GroupChange {
  group.timers.join.cancel();
  for (const member of [...group.members.values()]) {
    if (member.awaitingJoin === null && !member.isStatic) group.remove(member.memberId);
  }
  if (!group.electJoinedLeader() && group.members.size > 0) {
    // Static members alone, and none has come: wait until their sessions end or one comes.
    waitForRejoins(group, now);
    return NOTHING;
  }
  group.beginGeneration(now.wallMs);
  if (group.members.size === 0) {
    return writeRecords([groupMetadataRecord(group)], (error) => {
      // An empty generation that is lost is no harm: the one before it comes back after a restart and times
      // out.
      if (error === null) return;
      const fields = { group: group.groupId, error: operationError(error).name };
      services.logger.warn("the record of an empty group could not be written", fields);
    });
  }
  const metadata = group.memberMetadata();
  for (const member of group.members.values()) {
    const response = makeJoinGroupResponse({
      members: group.isLeader(member.memberId) ? metadata : [],
      memberId: member.memberId,
      generationId: group.generationId,
      protocolName: group.protocolName,
      protocolType: group.protocolType,
      leader: group.leaderId ?? "",
    });
    answerJoin(services, group, member, response);
    renewSession(member, now);
    member.isNew = false;
    group.pendingSyncs.add(member.memberId);
  }
  group.timers.sync.set(now.monotonicMs + group.rebalanceTimeoutMs);
  return NOTHING;
}
