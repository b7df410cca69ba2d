import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeId } from "@ottla/protocol";
import { completedReassignment, type ReplicaSet, replicasBefore, replicasOnTheWay } from "./reassignment.ts";

function ids(...list: number[]): NodeId[] {
  return list as NodeId[];
}

function set(replicas: number[], adding: number[] = [], removing: number[] = []): ReplicaSet {
  return {
    replicas: ids(...replicas),
    addingReplicas: ids(...adding),
    removingReplicas: ids(...removing),
  };
}

test("on the way old and new replicas are there together, the new order first", () => {
  assert.deepEqual(replicasOnTheWay(set([1, 2, 3]), ids(4, 2)), set([4, 2, 1, 3], [4], [1, 3]));
  assert.deepEqual(replicasOnTheWay(set([1, 2]), ids(2, 1)), set([2, 1]));
});

test("a second change still adds what the first had not brought in, and drops the rest of it", () => {
  const first = replicasOnTheWay(set([1]), ids(2, 3));
  assert.deepEqual(replicasOnTheWay(first, ids(2)), set([2, 3, 1], [2], [3, 1]));
});

test("taking a change back leaves the replicas from before it", () => {
  assert.deepEqual(replicasBefore(replicasOnTheWay(set([1, 2]), ids(3, 2))), ids(2, 1));
});

test("a change is complete once every new replica is in sync, and somebody stays", () => {
  const moving = replicasOnTheWay(set([1, 2]), ids(3, 4));
  assert.equal(completedReassignment(moving, ids(1, 2, 3)), null);
  assert.deepEqual(completedReassignment(moving, ids(1, 3, 4)), { replicas: ids(3, 4), isr: ids(3, 4) });
  assert.equal(completedReassignment(replicasOnTheWay(set([1, 2]), ids(2)), ids(1)), null);
  assert.equal(completedReassignment(set([1, 2]), ids(1, 2)), null);
});
