import assert from "node:assert/strict";
import { test } from "node:test";
import { appendNow, batchOf, LogWorld, readFrom, takeBytes, valuesFrom } from "../testing/log-world.ts";
import { TailBlockPool } from "./tail-block-pool.ts";

const owner = { giveUp: () => true };

test("a block that a slice holds is not lent again until the slice is released", () => {
  const pool = new TailBlockPool(1 << 20);
  const block = pool.borrow(100);
  block.begin(owner, 0, 0, 0);
  block.leases++;
  pool.giveBack(block);
  assert.equal(pool.usedBytes, 4096);
  assert.notEqual(pool.borrow(100), block);
  pool.release(block);
  assert.equal(pool.borrow(100), block);
});

test("what readers hold counts what tails gave up, not what tails hold above the budget", () => {
  const pool = new TailBlockPool(0);
  const kept = pool.borrow(10_000);
  kept.begin({ giveUp: () => false }, 0, 0, 0);
  assert.equal(pool.heldBySlicesBytes, 0);
  kept.leases++;
  pool.giveBack(kept);
  assert.equal(pool.heldBySlicesBytes, kept.memory.length);
  pool.release(kept);
  assert.deepEqual([pool.heldBySlicesBytes, pool.usedBytes], [0, 0]);
});

test("releasing a slice twice is a bug that shows", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  appendNow(log, batchOf(["a"]));
  world.settle();
  const result = readFrom(world, log, {});
  assert.ok(result.kind === "slice");
  result.slice.release();
  assert.throws(() => result.slice.release(), /twice/);
});

test("what a slice shows stays the same while the log is appended to, cut and filled again", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  appendNow(log, batchOf(["a"]));
  world.settle();
  const held = readFrom(world, log, {});
  assert.ok(held.kind === "slice");
  const before = held.slice.parts.map((part) => part.slice());
  log.truncateFullyAndStartAt(log.logStartOffset);
  for (let index = 0; index < 50; index++) appendNow(log, batchOf([`other ${index}`]));
  world.settle();
  assert.deepEqual(held.slice.parts, before);
  held.slice.release();
});

test("a log with more than the budget holds serves its older records from the file", () => {
  const world = new LogWorld();
  const manager = world.open({ tailCacheBytesMax: 16 * 1024 });
  const log = world.log();
  const value = "x".repeat(1000);
  for (let index = 0; index < 100; index++) {
    appendNow(log, batchOf([`${index} ${value}`]));
    world.settle();
  }
  assert.equal(valuesFrom(world, log, 0).length, 100);
  const other = manager.createLog({ topic: "other", topicId: log.topicId, partition: 0, config: log.config });
  appendNow(other, batchOf([value]));
  world.settle();
  assert.equal(valuesFrom(world, log, 95).length, 5);
});

test("a read over several blocks is one slice of several parts", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  const batch = batchOf(["x".repeat(3000)]);
  for (let index = 0; index < 5; index++) appendNow(log, batch);
  world.settle();
  const result = readFrom(world, log, {});
  assert.ok(result.kind === "slice" && result.slice.parts.length > 1);
  assert.equal(takeBytes(result).length, 5 * batch.length);
});

test("a batch larger than any block goes through whole", () => {
  const world = new LogWorld({ config: { maxMessageBytes: 10_000_000 } });
  world.open();
  const log = world.log();
  const batch = batchOf(["x".repeat(3_000_000)]);
  appendNow(log, batch);
  appendNow(log, batchOf(["small"]));
  world.settle();
  assert.equal(takeBytes(readFrom(world, log, { bytesMax: 100 })).length, batch.length);
  assert.deepEqual(valuesFrom(world, log, 1), ["1:small"]);
});
