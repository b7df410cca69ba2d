// AlterPartitionReassignments, key 45, versions 0 to 1. Gives partitions other replicas, or takes back a
// change under way (KIP-455).
// - Needs ALTER on the cluster, else CLUSTER_AUTHORIZATION_FAILED.
// - No topics at all: nothing is done. A timeout that is over at once fails all of the request:
// REQUEST_TIMED_OUT. All else is the controller's.
// - v1 lets the client forbid another number of replicas (KIP-860).
import {
  type AlterPartitionReassignmentsRequest,
  type AlterPartitionReassignmentsResponse,
  type ErrorSpec,
  errors,
  makeAlterPartitionReassignmentsResponse,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Reply } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";
import { requireOnCluster } from "./cluster-permission.ts";

export function handleAlterPartitionReassignments(
  broker: BrokerServices,
  context: RequestContext,
  request: AlterPartitionReassignmentsRequest,
  reply: Reply<AlterPartitionReassignmentsResponse>,
): void {
  requireOnCluster(context, "ALTER");
  if (request.topics.length === 0) {
    const { allowReplicationFactorChange } = request;
    reply(makeAlterPartitionReassignmentsResponse({ allowReplicationFactorChange }));
    return;
  }
  if (request.timeoutMs <= 0) {
    reply(alterPartitionReassignmentsErrorReply(request, errors.REQUEST_TIMED_OUT, null));
    return;
  }
  broker.controllerChannel.submit(context, request, reply);
}

export function alterPartitionReassignmentsErrorReply(
  request: AlterPartitionReassignmentsRequest,
  error: ErrorSpec,
  message: string | null,
): AlterPartitionReassignmentsResponse {
  const errorCode = error.code;
  const responses = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({
      partitionIndex,
      errorCode,
      errorMessage: message,
    })),
  }));
  return makeAlterPartitionReassignmentsResponse({ errorCode, errorMessage: message, responses });
}
