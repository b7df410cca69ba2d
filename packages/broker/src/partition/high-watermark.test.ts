import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeId, Offset } from "@ottla/protocol";
import { nextHighWatermark } from "./high-watermark.ts";
import { InSyncReplicas } from "./in-sync-replicas.ts";

const ids = (...numbers: number[]): NodeId[] => numbers as NodeId[];

function replicas(all: number[], isr: number[], ends: Record<number, number>): InSyncReplicas {
  const found = new InSyncReplicas(1);
  found.startEpoch(ids(...all), ids(...isr));
  for (const [id, end] of Object.entries(ends)) {
    const follower = found.follower(Number(id));
    assert.ok(follower);
    follower.durableEnd = end as Offset;
  }
  return found;
}

function next(of: InSyncReplicas, current: number, own: number, minInSync = 1): number {
  return nextHighWatermark(of, {
    self: 1,
    current: current as Offset,
    ownDurableEnd: own as Offset,
    minInSync,
  });
}

test("a lone replica's high watermark is its durable end", () => {
  assert.equal(next(replicas([1], [1], {}), 5, 9), 9);
});

test("the slowest member in sync decides, one out of sync does not", () => {
  assert.equal(next(replicas([1, 2, 3], [1, 2, 3], { 2: 7, 3: 8 }), 5, 9), 7);
  assert.equal(next(replicas([1, 2, 3], [1, 3], { 2: 2, 3: 8 }), 5, 9), 8);
});

test("it never passes what the leader itself has on disk", () => {
  assert.equal(next(replicas([1, 2], [1, 2], { 2: 12 }), 5, 9), 9);
});

test("it never moves back", () => {
  assert.equal(next(replicas([1, 2], [1, 2], { 2: 3 }), 5, 9), 5);
});

test("a member that did not fetch in this epoch holds it", () => {
  const found = replicas([1, 2], [1, 2], { 2: 8 });
  assert.equal(next(found, 5, 9), 8);
  found.startEpoch(ids(1, 2), ids(1, 2));
  assert.equal(next(found, 5, 9), 5);
});

test("it is frozen below the minimum in sync", () => {
  assert.equal(next(replicas([1, 2, 3], [1], {}), 5, 9, 2), 5);
  assert.equal(next(replicas([1, 2, 3], [1, 2], { 2: 9 }), 5, 9, 2), 9);
});

test("a follower that was asked to join counts before the controller agreed", () => {
  const found = replicas([1, 2, 3], [1, 2], { 2: 9, 3: 6 });
  found.propose(ids(3));
  assert.equal(next(found, 5, 9), 6);
  found.update(ids(1, 2, 3), ids(1, 2));
  assert.equal(next(found, 5, 9), 9);
});

test("a change of replicas within the epoch keeps what is known of those that stay", () => {
  const found = replicas([1, 2, 3], [1, 2], { 2: 9, 3: 6 });
  found.update(ids(1, 2), ids(1, 2));
  assert.equal(found.follower(3), null);
  assert.equal(found.follower(2)?.durableEnd, 9);
});
