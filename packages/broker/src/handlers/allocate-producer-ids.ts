// AllocateProducerIds, key 67, version 0. A broker takes a block of producer ids that no other broker will
// give out; served on the controller's listener.
// - Only who may act as the cluster: CLUSTER_AUTHORIZATION_FAILED else. STALE_BROKER_EPOCH and
// BROKER_ID_NOT_REGISTERED are the controller's.
import {
  type AllocateProducerIdsRequest,
  type AllocateProducerIdsResponse,
  type ErrorSpec,
  makeAllocateProducerIdsResponse,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Reply } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";

export function handleAllocateProducerIds(
  broker: BrokerServices,
  context: RequestContext,
  request: AllocateProducerIdsRequest,
  reply: Reply<AllocateProducerIdsResponse>,
): void {
  broker.controllerChannel.submit<AllocateProducerIdsResponse>(context, request, reply);
}

export function allocateProducerIdsErrorReply(
  _request: AllocateProducerIdsRequest,
  error: ErrorSpec,
): AllocateProducerIdsResponse {
  return makeAllocateProducerIdsResponse({ errorCode: error.code });
}
