// A JoinGroup on its way through the decision, and the ways in which it is answered at once.
import {
  type ErrorSpec,
  type JoinGroupRequest,
  type JoinGroupResponse,
  makeJoinGroupResponse,
} from "@ottla/protocol";
import { type GroupChange, NOTHING } from "../group/group-decision.ts";
import type { GroupServices } from "../group/group-services.ts";
import type { GroupRequestContext } from "../group-request-context.ts";
import type { ClassicGroup } from "./classic-group.ts";
import type { JoinAnswer, MemberProtocol } from "./classic-member.ts";

/** A JoinGroup that is being decided. */
export interface Join {
  readonly context: GroupRequestContext;
  readonly request: JoinGroupRequest;
  /** Copies, names unique. */
  readonly protocols: readonly MemberProtocol[];
  readonly answer: JoinAnswer;
}

/** Answers a join with an error at once. */
export function refuse(services: GroupServices, join: Join, memberId: string, error: ErrorSpec): GroupChange {
  respond(services, join, makeJoinGroupResponse({ memberId, errorCode: error.code }));
  return NOTHING;
}

export function respond(services: GroupServices, join: Join, response: JoinGroupResponse): void {
  services.context.answerLater(() => join.answer(response));
}

/** The present generation as a member is told it. */
export function presentGeneration(group: ClassicGroup, memberId: string): JoinGroupResponse {
  return makeJoinGroupResponse({
    memberId,
    generationId: group.generationId,
    protocolName: group.protocolName,
    protocolType: group.protocolType,
    leader: group.leaderId ?? "",
  });
}
