// LeaveGroup: members that go of their own will, or static ones that an administrator removes by instance id
// (from version 3, several at once).
import {
  type ErrorSpec,
  errors,
  type LeaveGroupRequest,
  type LeaveGroupResponse,
  makeLeaveGroupResponse,
  makeLeaveGroupResponseMemberResponse,
} from "@ottla/protocol";
import type { GroupDecision } from "../group/group-decision.ts";
import { NOTHING, replyOnly } from "../group/group-decision.ts";
import type { GroupServices } from "../group/group-services.ts";
import type { DecisionTime } from "../runtime/decision.ts";
import type { ClassicGroup } from "./classic-group.ts";
import { findClassicGroup } from "./live-groups.ts";
import { memberProblem } from "./member-check.ts";
import { maybeCompleteJoin, rebalanceOrCompleteJoin, removeMember } from "./rebalance.ts";

/** `request` in the form of version 3 and later. */
export function decideLeave(
  services: GroupServices,
  request: LeaveGroupRequest,
  now: DecisionTime,
): GroupDecision<LeaveGroupResponse> {
  const group = findClassicGroup(services, request.groupId, now);
  let haveLeft = false;
  const members = request.members.map(({ memberId, groupInstanceId }) => {
    const problem =
      group === null ? errors.UNKNOWN_MEMBER_ID : leave(services, group, memberId, groupInstanceId);
    haveLeft ||= problem === null;
    const errorCode = (problem ?? errors.NONE).code;
    return makeLeaveGroupResponseMemberResponse({ memberId, groupInstanceId, errorCode });
  });
  const reply = makeLeaveGroupResponse({ members });
  if (group === null || !haveLeft) return replyOnly(reply);
  return { ...afterLeaving(services, group, now), reply };
}

function afterLeaving(services: GroupServices, group: ClassicGroup, now: DecisionTime): GroupDecision<void> {
  switch (group.state) {
    case "Stable":
    case "CompletingRebalance":
      return rebalanceOrCompleteJoin(services, group, now);
    case "PreparingRebalance":
      return maybeCompleteJoin(services, group, now);
    case "Empty":
    case "Dead":
      return NOTHING;
  }
}

/** Null when the member is gone. */
function leave(
  services: GroupServices,
  group: ClassicGroup,
  memberId: string,
  groupInstanceId: string | null,
): ErrorSpec | null {
  if (memberId !== "" && group.pendingJoins.has(memberId)) {
    group.remove(memberId);
    return null;
  }
  // Without a member id, an instance id names whoever has it now.
  const present = groupInstanceId === null ? undefined : group.staticMembers.get(groupInstanceId);
  const leavingId = memberId === "" ? present : memberId;
  if (leavingId === undefined) return errors.UNKNOWN_MEMBER_ID;
  const problem = memberProblem(group, leavingId, groupInstanceId);
  if (problem !== null) return problem;
  const member = group.members.get(leavingId);
  if (member !== undefined) removeMember(services, group, member);
  return null;
}
