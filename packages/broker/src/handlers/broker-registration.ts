// BrokerRegistration, key 62, versions 0 to 4. A broker joins the cluster and gets its epoch; served on the
// controller's listener.
// - Only who may act as the cluster: CLUSTER_AUTHORIZATION_FAILED else.
// - The decision is the controller's: DUPLICATE_BROKER_REGISTRATION, INCONSISTENT_CLUSTER_ID,
// UNSUPPORTED_VERSION and others.
// - v1 migration from ZooKeeper, v2 log directories, v3 previous epoch (KIP-966), v4 feature levels from 0.
import {
  type BrokerRegistrationRequest,
  type BrokerRegistrationResponse,
  type ErrorSpec,
  makeBrokerRegistrationResponse,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Reply } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";

export function handleBrokerRegistration(
  broker: BrokerServices,
  context: RequestContext,
  request: BrokerRegistrationRequest,
  reply: Reply<BrokerRegistrationResponse>,
): void {
  broker.controllerChannel.submit<BrokerRegistrationResponse>(context, request, reply);
}

export function brokerRegistrationErrorReply(
  _request: BrokerRegistrationRequest,
  error: ErrorSpec,
): BrokerRegistrationResponse {
  return makeBrokerRegistrationResponse({ errorCode: error.code, brokerEpoch: -1n });
}
