import assert from "node:assert/strict";
import { test } from "node:test";
import type { TimestampResult } from "../read/timestamp-offset.ts";
import { appendNow, batchOf, DIRECTORY, LogWorld } from "../testing/log-world.ts";

test("where a crash took the time index alone, the largest timestamp is found again", () => {
  const world = new LogWorld({ config: { indexIntervalBytes: 0, messageTimestampBeforeMaxMs: 1e15 } });
  world.open();
  for (const timestamp of [3000, 1000, 2000]) {
    appendNow(world.log(), batchOf([], { records: [{ timestamp, key: null, value: null }] }));
  }
  world.settle();
  // The first tick saves epochs and indexes, the second one the recovery point that relies on them.
  for (let tick = 0; tick < 2; tick++) {
    world.tick();
    world.settle();
  }
  world.crash("kill");
  const { storage } = world.world.host("broker");
  storage.shorten(`${DIRECTORY}/events-0/00000000000000000000.timeindex`, 1_000_000);
  world.open();
  const results: TimestampResult[] = [];
  world.log().offsetForTimestamp(2500, (result) => results.push(result));
  world.world.run({ until: () => results.length > 0 });
  const [result] = results;
  assert.equal(result?.kind === "found" && result.found.offset, 0);
});

test("an index whose entries do not ascend after a crash is rebuilt, not believed", () => {
  const world = new LogWorld({ config: { indexIntervalBytes: 0, messageTimestampBeforeMaxMs: 1e15 } });
  world.open();
  for (const timestamp of [1000, 2000, 3000, 4000, 5000]) {
    appendNow(world.log(), batchOf([], { records: [{ timestamp, key: null, value: null }] }));
  }
  world.settle();
  for (let tick = 0; tick < 2; tick++) {
    world.tick();
    world.settle();
  }
  world.crash("kill");
  // An entry is a timestamp (8 bytes) and an offset (4 bytes); the first batch has none. The second entry, of
  // 3000, now names offset 4 instead of 2.
  const { storage } = world.world.host("broker");
  for (const bit of [1, 2]) {
    storage.flipBit(`${DIRECTORY}/events-0/00000000000000000000.timeindex`, 8 * (12 + 11) + bit);
  }
  world.open();
  const results: TimestampResult[] = [];
  world.log().offsetForTimestamp(3000, (result) => results.push(result));
  world.world.run({ until: () => results.length > 0 });
  const [result] = results;
  assert.equal(result?.kind === "found" && result.found.offset, 2);
});
