// ListPartitionReassignments, key 46, version 0. Partitions whose replicas are being changed (KIP-455).
// - Needs DESCRIBE on the cluster, else CLUSTER_AUTHORIZATION_FAILED.
// - Null asks for all; topics and partitions that are not there are left out like those at rest.
// - Answered by the controller, which knows of changes first.
import {
  type ErrorSpec,
  type ListPartitionReassignmentsRequest,
  type ListPartitionReassignmentsResponse,
  makeListPartitionReassignmentsResponse,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Reply } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";
import { requireOnCluster } from "./cluster-permission.ts";

export function handleListPartitionReassignments(
  broker: BrokerServices,
  context: RequestContext,
  request: ListPartitionReassignmentsRequest,
  reply: Reply<ListPartitionReassignmentsResponse>,
): void {
  requireOnCluster(context, "DESCRIBE");
  broker.controllerChannel.submit(context, request, reply);
}

export function listPartitionReassignmentsErrorReply(
  _request: ListPartitionReassignmentsRequest,
  error: ErrorSpec,
  message: string | null,
): ListPartitionReassignmentsResponse {
  return makeListPartitionReassignmentsResponse({ errorCode: error.code, errorMessage: message });
}
