// AlterConfigs (33): replaces all settings of a resource; what the request does not name goes. Each resource
// alone.
import {
  type AlterConfigsRequest,
  type AlterConfigsResponse,
  makeAlterConfigsResponse,
} from "@ottla/protocol";
import type { MetadataRecord } from "../../records/metadata-record.ts";
import type { Decision } from "../decision.ts";
import { runsByWeight } from "../request-parts.ts";
import { alteredConfigs, unclearChanges } from "./config-changes.ts";
import { type Decider, type DecisionContext, type Refusal, refusal } from "./decision-context.ts";

/** Of a resource, as many times that of a setting. */
const resourceWeight = 4;

type Resource = AlterConfigsRequest.AlterConfigsResource;

export const alterConfigs: Decider<AlterConfigsRequest, AlterConfigsResponse> = {
  decide: decideAlterConfigs,
  failed: (request, error, message) =>
    makeAlterConfigsResponse({
      responses: request.resources.map((resource) => toResult(resource, refusal(error, message))),
    }),
  parts: () => ({
    cut: (request) =>
      runsByWeight(request.resources, ({ configs }) => resourceWeight + configs.length).map((resources) => ({
        ...request,
        resources: [...resources],
      })),
    join: (responses) => makeAlterConfigsResponse({ responses: responses.flatMap((part) => part.responses) }),
  }),
};

function decideAlterConfigs(
  context: DecisionContext,
  request: AlterConfigsRequest,
): Decision<AlterConfigsResponse> {
  const records: MetadataRecord[] = [];
  const responses = request.resources.map((asked) => {
    const resource = { type: asked.resourceType, name: asked.resourceName };
    const wrong = unclearChanges(asked.configs);
    if (wrong !== null) return toResult(asked, wrong);
    const changes = new Map<string, string | null>(asked.configs.map(({ name, value }) => [name, value]));
    for (const name of context.state.image.configs.of(resource.type, resource.name).keys()) {
      if (!changes.has(name)) changes.set(name, null);
    }
    const altered = alteredConfigs(context, resource, changes);
    if ("error" in altered) return toResult(asked, altered);
    records.push(...altered);
    return toResult(asked, null);
  });
  const response = makeAlterConfigsResponse({ responses });
  return { records: request.validateOnly ? [] : records, response, atomic: false };
}

function toResult(
  resource: Resource,
  refused: Refusal | null,
): AlterConfigsResponse.AlterConfigsResourceResponse {
  const { resourceType, resourceName } = resource;
  const errorMessage = refused?.message ?? null;
  return { errorCode: refused?.error.code ?? 0, errorMessage, resourceType, resourceName };
}
