// Brokers as a client of one listener sees them: alive, and reachable by an endpoint of that listener's name.
import type { BrokerRegistration, ClusterImage } from "@ottla/metadata";

/** Where a client reaches a broker. */
export interface BrokerNode {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
  readonly isFenced: boolean;
}

/** The broker behind a listener; null when it has no such listener. */
export function nodeOf(broker: BrokerRegistration, listenerName: string): BrokerNode | null {
  const endpoint = broker.endpoints.find((candidate) => candidate.name === listenerName);
  if (endpoint === undefined) return null;
  const { id: nodeId, rack, fenced: isFenced } = broker;
  return { nodeId, host: endpoint.host, port: endpoint.port, rack, isFenced };
}

/** Brokers of a listener by ascending id; fenced ones only when asked for. */
export function nodesOf(
  cluster: ClusterImage,
  listenerName: string,
  options: { readonly includeFenced: boolean } = { includeFenced: false },
): BrokerNode[] {
  const nodes: BrokerNode[] = [];
  for (const broker of cluster.brokers.values()) {
    const node = nodeOf(broker, listenerName);
    if (node !== null && (options.includeFenced || !node.isFenced)) nodes.push(node);
  }
  return nodes.sort((left, right) => left.nodeId - right.nodeId);
}

/**
 * The broker that clients are told to be the controller: any one that is alive, since it passes requests on;
 * -1 when none is.
 */
export function advertisedControllerId(cluster: ClusterImage, ownId: number): number {
  const own = cluster.brokers.get(ownId);
  if (own !== undefined && !own.fenced) return ownId;
  for (const broker of cluster.brokers.values()) if (!broker.fenced) return broker.id;
  return -1;
}
