// IncrementalAlterConfigs (44): sets, deletes, appends to and subtracts from settings; each resource alone,
// all its changes or none.
import {
  errors,
  type IncrementalAlterConfigsRequest,
  type IncrementalAlterConfigsResponse,
  makeIncrementalAlterConfigsResponse,
} from "@ottla/protocol";
import type { ConfigResource } from "../../image/configs-image.ts";
import type { MetadataRecord } from "../../records/metadata-record.ts";
import type { Decision } from "../decision.ts";
import { runsByWeight } from "../request-parts.ts";
import { alteredConfigs, isListConfig, listBefore, unclearChanges } from "./config-changes.ts";
import { type Decider, type DecisionContext, type Refusal, refusal } from "./decision-context.ts";

/** Of a resource, as many times that of a setting. */
const resourceWeight = 4;

type Resource = IncrementalAlterConfigsRequest.AlterConfigsResource;

const SET = 0;
const DELETE = 1;
const APPEND = 2;
const SUBTRACT = 3;

export const incrementalAlterConfigs: Decider<
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse
> = {
  decide: decideIncrementalAlterConfigs,
  failed: (request, error, message) =>
    makeIncrementalAlterConfigsResponse({
      responses: request.resources.map((resource) => toResult(resource, refusal(error, message))),
    }),
  parts: () => ({
    cut: (request) =>
      runsByWeight(request.resources, ({ configs }) => resourceWeight + configs.length).map((resources) => ({
        ...request,
        resources: [...resources],
      })),
    join: (responses) =>
      makeIncrementalAlterConfigsResponse({ responses: responses.flatMap((part) => part.responses) }),
  }),
};

function decideIncrementalAlterConfigs(
  context: DecisionContext,
  request: IncrementalAlterConfigsRequest,
): Decision<IncrementalAlterConfigsResponse> {
  const records: MetadataRecord[] = [];
  const responses = request.resources.map((asked) => {
    const resource = { type: asked.resourceType, name: asked.resourceName };
    const changes = changesOf(context, resource, asked);
    const altered = "error" in changes ? changes : alteredConfigs(context, resource, changes);
    if ("error" in altered) return toResult(asked, altered);
    records.push(...altered);
    return toResult(asked, null);
  });
  const response = makeIncrementalAlterConfigsResponse({ responses });
  return { records: request.validateOnly ? [] : records, response, atomic: false };
}

function changesOf(
  context: DecisionContext,
  resource: ConfigResource,
  asked: Resource,
): Map<string, string | null> | Refusal {
  const valued = asked.configs.map(({ name, value, configOperation }) => ({
    name,
    value: configOperation === DELETE ? "" : value,
  }));
  const unclear = unclearChanges(valued);
  if (unclear !== null) return unclear;
  const changes = new Map<string, string | null>();
  for (const { name, configOperation, value } of asked.configs) {
    if (configOperation === DELETE) changes.set(name, null);
    else if (configOperation === SET) changes.set(name, value);
    else if (configOperation === APPEND || configOperation === SUBTRACT) {
      if (!isListConfig(resource, name)) {
        const verb = configOperation === APPEND ? "APPEND" : "SUBTRACT";
        const text = `Can't ${verb} to key ${name} because its type is not LIST.`;
        return refusal(errors.INVALID_CONFIG, text);
      }
      const before = listBefore(context, resource, name);
      changes.set(name, changedList(before, value ?? "", configOperation === APPEND));
    } else return refusal(errors.INVALID_REQUEST, `Unknown operation ${configOperation}.`);
  }
  return changes;
}

function changedList(current: string, change: string, isAppend: boolean): string {
  const entries = listEntries(current);
  const named = listEntries(change);
  if (!isAppend) return entries.filter((entry) => !named.includes(entry)).join(",");
  return [...entries, ...named.filter((entry) => !entries.includes(entry))].join(",");
}

function listEntries(text: string): string[] {
  return text.split(",").flatMap((entry) => entry.trim() || []);
}

function toResult(
  resource: Resource,
  refused: Refusal | null,
): IncrementalAlterConfigsResponse.AlterConfigsResourceResponse {
  const { resourceType, resourceName } = resource;
  const errorMessage = refused?.message ?? null;
  return { errorCode: refused?.error.code ?? 0, errorMessage, resourceType, resourceName };
}
