import assert from "node:assert/strict";
import { test } from "node:test";
import { Xoshiro128 } from "@ottla/ports";
import type { NodeId } from "@ottla/protocol";
import { type PlaceableBroker, placeReplicas } from "./striped-replica-placer.ts";

function brokers(...rows: [number, string | null, boolean?][]): PlaceableBroker[] {
  return rows.map(([id, rack, fenced = false]) => ({ id: id as NodeId, rack, fenced }));
}

function place(
  of: PlaceableBroker[],
  partitions: number,
  replicationFactor: number,
  seed: number,
): readonly (readonly number[])[] {
  const placement = placeReplicas(of, { partitions, replicationFactor }, new Xoshiro128(seed));
  assert.ok("replicas" in placement, JSON.stringify(placement));
  return [...placement.replicas];
}

test("no broker is named twice and no fenced broker comes first, whatever the cluster", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = new Xoshiro128(seed);
    const count = 1 + random.below(9);
    const rows = Array.from({ length: count }, (_, id): [number, string | null, boolean] => [
      id,
      random.below(3) === 0 ? null : `rack-${random.below(3)}`,
      id > 0 && random.below(3) === 0,
    ]);
    const all = brokers(...rows);
    const replicationFactor = 1 + random.below(count);
    for (const replicas of place(all, 50, replicationFactor, seed)) {
      assert.equal(new Set(replicas).size, replicationFactor);
      assert.equal(all.find((broker) => broker.id === replicas[0])?.fenced, false);
    }
  }
});

test("on one rack leaders go round all brokers", () => {
  const leaders = place(brokers([0, null], [1, null], [2, null], [3, null]), 400, 2, 1).map(
    ([leader]) => leader,
  );
  for (const id of [0, 1, 2, 3]) assert.equal(leaders.filter((leader) => leader === id).length, 100);
});

test("fenced brokers serve only where there are no others", () => {
  const replicas = place(brokers([0, null], [1, null], [2, null, true]), 20, 2, 1);
  assert.ok(replicas.every((list) => !list.includes(2)));
});

test("what cannot be placed is refused in Kafka's words", () => {
  const problem = (of: PlaceableBroker[], replicationFactor: number): unknown =>
    placeReplicas(of, { partitions: 1, replicationFactor }, new Xoshiro128(1));
  assert.deepEqual(problem(brokers([0, null, true]), 1), {
    problem: "All brokers are currently fenced, or have all their log directories cordoned.",
  });
  assert.deepEqual(problem([], 1), {
    problem:
      "The target replication factor of 1 cannot be reached because only 0 broker(s) are registered or some brokers " +
      "have all their log directories cordoned.",
  });
  assert.deepEqual(problem(brokers([0, null]), 0), {
    problem: "Invalid replication factor 0: the replication factor must be positive.",
  });
});
