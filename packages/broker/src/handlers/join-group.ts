// JoinGroup, key 11, versions 0 to 9. A member of a classic group asks for its place in the next generation;
// the answer comes when the members that were waited for have joined, so it may take as long as a rebalance.
// - Needs READ on the group, else GROUP_AUTHORIZATION_FAILED. Everything else is the group coordinator's.
// v1 rebalance timeout (before that the session timeout counts) · v2 throttle time · v4 MEMBER_ID_REQUIRED: a
// new member is given its id first
// · v5 static members · v6 flexible · v7 protocol type, protocol name null in errors · v8 reason · v9
// skipAssignment
import {
  type ErrorSpec,
  errors,
  type JoinGroupRequest,
  type JoinGroupResponse,
  makeJoinGroupResponse,
} from "@ottla/protocol";
import { groupRequest } from "../coordinator/group-request.ts";
import type { Handler } from "../dispatch/handler.ts";
import { dispatchLimits } from "../limits.ts";

const nullableProtocolFrom = 7;

export const handleJoinGroup: Handler<JoinGroupRequest, JoinGroupResponse> = (
  broker,
  context,
  request,
  reply,
) => {
  if (!context.isAllowed("READ", "GROUP", request.groupId)) {
    const protocolName = context.apiVersion < nullableProtocolFrom ? "" : null;
    reply({ ...joinGroupErrorReply(request, errors.GROUP_AUTHORIZATION_FAILED), protocolName });
  } else {
    broker.groupCoordinator.joinGroup(groupRequest(context), request, (response) => {
      // The leader's, of a group with very many members.
      if (response.members.length > dispatchLimits.answeredAtOnceMax) context.answersInSlices();
      reply(response);
    });
  }
};

/** The answer to whoever does not get in. */
export function joinGroupErrorReply(_request: JoinGroupRequest, error: ErrorSpec): JoinGroupResponse {
  return makeJoinGroupResponse({ errorCode: error.code });
}
