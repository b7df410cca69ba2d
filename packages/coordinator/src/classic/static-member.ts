// A static member that comes back without its member id: it takes the place of its former self (KIP-345).
// Where that changes nothing for the others, the group stays stable and only its record is written anew.
import { errors, makeJoinGroupResponse, makeSyncGroupResponse } from "@ottla/protocol";
import { type GroupChange, writeRecords } from "../group/group-decision.ts";
import type { GroupServices } from "../group/group-services.ts";
import { operationError } from "../group/operation-error.ts";
import type { DecisionTime } from "../runtime/decision.ts";
import { answerJoin, answerSync } from "./answers.ts";
import type { ClassicGroup } from "./classic-group.ts";
import type { ClassicMember } from "./classic-member.ts";
import { groupMetadataRecord } from "./group-metadata-record.ts";
import { type Join, presentGeneration } from "./join.ts";
import { newMember } from "./live-groups.ts";
import { maybeCompleteJoin, prepareRebalance, rebalanceOrCompleteJoin, renewSession } from "./rebalance.ts";

/** From this version on a leader is told who the members are, and that it need not assign (KIP-814). */
const SKIP_ASSIGNMENT_SINCE = 9;

export function replaceStaticMember(
  services: GroupServices,
  group: ClassicGroup,
  join: Join,
  old: ClassicMember,
  newMemberId: string,
  now: DecisionTime,
): GroupChange {
  const formerLeader = group.leaderId;
  const member = takePlace(services, group, old, newMemberId);
  group.update(member, join.protocols, join.request, join.answer);
  renewSession(member, now);
  switch (group.state) {
    case "Stable":
      if (group.protocolName !== group.selectProtocol()) return rebalanceOrCompleteJoin(services, group, now);
      return recordReplacement(services, group, join, { member, old, formerLeader });
    case "CompletingRebalance":
      // The leader may have the old id already and would assign nothing to the new one.
      return prepareRebalance(services, group, now);
    case "PreparingRebalance":
      return maybeCompleteJoin(services, group, now);
    case "Empty":
    case "Dead":
      throw new Error(`group ${group.groupId} is ${group.state} and has a static member`);
  }
}

/** Who waits under the old id is fenced at once. */
function takePlace(
  services: GroupServices,
  group: ClassicGroup,
  old: ClassicMember,
  newMemberId: string,
): ClassicMember {
  const errorCode = errors.FENCED_INSTANCE_ID.code;
  answerJoin(services, group, old, makeJoinGroupResponse({ memberId: old.memberId, errorCode }));
  answerSync(services, old, makeSyncGroupResponse({ errorCode }));
  const member = newMember(services, group, {
    memberId: newMemberId,
    groupInstanceId: old.groupInstanceId,
    clientId: old.clientId,
    clientHost: old.clientHost,
    protocolType: old.protocolType,
    rebalanceTimeoutMs: old.rebalanceTimeoutMs,
    sessionTimeoutMs: old.sessionTimeoutMs,
    protocols: old.protocols,
    assignment: old.assignment,
  });
  group.replace(old, member);
  return member;
}

interface Replacement {
  readonly member: ClassicMember;
  readonly old: ClassicMember;
  readonly formerLeader: string | null;
}

function recordReplacement(
  services: GroupServices,
  group: ClassicGroup,
  join: Join,
  { member, old, formerLeader }: Replacement,
): GroupChange {
  const { memberId } = member;
  return writeRecords([groupMetadataRecord(group)], (error, now) => {
    if (group.members.get(memberId) !== member) return;
    if (error !== null) {
      const errorCode = operationError(error).code;
      const response = { ...presentGeneration(group, ""), leader: formerLeader ?? "", errorCode };
      answerJoin(services, group, member, response);
      const { protocols, rebalanceTimeoutMs, sessionTimeoutMs } = old;
      group.update(member, protocols, { rebalanceTimeoutMs, sessionTimeoutMs }, null);
      renewSession(takePlace(services, group, member, old.memberId), now);
      return;
    }
    // Once a rebalance has begun, it has joined that one and is answered when it ends.
    if (group.state !== "Stable") return;
    const generation = presentGeneration(group, memberId);
    if (join.context.apiVersion < SKIP_ASSIGNMENT_SINCE) {
      // The client is told the leader under its former id, so that a leader that comes back does not assign
      // anew.
      return answerJoin(services, group, member, { ...generation, leader: formerLeader ?? "" });
    }
    const isLeader = group.isLeader(memberId);
    const members = isLeader ? group.memberMetadata() : [];
    answerJoin(services, group, member, { ...generation, members, skipAssignment: isLeader });
  });
}
