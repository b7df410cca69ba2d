// AlterConfigs, key 33, versions 0 to 2. Replaces all settings of a resource: what is not named goes back to
// its default.
// - Needs ALTER_CONFIGS on the topic, the group, or the cluster; a resource twice in one request is
// INVALID_REQUEST.
// - Values are checked by the controller: INVALID_CONFIG; of brokers by the broker itself: INVALID_REQUEST.
// v1 and v2 change nothing in meaning (v2 flexible). Known gaps: levels of loggers cannot be changed
// (INVALID_REQUEST).
import {
  type AlterConfigsRequest,
  type AlterConfigsResponse,
  type ErrorSpec,
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
  const { accepted: resources, refused } = sortConfigChanges(
    broker,
    context,
    request.resources,
    ({ configs }) => configs.flatMap(({ name, value }) => (value === null ? [] : { name, value })),
  );
  if (resources.length === 0) {
    reply(makeAlterConfigsResponse({ responses: refused }));
    return;
  }
  broker.controllerChannel.submit<AlterConfigsResponse>(context, { ...request, resources }, (response) => {
    reply({ ...response, responses: [...response.responses, ...refused] });
  });
}

export function alterConfigsErrorReply(
  request: AlterConfigsRequest,
  error: ErrorSpec,
  message: string | null,
): AlterConfigsResponse {
  const responses = request.resources.map((resource) => failedConfigChange(resource, error, message));
  return makeAlterConfigsResponse({ responses });
}
