// What a partition assignor is: a pure function from the topics and the members' subscriptions to an
// assignment, run by the member that the coordinator chose as leader of a classic group (KIP-429, KIP-881).
// Not here: when a member revokes what it lost (consumer/membership).
import type { MemberSubscription } from "./subscription.ts";
import type { TopicPartition } from "./topic-partition.ts";

/**
 * The existing topics of a group: for each partition, by index, the racks of its replicas (empty when
 * unknown).
 */
export type AssignableTopics = ReadonlyMap<string, readonly (readonly string[])[]>;

/** Every member's subscription, by member id. */
export type GroupSubscriptions = ReadonlyMap<string, MemberSubscription>;

/** Partitions by member id; every member has an entry. */
export type GroupAssignment = Map<string, TopicPartition[]>;

/** `eager`: everything is revoked before a join. `cooperative`: only what moves is revoked, after it. */
export type RebalanceProtocol = "eager" | "cooperative";

/** What a member remembers of its last assignment when it joins again. */
export interface AssignorMemory {
  /** −1 before the first assignment. */
  readonly generationId: number;
  readonly partitions: readonly TopicPartition[];
}

/** A partition assignor. */
export interface Assignor {
  /** As it stands in JoinGroup's protocols and in `partition.assignment.strategy`. */
  readonly name: string;
  /** Protocols it can run under, the best one first. */
  readonly protocols: readonly RebalanceProtocol[];
  /** Opaque bytes that the leader will get with this member's subscription; null is none. */
  userData(memory: AssignorMemory): Uint8Array | null;
  assign(topics: AssignableTopics, subscriptions: GroupSubscriptions): GroupAssignment;
}

/** Whether racks can decide anything (KIP-881): they are known, overlap, and differ between partitions. */
export function racksMatter(
  memberRacks: ReadonlySet<string>,
  partitionRacks: Iterable<ReadonlySet<string>>,
): boolean {
  if (memberRacks.size === 0) return false;
  const sets = [...partitionRacks];
  const all = new Set<string>();
  for (const racks of sets) for (const rack of racks) all.add(rack);
  if (![...memberRacks].some((rack) => all.has(rack))) return false;
  return sets.some((racks) => racks.size !== all.size);
}

/** An assignment that gives nobody anything. */
export function emptyAssignment(subscriptions: GroupSubscriptions): GroupAssignment {
  return new Map([...subscriptions.keys()].map((memberId) => [memberId, []]));
}

/** Static members first, by instance id, then the others by member id. */
export function sortedMembers(memberIds: Iterable<string>, subscriptions: GroupSubscriptions): string[] {
  const key = (memberId: string): string | null => subscriptions.get(memberId)?.groupInstanceId ?? null;
  return [...memberIds].sort((left, right) => {
    const leftInstance = key(left);
    const rightInstance = key(right);
    if (leftInstance !== null && rightInstance !== null) return compareText(leftInstance, rightInstance);
    if (leftInstance !== null) return -1;
    return rightInstance !== null ? 1 : compareText(left, right);
  });
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
