// Assignor `range`: per topic, consecutive partitions to members in order. With racks known and uneven
// (KIP-881), partitions go to members of their rack first, as far as everybody's share allows; topics with
// the same members and partition count keep partition i of all of them together, which counts more than
// racks.
import {
  type AssignableTopics,
  type Assignor,
  emptyAssignment,
  type GroupAssignment,
  type GroupSubscriptions,
  racksMatter,
  sortedMembers,
} from "./assignor.ts";
import { compareTopicPartitions } from "./topic-partition.ts";

/** One topic while it is dealt out. */
class TopicState {
  readonly topic: string;
  readonly members: readonly string[];
  readonly unassigned: Set<number>;
  readonly partitionCount: number;
  readonly needsRacks: boolean;
  readonly #memberRacks: ReadonlyMap<string, string>;
  /** By partition; empty when no member of the topic names a rack. */
  readonly #partitionRacks: readonly ReadonlySet<string>[];
  readonly #assignedCounts = new Map<string, number>();
  readonly #shareMin: number;
  #largerSharesLeft: number;

  constructor(
    topic: string,
    racks: readonly (readonly string[])[],
    members: readonly string[],
    subscriptions: GroupSubscriptions,
  ) {
    this.topic = topic;
    this.members = members;
    this.partitionCount = racks.length;
    this.unassigned = new Set(racks.keys());
    this.#shareMin = members.length === 0 ? 0 : Math.floor(racks.length / members.length);
    this.#largerSharesLeft = members.length === 0 ? 0 : racks.length % members.length;
    const memberRacks = new Map<string, string>();
    for (const memberId of members) {
      const rackId = subscriptions.get(memberId)?.rackId ?? "";
      if (rackId !== "") memberRacks.set(memberId, rackId);
    }
    this.#memberRacks = memberRacks;
    this.#partitionRacks = memberRacks.size === 0 ? [] : racks.map((names) => new Set(names));
    this.needsRacks = racksMatter(new Set(memberRacks.values()), this.#partitionRacks);
  }

  /** Topics with the same key have the same members in the same racks and as many partitions. */
  get coPartitionKey(): string {
    const members = this.members.map((memberId) => [memberId, this.#memberRacks.get(memberId) ?? null]);
    return JSON.stringify([this.#partitionRacks.length, members]);
  }

  racksMatch(memberId: string, partition: number): boolean {
    const rack = this.#memberRacks.get(memberId);
    return rack === undefined || this.#partitionRacks[partition]?.has(rack) === true;
  }

  room(memberId: string): number {
    const share = this.#shareMin + (this.#largerSharesLeft > 0 ? 1 : 0);
    return Math.max(0, share - (this.#assignedCounts.get(memberId) ?? 0));
  }

  assign(memberId: string, partitions: readonly number[], assignment: GroupAssignment): void {
    const count = (this.#assignedCounts.get(memberId) ?? 0) + partitions.length;
    this.#assignedCounts.set(memberId, count);
    if (count > this.#shareMin) this.#largerSharesLeft -= 1;
    for (const partition of partitions) {
      this.unassigned.delete(partition);
      assignment.get(memberId)?.push({ topic: this.topic, partition });
    }
  }

  /** Gives each member, in order, the first partitions that `may` allows it. */
  assignRanges(may: (memberId: string, partition: number) => boolean, assignment: GroupAssignment): void {
    for (const memberId of this.members) {
      if (this.unassigned.size === 0) return;
      const room = this.room(memberId);
      const range: number[] = [];
      for (const partition of this.unassigned) {
        if (range.length === room) break;
        if (may(memberId, partition)) range.push(partition);
      }
      if (range.length > 0) this.assign(memberId, range, assignment);
    }
  }
}

function assignByRack(states: readonly TopicState[], assignment: GroupAssignment): void {
  for (const together of Map.groupBy(states, (state) => state.coPartitionKey).values()) {
    if (together.length > 1) assignCoPartitioned(together, assignment);
    else {
      for (const state of together) {
        if (!state.needsRacks) continue;
        state.assignRanges((memberId, partition) => state.racksMatch(memberId, partition), assignment);
      }
    }
  }
}

/** Partition i of all the topics goes to the first member whose rack has a replica of each of them. */
function assignCoPartitioned(states: readonly TopicState[], assignment: GroupAssignment): void {
  const members = new Set(states[0]!.members);
  for (let partition = 0; partition < states[0]!.partitionCount; partition++) {
    const match = [...members].find((memberId) =>
      states.every((state) => state.racksMatch(memberId, partition) && state.room(memberId) > 0),
    );
    if (match === undefined) continue;
    for (const state of states) state.assign(match, [partition], assignment);
    if (states.every((state) => state.room(match) === 0)) members.delete(match);
    if (members.size === 0) return;
  }
}

function topicStates(topics: AssignableTopics, subscriptions: GroupSubscriptions): TopicState[] {
  const membersByTopic = new Map<string, Set<string>>();
  for (const [memberId, { topics: names }] of subscriptions) {
    for (const topic of names) {
      const members = membersByTopic.get(topic);
      if (members === undefined) membersByTopic.set(topic, new Set([memberId]));
      else members.add(memberId);
    }
  }
  const states: TopicState[] = [];
  for (const topic of [...membersByTopic.keys()].sort()) {
    const racks = topics.get(topic) ?? [];
    const members = sortedMembers(membersByTopic.get(topic) ?? [], subscriptions);
    if (racks.length > 0) states.push(new TopicState(topic, racks, members, subscriptions));
  }
  return states;
}

export const rangeAssignor: Assignor = {
  name: "range",
  protocols: ["eager"],
  userData: () => null,
  assign(topics, subscriptions) {
    const assignment = emptyAssignment(subscriptions);
    const states = topicStates(topics, subscriptions);
    const usesRacks = states.some((state) => state.needsRacks);
    if (usesRacks) assignByRack(states, assignment);
    for (const state of states) state.assignRanges(() => true, assignment);
    if (usesRacks) for (const partitions of assignment.values()) partitions.sort(compareTopicPartitions);
    return assignment;
  },
};
