// What both APIs that change settings decide before the controller is asked: they refuse resources named
// twice, of an unknown type, not this client's to change, or of brokers and such that this broker could not
// take them. Levels of loggers are this node's own matter.
import { configResourceTypes } from "@ottla/metadata";
import { endsPiece, type Pieces } from "@ottla/ports";
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

/** What an API knows of the resources that it changes. */
interface ChangedResources<Resource> {
  /** The settings of a resource that get a value. */
  newSettings(resource: Resource): readonly NewSetting[];
  /** Changes levels of loggers; why not, or null. */
  changeLoggers(resource: Resource): Problem | null;
}

/** A request, parted into what the controller is asked and what is decided here. */
export interface SortedConfigChanges<Resource> {
  readonly accepted: Resource[];
  readonly decided: ConfigChangeResult[];
}

/** Parts a request, a few resources a piece. */
export function* sortConfigChanges<Resource extends ChangedResource>(
  broker: BrokerServices,
  context: RequestContext,
  resources: readonly Resource[],
  api: ChangedResources<Resource>,
): Pieces<SortedConfigChanges<Resource>> {
  const counts = new Map<string, number>();
  let items = 0;
  for (const resource of resources) {
    counts.set(keyOf(resource), (counts.get(keyOf(resource)) ?? 0) + 1);
    if (endsPiece(++items)) yield;
  }
  const accepted: Resource[] = [];
  const decided: ConfigChangeResult[] = [];
  for (const resource of resources) {
    if (endsPiece(++items)) yield;
    const isRepeated = (counts.get(keyOf(resource)) ?? 0) > 1;
    const problem = isRepeated
      ? repeated
      : (problemOf(context, resource) ??
        (yield* brokerProblem(broker, context, resource, api.newSettings(resource))));
    const isLogger = problem === null && resource.resourceType === configResourceTypes.BROKER_LOGGER;
    const refusal = isLogger ? api.changeLoggers(resource) : problem;
    if (refusal !== null) decided.push(failedConfigChange(resource, refusal.error, refusal.message));
    else if (isLogger) decided.push(doneConfigChange(resource));
    else accepted.push(resource);
  }
  return { accepted, decided };
}

export function failedConfigChange(
  resource: ChangedResource,
  error: ErrorSpec,
  message: string | null,
): ConfigChangeResult {
  const { resourceType, resourceName } = resource;
  return { errorCode: error.code, errorMessage: message ?? error.meaning, resourceType, resourceName };
}

function doneConfigChange({ resourceType, resourceName }: ChangedResource): ConfigChangeResult {
  return { errorCode: errors.NONE.code, errorMessage: null, resourceType, resourceName };
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
  return denial === null ? null : { error: denial, message: null };
}

/** On the controller's listener the node is no broker, and the brokers' settings are not its own. */
function* brokerProblem(
  broker: BrokerServices,
  context: RequestContext,
  { resourceType, resourceName }: ChangedResource,
  settings: readonly NewSetting[],
): Pieces<Problem | null> {
  if (resourceType !== configResourceTypes.BROKER) return null;
  if (broker.listenerRole(context.listenerName) !== "broker") return null;
  const message = yield* brokerConfigProblem(broker.nodeId, resourceName, settings);
  return message === null ? null : { error: errors.INVALID_REQUEST, message };
}
