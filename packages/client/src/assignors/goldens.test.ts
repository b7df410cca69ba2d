// The assignors against results of Apache Kafka 4.3.1 (packages/protocol/goldens/misc.jsonl). Where Kafka's
// own result depends on the order of a hash map, balance and stickiness are compared instead.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { AssignableTopics, GroupAssignment, GroupSubscriptions } from "./assignor.ts";
import { findAssignor } from "./find-assignor.ts";
import type { MemberSubscription } from "./subscription.ts";
import { compareTopicPartitions } from "./topic-partition.ts";

type Pair = readonly [string, number];

interface GoldenMember {
  readonly topics: readonly string[];
  readonly owned: readonly Pair[];
  readonly generation: number;
  readonly userData: string | null;
  readonly rackId?: string;
  readonly groupInstanceId?: string;
}

interface GoldenCase {
  readonly type: string;
  readonly case: string;
  readonly assignor: string;
  readonly topics: Readonly<Record<string, number>>;
  readonly partitionRacks?: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly members: Readonly<Record<string, GoldenMember>>;
  readonly assignment: Readonly<Record<string, readonly Pair[]>>;
  readonly orderIndependent: boolean;
}

function readCases(): GoldenCase[] {
  const url = new URL("../../../protocol/goldens/misc.jsonl", import.meta.url);
  const lines = readFileSync(url, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as GoldenCase).filter(({ type }) => type === "clientAssignor");
}

function topicsOf(golden: GoldenCase): AssignableTopics {
  return new Map(
    Object.entries(golden.topics).map(([topic, count]) => [
      topic,
      golden.partitionRacks?.[topic] ?? Array.from({ length: count }, () => []),
    ]),
  );
}

function subscriptionsOf(golden: GoldenCase): GroupSubscriptions {
  return new Map(
    Object.entries(golden.members).map(([memberId, member]): [string, MemberSubscription] => [
      memberId,
      {
        topics: member.topics,
        ownedPartitions: member.owned.map(([topic, partition]) => ({ topic, partition })),
        generationId: member.generation,
        rackId: member.rackId ?? null,
        groupInstanceId: member.groupInstanceId ?? null,
        userData: member.userData === null ? null : Buffer.from(member.userData, "base64"),
      },
    ]),
  );
}

/**
 * Kafka takes a member without topics, when its hash map shows it first, for one that subscribes like the
 * next, and assigns it partitions. We give it none.
 */
const givesPartitionsToNonSubscriber = (golden: GoldenCase): boolean =>
  Object.entries(golden.members).some(
    ([memberId, { topics }]) => topics.length === 0 && golden.assignment[memberId]!.length > 0,
  );

const sorted = (pairs: readonly Pair[]): string[] =>
  pairs
    .map(([topic, partition]) => ({ topic, partition }))
    .sort(compareTopicPartitions)
    .map(({ topic, partition }) => `${topic}-${partition}`);

const keptCount = (golden: GoldenCase, assignment: Readonly<Record<string, readonly Pair[]>>): number =>
  Object.entries(golden.members).reduce((count, [memberId, member]) => {
    const owned = new Set(sorted(member.owned));
    return count + sorted(assignment[memberId] ?? []).filter((name) => owned.has(name)).length;
  }, 0);

for (const assignorName of ["range", "roundrobin", "sticky", "cooperative-sticky"]) {
  test(`assignor ${assignorName} gives what Apache Kafka gives`, () => {
    const assignor = findAssignor(assignorName);
    assert.ok(assignor);
    const cases = readCases().filter(
      (golden) => golden.assignor === assignorName && !givesPartitionsToNonSubscriber(golden),
    );
    assert.ok(cases.length >= 20);
    for (const golden of cases) {
      const result: GroupAssignment = assignor.assign(topicsOf(golden), subscriptionsOf(golden));
      const actual: Readonly<Record<string, readonly Pair[]>> = Object.fromEntries(
        [...result].map(([memberId, list]) => [
          memberId,
          list.map(({ topic, partition }): Pair => [topic, partition]),
        ]),
      );
      const memberIds = Object.keys(golden.assignment).sort();
      assert.deepEqual(Object.keys(actual).sort(), memberIds, golden.case);
      if (golden.orderIndependent) {
        for (const memberId of memberIds) {
          assert.deepEqual(sorted(actual[memberId]!), sorted(golden.assignment[memberId]!), golden.case);
        }
        continue;
      }
      const sizes = (of: Readonly<Record<string, readonly Pair[]>>): number[] =>
        Object.values(of)
          .map((list) => list.length)
          .sort();
      assert.deepEqual(sizes(actual), sizes(golden.assignment), `${golden.case}: balance`);
      assert.ok(
        keptCount(golden, actual) >= keptCount(golden, golden.assignment),
        `${golden.case}: stickiness`,
      );
    }
  });
}
