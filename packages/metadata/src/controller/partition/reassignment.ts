// A partition's way from one set of replicas to another (KIP-455): while it lasts, the old and the new ones
// are replicas together; it ends when every new one is in sync, and the old ones leave. Pure. Not here: what
// the change does to leader and ISR (partition-change.ts).
import type { NodeId } from "@ottla/protocol";
import type { PartitionRegistration } from "../../image/topics-image.ts";

/** Replicas of a partition, with those on the way in and out among them. */
export interface ReplicaSet {
  readonly replicas: readonly NodeId[];
  readonly addingReplicas: readonly NodeId[];
  readonly removingReplicas: readonly NodeId[];
}

export function isBeingReassigned(replicas: ReplicaSet): boolean {
  return replicas.addingReplicas.length > 0 || replicas.removingReplicas.length > 0;
}

/**
 * The replicas while the partition moves to `target`. What an earlier change was still adding is added by
 * this one too, as it may not hold the data yet.
 */
export function replicasOnTheWay(partition: ReplicaSet, target: readonly NodeId[]): ReplicaSet {
  const isSettled = (id: NodeId): boolean =>
    partition.replicas.includes(id) && !partition.addingReplicas.includes(id);
  const removingReplicas = partition.replicas.filter((id) => !target.includes(id));
  return {
    replicas: [...target, ...removingReplicas],
    addingReplicas: target.filter((id) => !isSettled(id)),
    removingReplicas,
  };
}

/** The replicas from before the change under way, in the order they are known in now. */
export function replicasBefore(partition: ReplicaSet): readonly NodeId[] {
  return partition.replicas.filter((id) => !partition.addingReplicas.includes(id));
}

/** What is left once every new replica is in sync; null while one is not, or without a change. */
export function completedReassignment(
  replicas: ReplicaSet,
  isr: readonly NodeId[],
): Pick<PartitionRegistration, "replicas" | "isr"> | null {
  if (!isBeingReassigned(replicas)) return null;
  const stays = (id: NodeId): boolean => !replicas.removingReplicas.includes(id);
  const left = isr.filter(stays);
  if (left.length === 0 || !replicas.addingReplicas.every((id) => left.includes(id))) return null;
  return { replicas: replicas.replicas.filter(stays), isr: left };
}
