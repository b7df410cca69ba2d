// Heartbeat: the member lives, and hears whether the group rebalances. The most frequent request; it writes
// nothing.
import { type ErrorSpec, errors, type HeartbeatRequest } from "@ottla/protocol";
import { type GroupDecision, softReply } from "../group/group-decision.ts";
import type { GroupServices } from "../group/group-services.ts";
import type { DecisionTime } from "../runtime/decision.ts";
import type { ClassicMember } from "./classic-member.ts";
import { findClassicGroup } from "./live-groups.ts";
import { memberProblem } from "./member-check.ts";
import { renewSession } from "./rebalance.ts";

export function decideHeartbeat(
  services: GroupServices,
  request: HeartbeatRequest,
  now: DecisionTime,
): GroupDecision<ErrorSpec> {
  return softReply(heartbeat(services, request, now));
}

function heartbeat(services: GroupServices, request: HeartbeatRequest, now: DecisionTime): ErrorSpec {
  const { groupId, memberId, groupInstanceId, generationId } = request;
  const group = findClassicGroup(services, groupId, now);
  if (group === null) return errors.UNKNOWN_MEMBER_ID;
  const problem = memberProblem(group, memberId, groupInstanceId);
  if (problem !== null) return problem;
  if (generationId !== group.generationId) return errors.ILLEGAL_GENERATION;
  if (group.state === "Empty") return errors.UNKNOWN_MEMBER_ID;
  renewSession(group.members.get(memberId) as ClassicMember, now);
  return group.state === "PreparingRebalance" ? errors.REBALANCE_IN_PROGRESS : errors.NONE;
}
