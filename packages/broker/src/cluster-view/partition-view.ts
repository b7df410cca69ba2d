// A partition as Metadata and DescribeTopicPartitions tell it: the leader if it is reachable by the client's
// listener, and which replicas are offline.
import {
  type ClusterImage,
  DIRECTORY_LOST,
  isReservedDirectory,
  type PartitionRegistration,
} from "@ottla/metadata";
import { type ErrorSpec, errors } from "@ottla/protocol";
import { nodeOf } from "./nodes.ts";

/** What a client of one listener is told. */
export interface PartitionView {
  readonly error: ErrorSpec;
  /** -1: none that this client could reach. */
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly replicaNodes: number[];
  readonly isrNodes: number[];
  readonly offlineReplicas: number[];
}

/** How old versions of Metadata differ. */
export interface PartitionViewOptions {
  readonly listenerName: string;
  /** Metadata v0: replicas that are not reachable are left out, with REPLICA_NOT_AVAILABLE. */
  readonly omitsUnavailable: boolean;
  /** Metadata v6: a leader without this listener is LISTENER_NOT_FOUND instead of LEADER_NOT_AVAILABLE. */
  readonly namesListener: boolean;
}

/** The partition for clients of a listener. */
export function viewPartition(
  cluster: ClusterImage,
  partition: PartitionRegistration,
  options: PartitionViewOptions,
): PartitionView {
  const replicaNodes = reachable(cluster, partition.replicas, options);
  const isrNodes = reachable(cluster, partition.isr, options);
  const offlineReplicas = partition.replicas.filter((_, index) =>
    isOffline(cluster, partition, index, options.listenerName),
  );
  const leader = cluster.brokers.get(partition.leader);
  const hasLeader = leader !== undefined && nodeOf(leader, options.listenerName) !== null;
  const { leaderEpoch } = partition;
  const lists = { replicaNodes, isrNodes, offlineReplicas, leaderEpoch };
  if (!hasLeader) {
    const error =
      leader !== undefined && options.namesListener ? errors.LISTENER_NOT_FOUND : errors.LEADER_NOT_AVAILABLE;
    return { ...lists, error, leaderId: -1 };
  }
  const isComplete =
    replicaNodes.length === partition.replicas.length && isrNodes.length === partition.isr.length;
  const error = isComplete ? errors.NONE : errors.REPLICA_NOT_AVAILABLE;
  return { ...lists, error, leaderId: partition.leader };
}

function reachable(cluster: ClusterImage, ids: readonly number[], options: PartitionViewOptions): number[] {
  if (!options.omitsUnavailable) return [...ids];
  return ids.filter((id) => {
    const broker = cluster.brokers.get(id);
    return broker !== undefined && !broker.fenced && nodeOf(broker, options.listenerName) !== null;
  });
}

function isOffline(
  cluster: ClusterImage,
  partition: PartitionRegistration,
  index: number,
  listenerName: string,
): boolean {
  const broker = cluster.brokers.get(partition.replicas[index] ?? -1);
  if (broker === undefined || broker.fenced || nodeOf(broker, listenerName) === null) return true;
  const directory = partition.directories[index];
  // Reserved ids say that the directory is not known, which is no reason to call it offline; DIRECTORY_LOST
  // says that it is.
  if (directory === undefined) return false;
  if (isReservedDirectory(directory)) return directory === DIRECTORY_LOST;
  return !broker.directories.includes(directory);
}
