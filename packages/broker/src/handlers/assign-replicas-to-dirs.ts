// AssignReplicasToDirs, key 73, version 0. A broker tells in which of its log directories its replicas lie
// (KIP-858); served on the controller's listener.
// - Only who may act as the cluster: CLUSTER_AUTHORIZATION_FAILED else. STALE_BROKER_EPOCH and the rest are
// the controller's.
import {
  type AssignReplicasToDirsRequest,
  type AssignReplicasToDirsResponse,
  type ErrorSpec,
  makeAssignReplicasToDirsResponse,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Reply } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";

export function handleAssignReplicasToDirs(
  broker: BrokerServices,
  context: RequestContext,
  request: AssignReplicasToDirsRequest,
  reply: Reply<AssignReplicasToDirsResponse>,
): void {
  broker.controllerChannel.submit<AssignReplicasToDirsResponse>(context, request, reply);
}

export function assignReplicasToDirsErrorReply(
  _request: AssignReplicasToDirsRequest,
  error: ErrorSpec,
): AssignReplicasToDirsResponse {
  return makeAssignReplicasToDirsResponse({ errorCode: error.code });
}
