// Properties of all assignors over drawn groups: disjoint and complete assignments, balance, stickiness,
// and cooperative rebalances that end.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { AssignableTopics, Assignor, GroupAssignment, GroupSubscriptions } from "./assignor.ts";
import { rangeAssignor } from "./range-assignor.ts";
import { roundRobinAssignor } from "./round-robin-assignor.ts";
import { cooperativeStickyAssignor } from "./sticky/cooperative-sticky-assignor.ts";
import { stickyAssignor } from "./sticky/sticky-assignor.ts";
import type { MemberSubscription } from "./subscription.ts";
import type { TopicPartition } from "./topic-partition.ts";

const TOPICS = ["a", "b", "c", "__proto__"];
const RACKS = ["r1", "r2", "r3"];
const RUNS = { numRuns: 300, seed: 1 };

const topicsArbitrary: fc.Arbitrary<AssignableTopics> = fc
  .array(
    fc.tuple(
      fc.constantFrom(...TOPICS),
      fc.array(fc.subarray(RACKS, { minLength: 1 }), { minLength: 1, maxLength: 12 }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((entries) => new Map(entries));

interface DrawnMember {
  readonly topics: readonly string[];
  readonly rackId: string | null;
}

const memberArbitrary: fc.Arbitrary<DrawnMember> = fc.record({
  topics: fc.subarray(TOPICS, { minLength: 1 }),
  rackId: fc.option(fc.constantFrom(...RACKS)),
});

const membersArbitrary: fc.Arbitrary<ReadonlyMap<string, DrawnMember>> = fc
  .array(memberArbitrary, { minLength: 1, maxLength: 8 })
  .map((members) => new Map(members.map((member, index) => [`m${index}`, member])));

function subscriptionsOf(
  assignor: Assignor,
  members: ReadonlyMap<string, DrawnMember>,
  owned: GroupAssignment,
  generation: number,
): GroupSubscriptions {
  return new Map(
    [...members].map(([memberId, { topics, rackId }]): [string, MemberSubscription] => {
      const partitions = owned.get(memberId);
      const generationId = partitions === undefined ? -1 : generation;
      const memory = { partitions: partitions ?? [], generationId };
      const userData = assignor.userData(memory);
      return [
        memberId,
        { topics, ownedPartitions: memory.partitions, generationId, rackId, groupInstanceId: null, userData },
      ];
    }),
  );
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

function assertDisjointAndSubscribed(
  assignment: GroupAssignment,
  topics: AssignableTopics,
  subscriptions: GroupSubscriptions,
): number {
  const seen = new Set<string>();
  for (const [memberId, partitions] of assignment) {
    for (const partition of partitions) {
      assert.ok(!seen.has(nameOf(partition)), `${nameOf(partition)} is assigned twice`);
      seen.add(nameOf(partition));
      assert.ok(subscriptions.get(memberId)?.topics.includes(partition.topic));
      assert.ok(partition.partition < (topics.get(partition.topic)?.length ?? 0));
    }
  }
  return seen.size;
}

function assignableCount(topics: AssignableTopics, subscriptions: GroupSubscriptions): number {
  const wanted = new Set([...subscriptions.values()].flatMap((subscription) => [...subscription.topics]));
  return [...topics].reduce((count, [topic, racks]) => count + (wanted.has(topic) ? racks.length : 0), 0);
}

for (const assignor of [rangeAssignor, roundRobinAssignor, stickyAssignor, cooperativeStickyAssignor]) {
  test(`${assignor.name}: every partition of a subscribed topic goes to exactly one subscriber`, () => {
    fc.assert(
      fc.property(topicsArbitrary, membersArbitrary, (topics, members) => {
        const subscriptions = subscriptionsOf(assignor, members, new Map(), -1);
        const assignment = assignor.assign(topics, subscriptions);
        const count = assertDisjointAndSubscribed(assignment, topics, subscriptions);
        assert.equal(count, assignableCount(topics, subscriptions));
      }),
      RUNS,
    );
  });
}

test("sticky: nobody could take a partition from a member that has two more", () => {
  fc.assert(
    fc.property(topicsArbitrary, membersArbitrary, (topics, members) => {
      const subscriptions = subscriptionsOf(stickyAssignor, members, new Map(), -1);
      const assignment = stickyAssignor.assign(topics, subscriptions);
      for (const [poor, few] of assignment) {
        for (const many of assignment.values()) {
          if (many.length < few.length + 2) continue;
          const wanted = subscriptions.get(poor)!.topics;
          const movable = many.some(({ topic }) => wanted.includes(topic));
          assert.ok(!movable, `${poor} has ${few.length}, another has ${many.length}`);
        }
      }
    }),
    RUNS,
  );
});

test("sticky: without a change, and without racks to get nearer to, nothing moves", () => {
  fc.assert(
    fc.property(topicsArbitrary, membersArbitrary, (topics, drawn) => {
      const members = new Map(
        [...drawn].map(([id, { topics: names }]) => [id, { topics: names, rackId: null }]),
      );
      const first = stickyAssignor.assign(topics, subscriptionsOf(stickyAssignor, members, new Map(), -1));
      const second = stickyAssignor.assign(topics, subscriptionsOf(stickyAssignor, members, first, 1));
      for (const [memberId, partitions] of first) {
        assert.deepEqual(second.get(memberId)!.map(nameOf).sort(), partitions.map(nameOf).sort());
      }
    }),
    RUNS,
  );
});

test("sticky: when a member leaves, those who stay and subscribe alike keep all they had", () => {
  fc.assert(
    fc.property(topicsArbitrary, fc.integer({ min: 2, max: 8 }), (topics, memberCount) => {
      const member: DrawnMember = { topics: TOPICS, rackId: null };
      const all = new Map(Array.from({ length: memberCount }, (_, index) => [`m${index}`, member]));
      const first = stickyAssignor.assign(topics, subscriptionsOf(stickyAssignor, all, new Map(), -1));
      const rest = new Map([...all].slice(1));
      const second = stickyAssignor.assign(topics, subscriptionsOf(stickyAssignor, rest, first, 1));
      for (const memberId of rest.keys()) {
        const now = new Set(second.get(memberId)!.map(nameOf));
        for (const partition of first.get(memberId)!) assert.ok(now.has(nameOf(partition)));
      }
    }),
    RUNS,
  );
});

test("cooperative-sticky: no partition goes to a new owner before the old one gave it up, and it ends", () => {
  fc.assert(
    fc.property(
      topicsArbitrary,
      fc.array(membersArbitrary, { minLength: 2, maxLength: 4 }),
      (topics, memberships) => {
        let owned: GroupAssignment = new Map();
        let generation = 0;
        for (const members of memberships) {
          owned = new Map([...owned].filter(([memberId]) => members.has(memberId)));
          let rounds = 0;
          for (let isChanged = true; isChanged; rounds++) {
            assert.ok(rounds < 6, "the rebalances do not end");
            const subscriptions = subscriptionsOf(cooperativeStickyAssignor, members, owned, generation);
            const next = cooperativeStickyAssignor.assign(topics, subscriptions);
            assertDisjointAndSubscribed(next, topics, subscriptions);
            isChanged = false;
            for (const [memberId, partitions] of next) {
              const mine = new Set((owned.get(memberId) ?? []).map(nameOf));
              const others = new Set(
                [...owned].filter(([id]) => id !== memberId).flatMap(([, list]) => list.map(nameOf)),
              );
              for (const partition of partitions) assert.ok(!others.has(nameOf(partition)));
              const names = new Set(partitions.map(nameOf));
              if ([...mine].some((name) => !names.has(name))) isChanged = true;
            }
            owned = next;
            generation += 1;
          }
          const total = [...owned.values()].reduce((count, list) => count + list.length, 0);
          const subscriptions = subscriptionsOf(cooperativeStickyAssignor, members, owned, generation);
          assert.equal(total, assignableCount(topics, subscriptions));
        }
      },
    ),
    RUNS,
  );
});

test("a sticky member that sends garbage as user data only loses its stickiness", () => {
  fc.assert(
    fc.property(topicsArbitrary, fc.uint8Array({ maxLength: 64 }), (topics, userData) => {
      for (const assignor of [stickyAssignor, cooperativeStickyAssignor]) {
        const subscription: MemberSubscription = {
          topics: TOPICS,
          ownedPartitions: [],
          generationId: -1,
          rackId: null,
          groupInstanceId: null,
          userData,
        };
        const subscriptions = new Map([["m0", subscription]]);
        const assignment = assignor.assign(topics, subscriptions);
        const count = assertDisjointAndSubscribed(assignment, topics, subscriptions);
        assert.equal(count, assignableCount(topics, subscriptions));
      }
    }),
    RUNS,
  );
});
