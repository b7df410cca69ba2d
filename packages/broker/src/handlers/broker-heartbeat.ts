// BrokerHeartbeat, key 63, versions 0 to 2. A broker says that it lives, how far it has read the metadata,
// and what it wants to be: unfenced, fenced or gone; served on the controller's listener.
// - Only who may act as the cluster: CLUSTER_AUTHORIZATION_FAILED else. STALE_BROKER_EPOCH and the rest are
// the controller's.
// - v1 offline log directories (KIP-858). v2 cordoned ones (KIP-1066).
import {
  type BrokerHeartbeatRequest,
  type BrokerHeartbeatResponse,
  type ErrorSpec,
  makeBrokerHeartbeatResponse,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Reply } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";

export function handleBrokerHeartbeat(
  broker: BrokerServices,
  context: RequestContext,
  request: BrokerHeartbeatRequest,
  reply: Reply<BrokerHeartbeatResponse>,
): void {
  broker.controllerChannel.submit<BrokerHeartbeatResponse>(context, request, reply);
}

export function brokerHeartbeatErrorReply(
  _request: BrokerHeartbeatRequest,
  error: ErrorSpec,
): BrokerHeartbeatResponse {
  return makeBrokerHeartbeatResponse({ errorCode: error.code });
}
