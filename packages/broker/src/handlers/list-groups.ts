// ListGroups, key 16, versions 0 to 5. The groups that this broker coordinates.
// - Whoever may DESCRIBE the cluster sees all of them, others the groups that they may DESCRIBE; what is
// hidden is no error.
// - While a partition of `__consumer_offsets` is being loaded: COORDINATOR_LOAD_IN_PROGRESS, as the group
// coordinator says. v1 throttle time · v3 flexible · v4 filter by state · v5 filter by type
import {
  type ErrorSpec,
  type ListGroupsRequest,
  type ListGroupsResponse,
  makeListGroupsResponse,
} from "@ottla/protocol";
import { groupRequest } from "../coordinator/group-request.ts";
import type { Handler } from "../dispatch/handler.ts";
import { clusterResourceName } from "../dispatch/request-context.ts";
import { dispatchLimits } from "../limits.ts";

export const handleListGroups: Handler<ListGroupsRequest, ListGroupsResponse> = (
  broker,
  context,
  request,
  reply,
) => {
  const seesAll = context.isAllowed("DESCRIBE", "CLUSTER", clusterResourceName);
  broker.groupCoordinator.listGroups(groupRequest(context), request, (response) => {
    if (response.groups.length > dispatchLimits.answeredAtOnceMax) context.answersInSlices();
    if (seesAll) {
      reply(response);
      return;
    }
    const names = response.groups.map(({ groupId }) => groupId);
    const visible = context.allowed("DESCRIBE", "GROUP", names);
    reply({ ...response, groups: response.groups.filter(({ groupId }) => visible.has(groupId)) });
  });
};

/** The answer without a list. */
export function listGroupsErrorReply(_request: ListGroupsRequest, error: ErrorSpec): ListGroupsResponse {
  return makeListGroupsResponse({ errorCode: error.code });
}
