// The part that both sticky assignors share: turns names into indexes, finds the previous owners, and picks
// the way to assign.
import type { AssignableTopics, GroupAssignment, GroupSubscriptions } from "../assignor.ts";
import type { MemberSubscription } from "../subscription.ts";
import { ConstrainedAssignment } from "./constrained-assignment.ts";
import { GeneralAssignment } from "./general-assignment.ts";
import { PartitionTable } from "./partition-table.ts";
import { type MemberClaim, previousOwners } from "./previous-owners.ts";
import { RackInfo } from "./rack-info.ts";

/** Tells what a member says it owns. */
type ClaimOf = (subscription: MemberSubscription) => MemberClaim;

/** In terms of member indexes (order of member id) and partition ids. */
interface Assigned {
  readonly members: readonly string[];
  readonly partitions: PartitionTable;
  readonly idsByMember: readonly (readonly number[])[];
  /** Partitions that another member still holds, with their new owner. */
  readonly transferring: ReadonlyMap<number, number>;
}

/** Everything to its new owner at once: for the eager protocol. */
export function assignSticky(
  topics: AssignableTopics,
  subscriptions: GroupSubscriptions,
  claimOf: ClaimOf,
): GroupAssignment {
  const { members, partitions, idsByMember } = assign(topics, subscriptions, claimOf);
  return new Map(
    members.map((memberId, member) => [memberId, idsByMember[member]!.map((id) => partitions.partition(id))]),
  );
}

/** Without the partitions that another member has to give up first (KIP-429). */
export function assignCooperatively(
  topics: AssignableTopics,
  subscriptions: GroupSubscriptions,
  claimOf: ClaimOf,
): GroupAssignment {
  const { members, partitions, idsByMember, transferring } = assign(topics, subscriptions, claimOf);
  const free = (member: number): number[] =>
    idsByMember[member]!.filter((id) => transferring.get(id) !== member);
  return new Map(
    members.map((memberId, member) => [memberId, free(member).map((id) => partitions.partition(id))]),
  );
}

function assign(topics: AssignableTopics, subscriptions: GroupSubscriptions, claimOf: ClaimOf): Assigned {
  const members = [...subscriptions.keys()].sort();
  const ordered = members.map((memberId) => subscriptions.get(memberId)!);
  const wanted = ordered.map((subscription) => new Set(subscription.topics));
  const partitions = new PartitionTable(topics, new Set(ordered.flatMap(({ topics: names }) => names)));
  const claims = ordered.map(claimOf);
  const previous = previousOwners(partitions, members, claims, subscriptions);
  const memberRacks = ordered.map(({ rackId }) => rackId);
  const racks = new RackInfo(partitions, memberRacks);
  if (isAllEqual(wanted)) {
    const constrained = new ConstrainedAssignment(partitions, previous, racks);
    constrained.build();
    const { assigned, transferring } = constrained;
    return { members, partitions, idsByMember: assigned, transferring };
  }
  const existing = new Set(partitions.topics);
  const topicsOf = wanted.map((names) => new Set([...names].filter((topic) => existing.has(topic))));
  const general = new GeneralAssignment(partitions, topicsOf, previous, claims, racks);
  general.build();
  const transferring = heldByOthers(partitions, general.assigned, ordered);
  return { members, partitions, idsByMember: general.assigned, transferring };
}

function isAllEqual(sets: readonly ReadonlySet<string>[]): boolean {
  const first = sets[0];
  return first === undefined || sets.every((set) => isEqual(set, first));
}

function isEqual(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  return left.size === right.size && [...left].every((topic) => right.has(topic));
}

/** Partitions that are new to their owner while another member says it has them. */
function heldByOthers(
  partitions: PartitionTable,
  idsByMember: readonly (readonly number[])[],
  subscriptions: readonly MemberSubscription[],
): Map<number, number> {
  const holders = new Map<number, Set<number>>();
  for (const [member, { ownedPartitions }] of subscriptions.entries()) {
    for (const partition of ownedPartitions) {
      const id = partitions.idOf(partition);
      if (id === null) continue;
      const members = holders.get(id) ?? new Set<number>();
      holders.set(id, members.add(member));
    }
  }
  const held = new Map<number, number>();
  for (const [member, ids] of idsByMember.entries()) {
    for (const id of ids) {
      const members = holders.get(id);
      if (members !== undefined && !members.has(member)) held.set(id, member);
    }
  }
  return held;
}
