// IncrementalAlterConfigs, key 44, versions 0 to 1. Sets, deletes, appends to and subtracts from single
// settings (KIP-339).
// - Needs ALTER_CONFIGS on the topic, the group, or the cluster; a resource twice in one request is
// INVALID_REQUEST.
// - Values are checked by the controller: INVALID_CONFIG; of brokers by the broker itself: INVALID_REQUEST.
// - Levels of this node's loggers (KIP-412) change at once and until it stops; unknown loggers and levels are
// INVALID_CONFIG.
// v1 is flexible, nothing else.
import {
  type ErrorSpec,
  type IncrementalAlterConfigsRequest,
  type IncrementalAlterConfigsResponse,
  makeIncrementalAlterConfigsResponse,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Reply } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";
import type { NewSetting } from "./broker-config-changes.ts";
import { failedConfigChange, sortConfigChanges } from "./config-changes.ts";
import { changeLoggers } from "./logger-changes.ts";

const SET = 0;
const APPEND = 2;

export function handleIncrementalAlterConfigs(
  broker: BrokerServices,
  context: RequestContext,
  request: IncrementalAlterConfigsRequest,
  reply: Reply<IncrementalAlterConfigsResponse>,
): void {
  const sorting = sortConfigChanges(broker, context, request.resources, {
    newSettings: ({ configs }) => configs.flatMap(newSetting),
    changeLoggers: ({ resourceName, configs }) =>
      changeLoggers(broker, resourceName, configs, request.validateOnly),
  });
  context.inSlices(sorting, ({ accepted: resources, decided }) => {
    if (resources.length === 0) {
      reply(makeIncrementalAlterConfigsResponse({ responses: decided }));
      return;
    }
    const effective = { ...request, resources };
    broker.controllerChannel.submit<IncrementalAlterConfigsResponse>(context, effective, (response) => {
      reply({ ...response, responses: [...response.responses, ...decided] });
    });
  });
}

/** The setting that a change gives a value, or none. */
function newSetting({
  name,
  value,
  configOperation,
}: IncrementalAlterConfigsRequest.AlterableConfig): readonly NewSetting[] {
  if (value === null) return [];
  return configOperation === SET || configOperation === APPEND ? [{ name, value }] : [];
}

export function incrementalAlterConfigsErrorReply(
  request: IncrementalAlterConfigsRequest,
  error: ErrorSpec,
  message: string | null,
): IncrementalAlterConfigsResponse {
  const responses = request.resources.map((resource) => failedConfigChange(resource, error, message));
  return makeIncrementalAlterConfigsResponse({ responses });
}
