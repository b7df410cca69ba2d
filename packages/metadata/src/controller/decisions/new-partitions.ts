// Registrations of new partitions: from an assignment that a client wrote, or placed by the controller.
// Shared by creating topics and adding partitions.
import { endsPiece, type Pieces } from "@ottla/ports";
import type { NodeId, Uuid } from "@ottla/protocol";
import { errors, type LeaderEpoch } from "@ottla/protocol";
import { DIRECTORY_MIGRATING, DIRECTORY_UNASSIGNED } from "../../directory-id.ts";
import type { ClusterImage } from "../../image/cluster-image.ts";
import { LEADER_RECOVERED, type PartitionRegistration } from "../../image/topics-image.ts";
import { type PlaceableBroker, placeReplicas } from "../placement/striped-replica-placer.ts";
import { type DecisionContext, type Refusal, refusal } from "./decision-context.ts";

/**
 * An assignment as written, checked against the cluster. `replicasWanted` null: any number, all partitions
 * alike elsewhere.
 */
export function assignedPartition(
  cluster: ClusterImage,
  brokerIds: readonly number[],
  { index, replicasWanted }: { readonly index: number; readonly replicasWanted: number | null },
): PartitionRegistration | Refusal {
  const problem = assignmentProblem(cluster, brokerIds, replicasWanted);
  if (problem !== null) return refusal(errors.INVALID_REPLICA_ASSIGNMENT, problem);
  return (
    newPartition(cluster, brokerIds as readonly NodeId[]) ??
    refusal(
      errors.INVALID_REPLICA_ASSIGNMENT,
      `All brokers specified in the manual partition assignment for partition ${index} are fenced or in ` +
        "controlled shutdown.",
    )
  );
}

/** New partitions on brokers that the controller chooses. */
export function* placedPartitions(
  context: DecisionContext,
  wanted: { readonly partitions: number; readonly replicationFactor: number },
): Pieces<PartitionRegistration[] | Refusal> {
  const { cluster } = context.state.image;
  const unable = (why: string): Refusal =>
    refusal(
      errors.INVALID_REPLICATION_FACTOR,
      `Unable to replicate the partition ${wanted.replicationFactor} time(s): ${why}`,
    );
  const placement = placeReplicas(placeableBrokers(cluster), wanted, context.random);
  if ("problem" in placement) return unable(placement.problem);
  const partitions: PartitionRegistration[] = [];
  for (const replicas of placement.replicas) {
    const partition = newPartition(cluster, replicas);
    if (partition === null) return unable("All brokers are currently fenced or in controlled shutdown.");
    partitions.push(partition);
    if (endsPiece(partitions.length)) yield;
  }
  return partitions;
}

/** Why this assignment cannot be; `replicasWanted` as above. */
export function assignmentProblem(
  cluster: ClusterImage,
  brokerIds: readonly number[],
  replicasWanted: number | null,
): string | null {
  if (brokerIds.length === 0) return "The manual partition assignment includes an empty replica list.";
  const sorted = [...brokerIds].sort((left, right) => left - right);
  for (const [at, id] of sorted.entries()) {
    if (!cluster.brokers.has(id)) {
      return `The manual partition assignment includes broker ${id}, but no such broker is registered.`;
    }
    if (id === sorted[at - 1])
      return `The manual partition assignment includes the broker ${id} more than once.`;
  }
  if (replicasWanted === null || brokerIds.length === replicasWanted) return null;
  return (
    `The manual partition assignment includes a partition with ${brokerIds.length} replica(s), but this is not ` +
    `consistent with previous partitions, which have ${replicasWanted} replica(s).`
  );
}

/** Null when no replica may lead. */
function newPartition(cluster: ClusterImage, replicas: readonly NodeId[]): PartitionRegistration | null {
  const isr = replicas.filter((id) => cluster.isActive(id));
  const leader = isr[0];
  if (leader === undefined) return null;
  return {
    replicas,
    directories: replicas.map((id) => defaultDirectory(cluster, id)),
    isr,
    elr: [],
    lastKnownElr: [],
    removingReplicas: [],
    addingReplicas: [],
    leader,
    leaderRecoveryState: LEADER_RECOVERED,
    leaderEpoch: 0 as LeaderEpoch,
    partitionEpoch: 0,
  };
}

/** Where a new replica lies: a broker with one directory has no choice, so it need not be asked. */
export function defaultDirectory(cluster: ClusterImage, brokerId: number): Uuid {
  const broker = cluster.brokers.get(brokerId);
  const directories = broker?.directories.filter((id) => !broker.cordonedDirectories.includes(id)) ?? [];
  if (broker?.directories.length === 0) return DIRECTORY_MIGRATING;
  return (directories.length === 1 ? directories[0] : undefined) ?? DIRECTORY_UNASSIGNED;
}

function* placeableBrokers(cluster: ClusterImage): Iterable<PlaceableBroker> {
  for (const {
    id,
    rack,
    fenced,
    inControlledShutdown,
    directories,
    cordonedDirectories,
  } of cluster.brokers.values()) {
    const isCordoned =
      directories.length > 0 && directories.every((dir) => cordonedDirectories.includes(dir));
    if (!isCordoned) yield { id, rack, fenced: fenced || inControlledShutdown };
  }
}
