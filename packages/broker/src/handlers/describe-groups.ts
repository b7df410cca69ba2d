// DescribeGroups, key 15, versions 0 to 6. State, protocol and members of groups.
// - Needs DESCRIBE on each group, else GROUP_AUTHORIZATION_FAILED for it; such groups come first in the
// answer. Everything else is the group
//   coordinator's.
// v1 throttle time · v3 permitted operations · v4 static members · v5 flexible · v6 error message; a group
// that does not exist is GROUP_ID_NOT_FOUND, before that one in state Dead
import {
  type DescribeGroupsRequest,
  type DescribeGroupsResponse,
  type ErrorSpec,
  errors,
  makeDescribeGroupsResponse,
  makeDescribeGroupsResponseDescribedGroup,
} from "@ottla/protocol";
import { authorizedOperations } from "../authorizer/authorized-operations.ts";
import { groupRequest } from "../coordinator/group-request.ts";
import type { Handler } from "../dispatch/handler.ts";
import { dispatchLimits } from "../limits.ts";

type DescribedGroup = DescribeGroupsResponse.DescribedGroup;

export const handleDescribeGroups: Handler<DescribeGroupsRequest, DescribeGroupsResponse> = (
  broker,
  context,
  request,
  reply,
) => {
  const describable = context.allowed("DESCRIBE", "GROUP", new Set(request.groups));
  const refused = request.groups
    .filter((groupId) => !describable.has(groupId))
    .map((groupId) => failed(groupId, errors.GROUP_AUTHORIZATION_FAILED));
  const groups = request.groups.filter((groupId) => describable.has(groupId));
  if (groups.length === 0) {
    reply(makeDescribeGroupsResponse({ groups: refused }));
    return;
  }
  broker.groupCoordinator.describeGroups(groupRequest(context), { ...request, groups }, (response) => {
    const members = response.groups.reduce((sum, group) => sum + group.members.length, 0);
    if (groups.length + members > dispatchLimits.answeredAtOnceMax) context.answersInSlices();
    if (request.includeAuthorizedOperations) {
      for (const group of response.groups) {
        if (group.errorCode !== errors.NONE.code) continue;
        group.authorizedOperations = authorizedOperations(context, "GROUP", group.groupId);
      }
    }
    reply({ ...response, groups: [...refused, ...response.groups] });
  });
};

/** Names every group that was asked for. */
export function describeGroupsErrorReply(
  request: DescribeGroupsRequest,
  error: ErrorSpec,
): DescribeGroupsResponse {
  return makeDescribeGroupsResponse({ groups: request.groups.map((groupId) => failed(groupId, error)) });
}

function failed(groupId: string, error: ErrorSpec): DescribedGroup {
  return makeDescribeGroupsResponseDescribedGroup({ groupId, errorCode: error.code });
}
