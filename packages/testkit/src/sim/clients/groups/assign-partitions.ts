// What the leader of a simulated group decides: each partition to one of the members that subscribe to its
// topic, evenly, with its present owner where that is fair. A cooperative group gives a partition that has to
// move to nobody for one generation, so that its owner lets go first (KIP-429).
import type { Subscription, TopicPartition } from "./subscription.ts";

/** A member of the generation. */
export interface Subscriber {
  readonly memberId: string;
  readonly subscription: Subscription;
}

/** `counts`: partitions by topic. */
export function assignPartitions(
  members: readonly Subscriber[],
  counts: ReadonlyMap<string, number>,
  isCooperative: boolean,
): Map<string, TopicPartition[]> {
  const order = [...members].sort((left, right) => (left.memberId < right.memberId ? -1 : 1));
  const owners = presentOwners(order);
  const target = new Map<string, TopicPartition[]>(order.map(({ memberId }) => [memberId, []]));
  const all = [...counts].flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })),
  );
  const fairMax = Math.ceil(all.length / Math.max(order.length, 1));
  const free: TopicPartition[] = [];
  for (const place of all) {
    const owner = owners.get(nameOf(place));
    const kept = owner === undefined ? undefined : target.get(owner);
    if (kept !== undefined && kept.length < fairMax) kept.push(place);
    else free.push(place);
  }
  for (const place of free) {
    const takers = order.filter(({ subscription }) => subscription.topics.includes(place.topic));
    let least: TopicPartition[] | null = null;
    for (const { memberId } of takers) {
      const has = target.get(memberId) as TopicPartition[];
      if (least === null || has.length < least.length) least = has;
    }
    least?.push(place);
  }
  if (!isCooperative) return target;
  for (const [memberId, places] of target) {
    const stay = places.filter((place) => (owners.get(nameOf(place)) ?? memberId) === memberId);
    target.set(memberId, stay);
  }
  return target;
}

/** By partition; what a member of an older generation says does not count. */
function presentOwners(members: readonly Subscriber[]): Map<string, string> {
  const newest = Math.max(...members.map(({ subscription }) => subscription.generation));
  const owners = new Map<string, string>();
  for (const { memberId, subscription } of members) {
    if (subscription.generation < newest) continue;
    for (const place of subscription.owned) {
      const name = nameOf(place);
      if (owners.has(name)) throw new Error(`two members of generation ${newest} own ${name}`);
      owners.set(name, memberId);
    }
  }
  return owners;
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}
