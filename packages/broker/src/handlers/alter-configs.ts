// AlterConfigs, key 33, versions 0 to 2. Replaces all settings of a resource: what is not named goes back to
// its default.
// - Needs ALTER_CONFIGS on the topic, the group, or the cluster; a resource twice in one request is
// INVALID_REQUEST.
// - Values are checked by the controller: INVALID_CONFIG; of brokers by the broker itself: INVALID_REQUEST.
// - Levels of loggers are IncrementalAlterConfigs' matter: INVALID_REQUEST.
// v1 and v2 change nothing in meaning (v2 flexible).
import {
  type AlterConfigsRequest,
  type AlterConfigsResponse,
  type ErrorSpec,
  errors,
  makeAlterConfigsResponse,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Reply } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";
import { failedConfigChange, sortConfigChanges } from "./config-changes.ts";

export function handleAlterConfigs(
  broker: BrokerServices,
  context: RequestContext,
  request: AlterConfigsRequest,
  reply: Reply<AlterConfigsResponse>,
): void {
  const sorting = sortConfigChanges(broker, context, request.resources, {
    newSettings: ({ configs }) =>
      configs.flatMap(({ name, value }) => (value === null ? [] : { name, value })),
    changeLoggers: refuseLoggers,
  });
  context.inSlices(sorting, ({ accepted: resources, decided }) => {
    if (resources.length === 0) {
      reply(makeAlterConfigsResponse({ responses: decided }));
      return;
    }
    broker.controllerChannel.submit<AlterConfigsResponse>(context, { ...request, resources }, (response) => {
      reply({ ...response, responses: [...response.responses, ...decided] });
    });
  });
}

/** Only IncrementalAlterConfigs changes levels. */
function refuseLoggers({ resourceType, configs }: AlterConfigsRequest.AlterConfigsResource) {
  const nulls = configs.filter(({ value }) => value === null).map(({ name }) => name);
  const message =
    nulls.length > 0
      ? `Null value not supported for : ${nulls.join(",")}`
      : `Unknown resource type ${resourceType}`;
  return { error: errors.INVALID_REQUEST, message };
}

export function alterConfigsErrorReply(
  request: AlterConfigsRequest,
  error: ErrorSpec,
  message: string | null,
): AlterConfigsResponse {
  const responses = request.resources.map((resource) => failedConfigChange(resource, error, message));
  return makeAlterConfigsResponse({ responses });
}
