import assert from "node:assert/strict";
import { test } from "node:test";
import { type FakeNode, FakeWorld } from "@ottla/ports";
import { ZERO_UUID } from "@ottla/protocol";
import { fetchSessionLimits } from "../limits.ts";
import { type FetchWish, PartitionFetch } from "../partition/partition-fetch.ts";
import type { FetchSession } from "./fetch-session.ts";
import { FetchSessionCache } from "./fetch-session-cache.ts";

const wish: FetchWish = {
  fetchOffset: 0,
  partitionMaxBytes: 1,
  currentLeaderEpoch: -1,
  lastFetchedEpoch: -1,
  fetcherLogStartOffset: -1,
  knownHighWatermark: -1,
};

function cacheOf(slots: number) {
  const world = new FakeWorld({ seed: 3 });
  const node: FakeNode = world.node("one");
  const { clock, random } = node.ports;
  const cache = new FetchSessionCache({ clock, random, slots });
  const open = (size: number, isPrivileged = false): FetchSession | null => {
    const partitions = new Map<string, PartitionFetch>();
    for (let index = 0; index < size; index += 1) {
      partitions.set(`t:${index}`, new PartitionFetch(ZERO_UUID, "t", index, wish));
    }
    return cache.create({ isPrivileged, usesTopicIds: false, partitions });
  };
  return { world, cache, open };
}

/** Lets time pass without anything to do. */
function pass(world: FakeWorld, ms: number): void {
  world.schedule(ms, () => {});
  world.run({});
}

test("sessions have distinct positive ids and are found by them", () => {
  const { cache, open } = cacheOf(10);
  const ids = new Set<number>();
  for (let count = 0; count < 10; count += 1) {
    const session = open(1);
    assert.ok(session);
    assert.ok(session.id > 0 && session.id <= 0x7fffffff);
    assert.equal(cache.find(session.id), session);
    ids.add(session.id);
  }
  assert.equal(ids.size, 10);
  assert.equal(cache.partitionCount, 10);
});

test("a consumer does not push out sessions in use, however few partitions they have", () => {
  const { cache, open } = cacheOf(2);
  open(1);
  open(1);
  assert.equal(open(100), null);
  assert.equal(cache.size, 2);
});

test("a session unused for two minutes gives way to anybody", () => {
  const { world, cache, open } = cacheOf(2);
  const stale = open(50);
  assert.ok(stale);
  pass(world, fetchSessionLimits.evictionMs / 2);
  const used = open(50);
  pass(world, fetchSessionLimits.evictionMs / 2 + 1000);
  assert.ok(open(1));
  assert.equal(cache.find(stale.id), null);
  assert.equal(cache.find(used?.id ?? 0), used);
  assert.equal(cache.evictions, 1);
});

test("a session older than two minutes, though used, gives way to a larger one and not to a smaller one", () => {
  const { world, cache, open } = cacheOf(2);
  const small = open(5);
  const large = open(20);
  assert.ok(small && large);
  pass(world, fetchSessionLimits.evictionMs + 1000);
  cache.use(small);
  cache.use(large);
  assert.equal(open(4), null);
  assert.ok(open(10));
  assert.equal(cache.find(small.id), null);
  assert.equal(cache.find(large.id), large);
});

test("a follower takes the place of a consumer's session at once, and never that of a young follower's", () => {
  const { cache, open } = cacheOf(2);
  const consumer = open(100);
  const follower = open(1, true);
  assert.ok(consumer && follower);
  assert.ok(open(1, true));
  assert.equal(cache.find(consumer.id), null);
  assert.equal(open(100, true), null);
  assert.equal(cache.find(follower.id), follower);
});

test("partitions are counted over all changes and given back with the session", () => {
  const { cache, open } = cacheOf(3);
  const one = open(3);
  const two = open(4);
  assert.ok(one && two);
  assert.equal(cache.partitionCount, 7);
  cache.remove(one);
  cache.remove(one);
  assert.equal(cache.partitionCount, 4);
  assert.equal(cache.size, 1);
});

test("a session of too many partitions is not made", () => {
  const { open } = cacheOf(3);
  assert.equal(open(fetchSessionLimits.partitionsMax + 1), null);
});
