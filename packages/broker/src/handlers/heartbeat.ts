// Heartbeat, key 12, versions 0 to 4. A member says that it is alive, and hears when it has to join again
// (REBALANCE_IN_PROGRESS).
// - Needs READ on the group, else GROUP_AUTHORIZATION_FAILED. Everything else is the group coordinator's.
// v1 throttle time · v3 static members · v4 flexible
import {
  type ErrorSpec,
  errors,
  type HeartbeatRequest,
  type HeartbeatResponse,
  makeHeartbeatResponse,
} from "@ottla/protocol";
import { groupRequest } from "../coordinator/group-request.ts";
import type { Handler } from "../dispatch/handler.ts";

export const handleHeartbeat: Handler<HeartbeatRequest, HeartbeatResponse> = (
  broker,
  context,
  request,
  reply,
) => {
  if (!context.isAllowed("READ", "GROUP", request.groupId)) {
    reply(heartbeatErrorReply(request, errors.GROUP_AUTHORIZATION_FAILED));
  } else broker.groupCoordinator.heartbeat(groupRequest(context), request, reply);
};

/** The answer of a heartbeat that does not count. */
export function heartbeatErrorReply(_request: HeartbeatRequest, error: ErrorSpec): HeartbeatResponse {
  return makeHeartbeatResponse({ errorCode: error.code });
}
