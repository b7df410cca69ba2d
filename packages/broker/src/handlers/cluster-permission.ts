// What the APIs that work on the cluster as a whole need of their client, where the answer to one who may not
// is the API's own error reply.
import { errors, KafkaError } from "@ottla/protocol";
import {
  type AclOperationName,
  clusterResourceName,
  type RequestContext,
} from "../dispatch/request-context.ts";

/** @throws KafkaError CLUSTER_AUTHORIZATION_FAILED, which fails the whole request. */
export function requireOnCluster(context: RequestContext, operation: AclOperationName): void {
  if (context.isAllowed(operation, "CLUSTER", clusterResourceName)) return;
  throw new KafkaError(errors.CLUSTER_AUTHORIZATION_FAILED);
}
