// SyncGroup, key 14, versions 0 to 5. The leader of a generation brings everybody's assignment, every member
// gets its own; followers wait for the leader.
// - From v5 protocol type and name are mandatory: INCONSISTENT_GROUP_PROTOCOL without them. Needs READ on the
// group, else
//   GROUP_AUTHORIZATION_FAILED. Everything else is the group coordinator's.
// v1 throttle time · v3 static members · v4 flexible · v5 protocol type and name
import {
  type ErrorSpec,
  errors,
  makeSyncGroupResponse,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from "@ottla/protocol";
import { groupRequest } from "../coordinator/group-request.ts";
import type { Handler } from "../dispatch/handler.ts";

const protocolMandatoryFrom = 5;

export const handleSyncGroup: Handler<SyncGroupRequest, SyncGroupResponse> = (
  broker,
  context,
  request,
  reply,
) => {
  const { apiVersion } = context;
  const hasProtocol = request.protocolType !== null && request.protocolName !== null;
  if (apiVersion >= protocolMandatoryFrom && !hasProtocol) {
    reply(syncGroupErrorReply(request, errors.INCONSISTENT_GROUP_PROTOCOL));
  } else if (!context.isAllowed("READ", "GROUP", request.groupId)) {
    reply(syncGroupErrorReply(request, errors.GROUP_AUTHORIZATION_FAILED));
  } else broker.groupCoordinator.syncGroup(groupRequest(context), request, reply);
};

/** The answer to a member without an assignment. */
export function syncGroupErrorReply(_request: SyncGroupRequest, error: ErrorSpec): SyncGroupResponse {
  return makeSyncGroupResponse({ errorCode: error.code });
}
