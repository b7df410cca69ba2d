import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeWorld } from "@ottla/ports";
import { LeaderEpochCache } from "./leader-epoch-cache.ts";

function cacheOf(...entries: readonly (readonly [number, number])[]): LeaderEpochCache {
  const { disk } = new FakeWorld({ seed: 1 }).node("broker").ports;
  return new LeaderEpochCache(
    disk,
    "/data",
    entries.map(([epoch, startOffset]) => ({ epoch, startOffset })),
  );
}

function pairs(cache: LeaderEpochCache): number[][] {
  return cache.entries.map(({ epoch, startOffset }) => [epoch, startOffset]);
}

test("an epoch ends where the next one begins, the newest at the end of the log", () => {
  const cache = cacheOf([0, 0], [2, 10], [5, 30]);
  assert.deepEqual(cache.endOffsetFor(5, 44), { leaderEpoch: 5, endOffset: 44 });
  assert.deepEqual(cache.endOffsetFor(2, 44), { leaderEpoch: 2, endOffset: 30 });
  assert.deepEqual(cache.endOffsetFor(3, 44), { leaderEpoch: 2, endOffset: 30 });
  assert.deepEqual(cache.endOffsetFor(0, 44), { leaderEpoch: 0, endOffset: 10 });
  assert.deepEqual(cache.endOffsetFor(6, 44), { leaderEpoch: -1, endOffset: -1 });
  assert.deepEqual(cache.endOffsetFor(-1, 44), { leaderEpoch: -1, endOffset: -1 });
});

test("an epoch older than all known ones ends where they begin", () => {
  assert.deepEqual(cacheOf([4, 100]).endOffsetFor(2, 200), { leaderEpoch: 2, endOffset: 100 });
});

test("entries that a new epoch contradicts go", () => {
  const cache = cacheOf([0, 0], [2, 10], [5, 30]);
  cache.assign(6, 20);
  assert.deepEqual(pairs(cache), [
    [0, 0],
    [2, 10],
    [6, 20],
  ]);
  cache.assign(6, 90);
  assert.deepEqual(pairs(cache), [
    [0, 0],
    [2, 10],
    [6, 20],
  ]);
});

test("cutting either end of the log keeps the epochs of what is left", () => {
  const cache = cacheOf([0, 0], [2, 10], [5, 30]);
  cache.truncateFromEnd(30);
  assert.deepEqual(pairs(cache), [
    [0, 0],
    [2, 10],
  ]);
  cache.truncateFromStart(5);
  assert.deepEqual(pairs(cache), [
    [0, 5],
    [2, 10],
  ]);
  cache.truncateFromStart(12);
  assert.deepEqual(pairs(cache), [[2, 12]]);
});

test("the epoch of an offset is that of the last entry at or before it", () => {
  const cache = cacheOf([0, 5], [2, 10]);
  assert.deepEqual(
    [4, 5, 9, 10, 99].map((offset) => cache.epochFor(offset)),
    [-1, 0, 0, 2, 2],
  );
});
