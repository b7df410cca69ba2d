import assert from "node:assert/strict";
import { test } from "node:test";
import type { Offset } from "@ottla/protocol";
import { appendNow, batchOf, LogWorld, readFrom, takeBytes, valuesFrom } from "./testing/log-world.ts";

test("appended records are read back with their offsets after the turn's write", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  assert.equal(appendNow(log, batchOf(["a", "b"])).kind, "appended");
  assert.equal(log.logEndOffset, 2);
  assert.equal(log.writtenEndOffset, 0);
  world.settle();
  assert.equal(log.writtenEndOffset, 2);
  assert.equal(log.durableEndOffset, 2);
  appendNow(log, batchOf(["c"]));
  world.settle();
  assert.deepEqual(valuesFrom(world, log, 0), ["0:a", "1:b", "2:c"]);
  assert.deepEqual(valuesFrom(world, log, 1), ["1:b", "2:c"]);
});

test("records survive a clean stop", () => {
  const world = new LogWorld();
  world.open();
  appendNow(world.log(), batchOf(["a", "b"]));
  world.settle();
  world.closeAndOpen();
  assert.deepEqual(valuesFrom(world, world.log(), 0), ["0:a", "1:b"]);
});

test("what was durable survives a power cut", () => {
  const world = new LogWorld();
  world.open();
  appendNow(world.log(), batchOf(["a", "b"]));
  world.settle();
  world.crash("power");
  world.open();
  assert.deepEqual(valuesFrom(world, world.log(), 0), ["0:a", "1:b"]);
});

test("a log rolls by size and reads go on in the next segment", () => {
  const world = new LogWorld({ config: { segmentBytes: 200, indexIntervalBytes: 50 } });
  world.open();
  const log = world.log();
  for (let index = 0; index < 20; index++) appendNow(log, batchOf([`value ${index}`]));
  world.settle();
  assert.equal(valuesFrom(world, log, 0).length, 20);
  world.closeAndOpen();
  assert.equal(valuesFrom(world, world.log(), 7).length, 13);
  assert.equal(world.ports.disk.list("/data/events-0").filter((name) => name.endsWith(".log")).length, 10);
});

test("a read ends at its upper bound, and cuts the last batch at the byte limit", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  for (let index = 0; index < 3; index++) appendNow(log, batchOf([`value ${index}`]));
  world.settle();
  const size = batchOf(["value 0"]).length;
  assert.equal(takeBytes(readFrom(world, log, { upperBound: 2 })).length, 2 * size);
  assert.equal(takeBytes(readFrom(world, log, { upperBound: 0 })).length, 0);
  assert.equal(takeBytes(readFrom(world, log, { bytesMax: size + 10 })).length, size + 10);
  assert.equal(takeBytes(readFrom(world, log, { bytesMax: 10 })).length, size);
  assert.equal(takeBytes(readFrom(world, log, { bytesMax: 10, atLeastOneBatch: false })).length, 0);
  assert.equal(readFrom(world, log, { offset: 4 }).kind, "out-of-range");
  assert.equal(takeBytes(readFrom(world, log, { offset: 3 })).length, 0);
});

test("truncation cuts records, and what is appended then takes their offsets", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  for (const value of ["a", "b", "c"]) appendNow(log, batchOf([value]));
  world.settle();
  log.truncateTo(1 as Offset);
  assert.equal(log.logEndOffset, 1);
  appendNow(log, batchOf(["d"]));
  world.settle();
  assert.deepEqual(valuesFrom(world, log, 0), ["0:a", "1:d"]);
});
