// Which permission the settings of a resource need, and which error says that it is missing. One rule for
// reading and changing.
import { configResourceTypes } from "@ottla/metadata";
import { type ErrorSpec, errors } from "@ottla/protocol";
import { clusterResourceName, type RequestContext } from "../dispatch/request-context.ts";

/** Null: allowed. The caller has checked that the type is known. */
export function configDenial(
  context: RequestContext,
  operation: "DESCRIBE_CONFIGS" | "ALTER_CONFIGS",
  resource: { readonly type: number; readonly name: string },
): ErrorSpec | null {
  switch (resource.type) {
    case configResourceTypes.TOPIC:
      if (context.isAllowed(operation, "TOPIC", resource.name)) return null;
      return errors.TOPIC_AUTHORIZATION_FAILED;
    case configResourceTypes.GROUP:
      if (context.isAllowed(operation, "GROUP", resource.name)) return null;
      return errors.GROUP_AUTHORIZATION_FAILED;
    default:
      if (context.isAllowed(operation, "CLUSTER", clusterResourceName)) return null;
      return errors.CLUSTER_AUTHORIZATION_FAILED;
  }
}

/** Whether settings exist for this type of resource. */
export function isConfigResourceType(type: number): boolean {
  return Object.values<number>(configResourceTypes).includes(type);
}
