// DescribeCluster, key 60, versions 0 to 2. The nodes of a cluster and what the client may do to it.
// - A broker listener tells brokers, a controller listener controllers; v1 lets the client say which it wants
// (KIP-919):
//   MISMATCHED_ENDPOINT_TYPE for the other kind, UNSUPPORTED_ENDPOINT_TYPE for no kind at all.
// - v1 endpoint type. v2 fenced brokers on request (KIP-1073).
// - The controller told on a broker listener is a broker that passes requests on.
import {
  type DescribeClusterRequest,
  type DescribeClusterResponse,
  type ErrorSpec,
  errors,
  KafkaError,
  makeDescribeClusterResponse,
} from "@ottla/protocol";
import { authorizedOperations, notRequested } from "../authorizer/authorized-operations.ts";
import type { BrokerServices } from "../broker-services.ts";
import { advertisedControllerId, nodesOf } from "../cluster-view/nodes.ts";
import type { Reply } from "../dispatch/handler.ts";
import { clusterResourceName, type RequestContext } from "../dispatch/request-context.ts";

const endpointTypes = new Map([
  [1, "BROKER"],
  [2, "CONTROLLER"],
]);
const brokerEndpoint = 1;
const controllerEndpoint = 2;

export function handleDescribeCluster(
  broker: BrokerServices,
  context: RequestContext,
  request: DescribeClusterRequest,
  reply: Reply<DescribeClusterResponse>,
): void {
  const isController = broker.listenerRole(context.listenerName) === "controller";
  const served = isController ? controllerEndpoint : brokerEndpoint;
  checkEndpointType(request.endpointType, served, context.apiVersion);
  const { cluster } = broker.metadata.image;
  const includeFenced = request.includeFencedBrokers;
  const nodes = isController
    ? controllerNodes(broker, context.listenerName)
    : nodesOf(cluster, context.listenerName, { includeFenced });
  reply(
    makeDescribeClusterResponse({
      endpointType: served,
      clusterId: broker.clusterId,
      controllerId: isController ? broker.nodeId : advertisedControllerId(cluster, broker.nodeId),
      brokers: nodes.map(({ nodeId: brokerId, host, port, rack, isFenced }) => ({
        brokerId,
        host,
        port,
        rack,
        isFenced,
      })),
      clusterAuthorizedOperations: clusterOperations(context, request),
    }),
  );
}

export function describeClusterErrorReply(
  _request: DescribeClusterRequest,
  error: ErrorSpec,
  message: string | null,
): DescribeClusterResponse {
  return makeDescribeClusterResponse({ errorCode: error.code, errorMessage: message ?? error.meaning });
}

function checkEndpointType(wanted: number, served: number, version: number): void {
  if (wanted === served) return;
  const name = endpointTypes.get(wanted);
  if (name === undefined) {
    throw new KafkaError(errors.UNSUPPORTED_ENDPOINT_TYPE, `Unsupported endpoint type ${wanted}`);
  }
  throw new KafkaError(
    // Version 0 asks for brokers without saying so, and does not know the error.
    version === 0 ? errors.INVALID_REQUEST : errors.MISMATCHED_ENDPOINT_TYPE,
    `this is an endpoint of type ${endpointTypes.get(served)}, not ${name}`,
  );
}

function clusterOperations(context: RequestContext, request: DescribeClusterRequest): number {
  if (!request.includeClusterAuthorizedOperations) return notRequested;
  if (!context.isAllowed("DESCRIBE", "CLUSTER", clusterResourceName)) return 0;
  return authorizedOperations(context, "CLUSTER", clusterResourceName);
}

function controllerNodes(broker: BrokerServices, listenerName: string): ReturnType<typeof nodesOf> {
  const nodes: ReturnType<typeof nodesOf> = [];
  for (const { id: nodeId, endpoints } of broker.metadata.image.cluster.controllers.values()) {
    const endpoint = endpoints.find((candidate) => candidate.name === listenerName);
    if (endpoint === undefined) continue;
    nodes.push({ nodeId, host: endpoint.host, port: endpoint.port, rack: null, isFenced: false });
  }
  return nodes;
}
