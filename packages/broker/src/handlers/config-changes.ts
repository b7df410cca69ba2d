// What both APIs that change settings refuse before the controller is asked: resources named twice, of an
// unknown type, not this client's to change, or of brokers and such that this broker could not take them.
import { configResourceTypes } from "@ottla/metadata";
import { type ErrorSpec, errors } from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { RequestContext } from "../dispatch/request-context.ts";
import { brokerConfigProblem, type NewSetting } from "./broker-config-changes.ts";
import { configDenial, isConfigResourceType } from "./config-permission.ts";

interface ChangedResource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** Result of one resource, the same in both APIs. */
export interface ConfigChangeResult {
  errorCode: number;
  errorMessage: string | null;
  resourceType: number;
  resourceName: string;
}

/**
 * Parts a request into what the controller is asked and what is refused here; `newSettings` are those of a
 * resource that get a value.
 */
export function sortConfigChanges<Resource extends ChangedResource>(
  broker: BrokerServices,
  context: RequestContext,
  resources: readonly Resource[],
  newSettings: (resource: Resource) => readonly NewSetting[],
): { accepted: Resource[]; refused: ConfigChangeResult[] } {
  const counts = new Map<string, number>();
  for (const resource of resources) counts.set(keyOf(resource), (counts.get(keyOf(resource)) ?? 0) + 1);
  const accepted: Resource[] = [];
  const refused: ConfigChangeResult[] = [];
  for (const resource of resources) {
    const isRepeated = (counts.get(keyOf(resource)) ?? 0) > 1;
    const problem = isRepeated
      ? repeated
      : (problemOf(context, resource) ?? brokerProblem(broker, context, resource, newSettings(resource)));
    if (problem === null) accepted.push(resource);
    else refused.push(failedConfigChange(resource, problem.error, problem.message));
  }
  return { accepted, refused };
}

export function failedConfigChange(
  resource: ChangedResource,
  error: ErrorSpec,
  message: string | null,
): ConfigChangeResult {
  const { resourceType, resourceName } = resource;
  return { errorCode: error.code, errorMessage: message ?? error.meaning, resourceType, resourceName };
}

interface Problem {
  readonly error: ErrorSpec;
  readonly message: string | null;
}

const repeated: Problem = {
  error: errors.INVALID_REQUEST,
  message: "Each resource must appear at most once.",
};

function keyOf({ resourceType, resourceName }: ChangedResource): string {
  return `${resourceType}:${resourceName}`;
}

function problemOf(
  context: RequestContext,
  { resourceType: type, resourceName: name }: ChangedResource,
): Problem | null {
  if (!isConfigResourceType(type)) {
    return { error: errors.INVALID_REQUEST, message: `Unknown resource type ${type}` };
  }
  const denial = configDenial(context, "ALTER_CONFIGS", { type, name });
  if (denial !== null) return { error: denial, message: null };
  if (type !== configResourceTypes.BROKER_LOGGER) return null;
  return { error: errors.INVALID_REQUEST, message: "Levels of loggers cannot be changed." };
}

/** On the controller's listener the node is no broker, and the brokers' settings are not its own. */
function brokerProblem(
  broker: BrokerServices,
  context: RequestContext,
  { resourceType, resourceName }: ChangedResource,
  settings: readonly NewSetting[],
): Problem | null {
  if (resourceType !== configResourceTypes.BROKER) return null;
  if (broker.listenerRole(context.listenerName) !== "broker") return null;
  const message = brokerConfigProblem(broker.nodeId, resourceName, settings);
  return message === null ? null : { error: errors.INVALID_REQUEST, message };
}
