// The bit fields by which Metadata, DescribeCluster and others tell a client what it may do (KIP-430): bit n
// stands for the operation of code n.
import type { AclOperationName, AclResourceTypeName, RequestContext } from "../dispatch/request-context.ts";

/** The field's value when it was not asked for. */
export const notRequested = -2147483648;

const operationCodes: Readonly<Record<AclOperationName, number>> = {
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
};

const operationsOf: Readonly<Partial<Record<AclResourceTypeName, readonly AclOperationName[]>>> = {
  TOPIC: ["READ", "WRITE", "CREATE", "DELETE", "ALTER", "DESCRIBE", "DESCRIBE_CONFIGS", "ALTER_CONFIGS"],
  GROUP: ["READ", "DELETE", "DESCRIBE", "DESCRIBE_CONFIGS", "ALTER_CONFIGS"],
  CLUSTER: [
    "CREATE",
    "ALTER",
    "DESCRIBE",
    "CLUSTER_ACTION",
    "DESCRIBE_CONFIGS",
    "ALTER_CONFIGS",
    "IDEMPOTENT_WRITE",
  ],
};

/** What the caller may do to one resource, as a bit field. */
export function authorizedOperations(
  context: RequestContext,
  resourceType: AclResourceTypeName,
  name: string,
): number {
  let bits = 0;
  for (const operation of operationsOf[resourceType] ?? []) {
    if (context.isAllowed(operation, resourceType, name)) bits |= 1 << operationCodes[operation];
  }
  return bits;
}
