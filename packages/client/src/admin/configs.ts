// Admin calls about configs. What belongs to one broker is asked of that broker, all else of any.
import {
  type DescribeConfigsResponse,
  makeDescribeConfigsRequest,
  makeDescribeConfigsRequestDescribeConfigsResource,
  makeIncrementalAlterConfigsRequest,
  makeIncrementalAlterConfigsRequestAlterableConfig,
  makeIncrementalAlterConfigsRequestAlterConfigsResource,
  makeListConfigResourcesRequest,
} from "@ottla/protocol";
import type { Target } from "../cluster/cluster-connections.ts";
import { KafkaError, kafkaErrorOf } from "../errors/kafka-error.ts";
import { type AdminContext, anyNode } from "./admin-context.ts";
import {
  type AlterConfigOp,
  type CallOptions,
  type ConfigEntry,
  type ConfigResource,
  configResourceTypes,
} from "./admin-types.ts";
import { describeConfigsApi, incrementalAlterConfigsApi, listConfigResourcesApi } from "./apis.ts";
import type { ValidateOptions } from "./topics.ts";

/** Code of a value that was set nowhere. */
const SOURCE_DEFAULT = 5;

/** What a description of configs holds beyond the values. */
export interface DescribeConfigsOptions extends CallOptions {
  readonly includeSynonyms?: boolean;
  readonly includeDocumentation?: boolean;
}

/** Results by resource, in the order of the question, as pairs. */
export type ByResource<Value> = Map<ConfigResource, Value>;

function keyOf(type: number, name: string): string {
  return `${type} ${name}`;
}

/** The node that must be asked about a resource; null: any. */
function nodeIdOf({ type, name }: ConfigResource): number | null {
  const isBrokers = type === configResourceTypes.broker || type === configResourceTypes.brokerLogger;
  return isBrokers && /^\d+$/.test(name) ? Number(name) : null;
}

/** Resources by the node that must be asked. */
function byNode(resources: Iterable<ConfigResource>): Map<number | null, ConfigResource[]> {
  const groups = new Map<number | null, ConfigResource[]>();
  for (const resource of resources) {
    const id = nodeIdOf(resource);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [resource]);
    else group.push(resource);
  }
  return groups;
}

function targetOf(context: AdminContext, nodeId: number | null): () => Target | null {
  return nodeId === null ? anyNode : context.node(nodeId);
}

/** Asks each node about its resources and puts the answers in the order of the question. */
async function ofAllNodes<Value>(
  context: AdminContext,
  resources: readonly ConfigResource[],
  ask: (
    group: readonly ConfigResource[],
    target: () => Target | null,
  ) => Promise<ReadonlyMap<string, Value | KafkaError>>,
): Promise<ByResource<Value | KafkaError>> {
  const parts = await Promise.all(
    Array.from(byNode(resources), async ([nodeId, group]) => {
      try {
        return await ask(group, targetOf(context, nodeId));
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        return new Map(group.map(({ type, name }) => [keyOf(type, name), error]));
      }
    }),
  );
  const results: ByResource<Value | KafkaError> = new Map();
  for (const resource of resources) {
    const key = keyOf(resource.type, resource.name);
    const part = parts.find((each) => each.has(key));
    if (part !== undefined) results.set(resource, part.get(key) as Value | KafkaError);
  }
  return results;
}

export function describeConfigs(
  context: AdminContext,
  resources: readonly ConfigResource[],
  options: DescribeConfigsOptions = {},
): Promise<ByResource<readonly ConfigEntry[] | KafkaError>> {
  const deadlineMs = context.deadlineMs(options);
  return ofAllNodes(context, resources, (group, target) =>
    context.run(
      {
        name: "describeConfigs",
        target,
        api: describeConfigsApi,
        request: (version: number) =>
          makeDescribeConfigsRequest({
            resources: group.map(({ type, name }) =>
              makeDescribeConfigsRequestDescribeConfigsResource({
                resourceType: type,
                resourceName: name,
                configurationKeys: null,
              }),
            ),
            includeSynonyms: options.includeSynonyms ?? false,
            includeDocumentation: version >= 3 && (options.includeDocumentation ?? false),
          }),
        handle: ({ results }: DescribeConfigsResponse) =>
          new Map(
            results.map((each): [string, readonly ConfigEntry[] | KafkaError] => [
              keyOf(each.resourceType, each.resourceName),
              kafkaErrorOf(each.errorCode, each.errorMessage) ?? each.configs.map(configEntry),
            ]),
          ),
      },
      deadlineMs,
    ),
  );
}

function configEntry(entry: DescribeConfigsResponse.DescribeConfigsResourceResult): ConfigEntry {
  return {
    name: entry.name,
    value: entry.value,
    source: entry.configSource,
    isDefault: entry.configSource === SOURCE_DEFAULT,
    isSensitive: entry.isSensitive,
    isReadOnly: entry.readOnly,
    synonyms: entry.synonyms.map(({ name, value, source }) => ({ name, value, source })),
    type: entry.configType,
    documentation: entry.documentation,
  };
}

export function incrementalAlterConfigs(
  context: AdminContext,
  changes: ReadonlyMap<ConfigResource, readonly AlterConfigOp[]>,
  options: ValidateOptions = {},
): Promise<ByResource<KafkaError | null>> {
  const deadlineMs = context.deadlineMs(options);
  return ofAllNodes<null>(context, [...changes.keys()], (group, target) =>
    context.run(
      {
        name: "incrementalAlterConfigs",
        target,
        api: incrementalAlterConfigsApi,
        request: () =>
          makeIncrementalAlterConfigsRequest({
            resources: group.map((resource) =>
              makeIncrementalAlterConfigsRequestAlterConfigsResource({
                resourceType: resource.type,
                resourceName: resource.name,
                configs: (changes.get(resource) ?? []).map(({ name, value, operation }) =>
                  makeIncrementalAlterConfigsRequestAlterableConfig({
                    name,
                    value,
                    configOperation: operation,
                  }),
                ),
              }),
            ),
            validateOnly: options.validateOnly ?? false,
          }),
        handle: ({ responses }: ReturnType<typeof incrementalAlterConfigsApi.decodeResponse>) =>
          new Map(
            responses.map((each): [string, KafkaError | null] => [
              keyOf(each.resourceType, each.resourceName),
              kafkaErrorOf(each.errorCode, each.errorMessage),
            ]),
          ),
      },
      deadlineMs,
    ),
  );
}

/** Resources that have, or may have, configs of their own (KIP-1142). No types: all types. */
export function listConfigResources(
  context: AdminContext,
  types: readonly number[] = [],
  options: CallOptions = {},
): Promise<ConfigResource[]> {
  const isMetricsOnly = types.length === 1 && types[0] === configResourceTypes.clientMetrics;
  const call = {
    name: "listConfigResources",
    target: anyNode,
    api: listConfigResourcesApi,
    versionMin: isMetricsOnly ? 0 : 1,
    request: (version: number) =>
      makeListConfigResourcesRequest({ resourceTypes: version >= 1 ? [...types] : [] }),
    handle: (response: ReturnType<typeof listConfigResourcesApi.decodeResponse>): ConfigResource[] => {
      const error = kafkaErrorOf(response.errorCode);
      if (error !== null) throw error;
      return response.configResources.map(({ resourceType: type, resourceName: name }) => ({ type, name }));
    },
  };
  return context.run(call, context.deadlineMs(options));
}
