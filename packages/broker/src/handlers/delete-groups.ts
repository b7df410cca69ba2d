// DeleteGroups, key 42, versions 0 to 3. Forgets groups that nobody is a member of, with their offsets.
// - Needs DELETE on each group, else GROUP_AUTHORIZATION_FAILED for it. A group named twice is deleted and
// answered once. Everything else is the
//   group coordinator's.
// v1 throttle time · v2 flexible · v3 error message
import {
  type DeleteGroupsRequest,
  type DeleteGroupsResponse,
  type ErrorSpec,
  errors,
  makeDeleteGroupsResponse,
  makeDeleteGroupsResponseDeletableGroupResult,
} from "@ottla/protocol";
import { groupRequest } from "../coordinator/group-request.ts";
import type { Handler } from "../dispatch/handler.ts";

export const handleDeleteGroups: Handler<DeleteGroupsRequest, DeleteGroupsResponse> = (
  broker,
  context,
  request,
  reply,
) => {
  const names = new Set(request.groupsNames);
  const deletable = context.allowed("DELETE", "GROUP", names);
  const refused = failedResults(
    [...names].filter((name) => !deletable.has(name)),
    errors.GROUP_AUTHORIZATION_FAILED,
  );
  if (deletable.size === 0) {
    reply(makeDeleteGroupsResponse({ results: refused }));
    return;
  }
  const groupsNames = [...deletable];
  broker.groupCoordinator.deleteGroups(groupRequest(context), { ...request, groupsNames }, (response) => {
    reply({ ...response, results: [...response.results, ...refused] });
  });
};

/** Names every group that was asked for. */
export function deleteGroupsErrorReply(request: DeleteGroupsRequest, error: ErrorSpec): DeleteGroupsResponse {
  return makeDeleteGroupsResponse({ results: failedResults([...new Set(request.groupsNames)], error) });
}

function failedResults(
  groupIds: readonly string[],
  error: ErrorSpec,
): DeleteGroupsResponse.DeletableGroupResult[] {
  return groupIds.map((groupId) =>
    makeDeleteGroupsResponseDeletableGroupResult({ groupId, errorCode: error.code }),
  );
}
