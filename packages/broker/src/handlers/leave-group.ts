// LeaveGroup, key 13, versions 0 to 5. Members leave a group: one that goes itself, or, from v3, any number
// that an administrator removes.
// - Needs READ on the group, else GROUP_AUTHORIZATION_FAILED. Everything else is the group coordinator's.
// v1 throttle time · v3 many members, each with its outcome; before that the one outcome is the request's ·
// v4 flexible · v5 reason
import {
  type ErrorSpec,
  errors,
  type LeaveGroupRequest,
  type LeaveGroupResponse,
  makeLeaveGroupRequestMemberIdentity,
  makeLeaveGroupResponse,
} from "@ottla/protocol";
import { groupRequest } from "../coordinator/group-request.ts";
import type { Handler } from "../dispatch/handler.ts";

const manyMembersFrom = 3;

export const handleLeaveGroup: Handler<LeaveGroupRequest, LeaveGroupResponse> = (
  broker,
  context,
  request,
  reply,
) => {
  if (!context.isAllowed("READ", "GROUP", request.groupId)) {
    reply(leaveGroupErrorReply(request, errors.GROUP_AUTHORIZATION_FAILED));
    return;
  }
  const isOne = context.apiVersion < manyMembersFrom;
  const members = isOne
    ? [makeLeaveGroupRequestMemberIdentity({ memberId: request.memberId })]
    : request.members;
  broker.groupCoordinator.leaveGroup(groupRequest(context), { ...request, members }, (response) => {
    if (!isOne || response.errorCode !== errors.NONE.code) {
      reply(response);
      return;
    }
    reply(makeLeaveGroupResponse({ errorCode: response.members[0]?.errorCode ?? errors.NONE.code }));
  });
};

/** The answer when nobody leaves. */
export function leaveGroupErrorReply(_request: LeaveGroupRequest, error: ErrorSpec): LeaveGroupResponse {
  return makeLeaveGroupResponse({ errorCode: error.code });
}
