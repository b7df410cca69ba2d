// ListConfigResources, key 74, versions 0 to 1. Names of what can have settings (KIP-1142).
// - Needs DESCRIBE_CONFIGS on the cluster, else CLUSTER_AUTHORIZATION_FAILED.
// - Topics and brokers are listed whether they have settings of their own or not; groups and client metrics
// exist as resources only by their settings. A broker is named once as itself and once for its loggers.
// - UNSUPPORTED_VERSION for a type that has no settings, and then nothing is listed.
// - v0 lists client metrics only. v1 takes types, none meaning all.
import { configResourceTypes, type MetadataImage } from "@ottla/metadata";
import { endsPiece, type Pieces } from "@ottla/ports";
import {
  type ErrorSpec,
  errors,
  type ListConfigResourcesRequest,
  type ListConfigResourcesResponse,
  makeListConfigResourcesResponse,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import { nodesOf } from "../cluster-view/nodes.ts";
import type { Reply } from "../dispatch/handler.ts";
import { clusterResourceName, type RequestContext } from "../dispatch/request-context.ts";
import { isConfigResourceType } from "./config-permission.ts";

export function handleListConfigResources(
  broker: BrokerServices,
  context: RequestContext,
  request: ListConfigResourcesRequest,
  reply: Reply<ListConfigResourcesResponse>,
): void {
  if (!context.isAllowed("DESCRIBE_CONFIGS", "CLUSTER", clusterResourceName)) {
    reply(listConfigResourcesErrorReply(request, errors.CLUSTER_AUTHORIZATION_FAILED));
    return;
  }
  const types = wantedTypes(context.apiVersion, request.resourceTypes);
  if (!types.every(isConfigResourceType)) {
    reply(listConfigResourcesErrorReply(request, errors.UNSUPPORTED_VERSION));
    return;
  }
  const { image } = broker.metadata;
  context.inSlices(listAll(image, types, context.listenerName), (configResources) =>
    reply(makeListConfigResourcesResponse({ configResources })),
  );
}

function* listAll(
  image: MetadataImage,
  types: readonly number[],
  listenerName: string,
): Pieces<ListConfigResourcesResponse.ConfigResource[]> {
  const configResources: ListConfigResourcesResponse.ConfigResource[] = [];
  for (const resourceType of types) {
    for (const resourceName of namesOf(image, resourceType, listenerName)) {
      configResources.push({ resourceName, resourceType });
      if (endsPiece(configResources.length)) yield;
    }
  }
  return configResources;
}

export function listConfigResourcesErrorReply(
  _request: ListConfigResourcesRequest,
  error: ErrorSpec,
): ListConfigResourcesResponse {
  return makeListConfigResourcesResponse({ errorCode: error.code });
}

/** Each type once. */
function wantedTypes(version: number, asked: readonly number[]): number[] {
  if (version === 0) return [configResourceTypes.CLIENT_METRICS];
  return asked.length === 0 ? Object.values(configResourceTypes) : [...new Set(asked)];
}

function* namesOf(image: MetadataImage, type: number, listenerName: string): Iterable<string> {
  switch (type) {
    case configResourceTypes.TOPIC:
      yield* image.topics.names();
      return;
    case configResourceTypes.BROKER:
    case configResourceTypes.BROKER_LOGGER:
      for (const { nodeId } of nodesOf(image.cluster, listenerName, { includeFenced: false }))
        yield String(nodeId);
      return;
    default:
      for (const resource of image.configs.resources()) if (resource.type === type) yield resource.name;
  }
}
