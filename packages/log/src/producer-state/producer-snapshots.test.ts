import assert from "node:assert/strict";
import { test } from "node:test";
import { appendNow, batchOf, DIRECTORY, LogWorld } from "../testing/log-world.ts";

test("a snapshot of records that a crash took is not believed: their retry is appended, not a duplicate", () => {
  const first = batchOf(["first"], { producerId: 7, producerEpoch: 0, baseSequence: 0 });
  const second = batchOf(["second"], { producerId: 7, producerEpoch: 0, baseSequence: 1 });
  const third = batchOf(["third"], { producerId: 7, producerEpoch: 0, baseSequence: 2 });
  const world = new LogWorld({ config: { segmentBytes: first.length + second.length } });
  world.open();
  for (const batch of [first, second, third]) appendNow(world.log(), batch);
  world.settle();
  const { storage } = world.world.host("broker");
  const snapshot = `${DIRECTORY}/events-0/00000000000000000002.snapshot`;
  assert.ok(storage.paths().includes(snapshot));
  world.crash("kill");
  // The snapshot reached the disk, the end of the first segment did not.
  storage.shorten(`${DIRECTORY}/events-0/00000000000000000000.log`, second.length);
  world.open();
  const log = world.log();
  assert.equal(log.logEndOffset, 1);
  assert.equal(storage.paths().includes(snapshot), false);
  const retried = appendNow(log, second);
  assert.deepEqual([retried.kind, log.logEndOffset], ["appended", 2]);
});
