// Who owned what before, as the members' subscriptions tell it. Two members may claim one partition: the
// newer generation is believed; of one generation, neither, because one of them missed a rebalance.
import type { GroupSubscriptions } from "../assignor.ts";
import type { TopicPartition } from "../topic-partition.ts";
import type { PartitionTable } from "./partition-table.ts";

/** What a member claims. */
export interface MemberClaim {
  readonly partitions: readonly TopicPartition[];
  /** Null when it says none. */
  readonly generation: number | null;
}

/** No generation known. */
export const NO_GENERATION = -1;

export interface PreviousOwners {
  /** Partition ids by member index; of existing topics only. */
  readonly owned: number[][];
  /** Claimed by several members of one generation, so owned by nobody. */
  readonly contested: ReadonlySet<number>;
  /** The newest generation that anybody named. */
  readonly generationMax: number;
}

/** `members` are the ids in the order of member indexes. */
export function previousOwners(
  partitions: PartitionTable,
  members: readonly string[],
  claims: readonly MemberClaim[],
  subscriptions: GroupSubscriptions,
): PreviousOwners {
  const owned: number[][] = members.map(() => []);
  const owners = new Map<number, number>();
  const contested = new Set<number>();
  let generationMax = NO_GENERATION;
  for (const [member, claim] of claims.entries()) {
    const generation = claim.generation ?? NO_GENERATION;
    generationMax = Math.max(generationMax, generation);
    for (const partition of claim.partitions) {
      const id = partitions.idOf(partition);
      if (id === null) continue;
      const other = owners.get(id);
      if (other === undefined) {
        owned[member]!.push(id);
        owners.set(id, member);
        continue;
      }
      const otherGeneration = subscriptions.get(members[other]!)?.generationId ?? NO_GENERATION;
      if (generation < otherGeneration) continue;
      removeFrom(owned[other]!, id);
      owners.set(id, member);
      if (generation === otherGeneration) contested.add(id);
      else owned[member]!.push(id);
    }
  }
  return { owned, contested, generationMax };
}

/** Takes the first `element` out of `list`, if there. */
export function removeFrom(list: number[], element: number): void {
  const index = list.indexOf(element);
  if (index >= 0) list.splice(index, 1);
}
