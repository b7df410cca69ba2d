import assert from "node:assert/strict";
import { test } from "node:test";
import { assignPartitions, type Subscriber } from "./assign-partitions.ts";
import { decodeSubscription, encodeSubscription, type TopicPartition } from "./subscription.ts";

const counts = new Map([["t", 4]]);

function subscriber(memberId: string, generation: number, owned: readonly number[]): Subscriber {
  const places = owned.map((partition): TopicPartition => ({ topic: "t", partition }));
  return { memberId, subscription: { topics: ["t"], owned: places, generation, partitionsKnown: 4 } };
}

function partitions(assigned: ReadonlyMap<string, readonly TopicPartition[]>): Record<string, number[]> {
  return Object.fromEntries(
    Array.from(assigned, ([memberId, places]) => [memberId, places.map(({ partition }) => partition).sort()]),
  );
}

test("an eager group divides its partitions evenly", () => {
  const members = [subscriber("a", -1, []), subscriber("b", -1, [])];
  assert.deepEqual(partitions(assignPartitions(members, counts, false)), { a: [0, 2], b: [1, 3] });
});

test("a cooperative group gives a partition that moves to nobody for one generation", () => {
  const first = [subscriber("a", 1, [0, 1, 2, 3]), subscriber("b", -1, [])];
  assert.deepEqual(partitions(assignPartitions(first, counts, true)), { a: [0, 1], b: [] });
  const second = [subscriber("a", 2, [0, 1]), subscriber("b", 2, [])];
  assert.deepEqual(partitions(assignPartitions(second, counts, true)), { a: [0, 1], b: [2, 3] });
});

test("what a member of an older generation says it owns does not count", () => {
  const members = [subscriber("a", 3, [0, 1]), subscriber("b", 2, [0, 1, 2, 3])];
  assert.deepEqual(partitions(assignPartitions(members, counts, true)), { a: [0, 1], b: [2, 3] });
});

test("a subscription comes back as it was sent", () => {
  const { subscription } = subscriber("a", 7, [1, 3]);
  assert.deepEqual(decodeSubscription(encodeSubscription(subscription)), subscription);
});
