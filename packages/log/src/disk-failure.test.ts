import assert from "node:assert/strict";
import { test } from "node:test";
import type { DiskError } from "@ottla/ports";
import type { LogListener } from "./log-listener.ts";
import { appendNow, batchOf, DIRECTORY, LogWorld, valuesFrom } from "./testing/log-world.ts";

class NotedListener implements LogListener {
  readonly failures: string[] = [];
  written(): void {}
  durable(): void {}
  failed(_: unknown, error: DiskError): void {
    this.failures.push(error.code);
  }
}

test("a failed write closes the log to appends; it opens again where the last good write ended", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  const listener = new NotedListener();
  log.listener = listener;
  appendNow(log, batchOf(["a"]));
  world.settle();
  const { storage } = world.world.host("broker");
  storage.onCall = ({ operation, path }) =>
    operation === "write" && path.endsWith(".log") ? { code: "ENOSPC" } : "go";
  appendNow(log, batchOf(["lost", "lost too"]));
  assert.equal(log.logEndOffset, 3);
  world.world.run({ ms: 100 });
  assert.deepEqual(listener.failures, ["ENOSPC"]);
  assert.equal(log.logEndOffset, 1);
  assert.equal(log.isWritable, false);
  const refused = appendNow(log, batchOf(["b"]));
  assert.equal(refused.kind === "refused" ? refused.error.name : refused.kind, "KAFKA_STORAGE_ERROR");
  assert.deepEqual(valuesFrom(world, log, 0), ["0:a"]);
  storage.onCall = null;
  world.tick();
  assert.equal(log.isWritable, true);
  appendNow(log, batchOf(["c"]));
  world.settle();
  assert.deepEqual(valuesFrom(world, log, 0), ["0:a", "1:c"]);
  world.closeAndOpen();
  assert.deepEqual(valuesFrom(world, world.log(), 0), ["0:a", "1:c"]);
});

test("what a failed log had written and not synced is told as durable when it opens again", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  const durableEnds: number[] = [];
  log.listener = { written() {}, durable: () => durableEnds.push(log.durableEndOffset), failed() {} };
  // The sync of the first record takes longer than the failure of the second and the way back.
  world.world.host("broker").delays.poolUs = { min: 60_000_000, max: 60_000_000 };
  const { storage } = world.world.host("broker");
  appendNow(log, batchOf(["a"]));
  world.world.run({ ms: 10 });
  storage.onCall = ({ operation, path }) =>
    operation === "write" && path.endsWith(".log") ? { code: "ENOSPC" } : "go";
  appendNow(log, batchOf(["lost"]));
  world.world.run({ ms: 10 });
  storage.onCall = null;
  assert.equal(log.isWritable, false);
  assert.deepEqual(durableEnds, []);
  world.tick();
  assert.equal(log.isWritable, true);
  assert.deepEqual(durableEnds, [1]);
});

test("a failed fdatasync takes the whole directory offline for good", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  const other = world.log("other");
  const listener = new NotedListener();
  log.listener = listener;
  other.listener = listener;
  const { storage } = world.world.host("broker");
  storage.onCall = ({ operation, phase }) =>
    operation === "sync" && phase === "effect" ? { code: "EIO" } : "go";
  appendNow(log, batchOf(["a"]));
  world.settle();
  storage.onCall = null;
  assert.deepEqual(listener.failures, ["EIO", "EIO"]);
  assert.equal(log.durableEndOffset, 0);
  world.tick();
  world.settle();
  assert.equal(log.isWritable, false);
  assert.equal(other.isWritable, false);
  assert.equal(world.manager.directories[0]?.isOnline, false);
});

test("after a failed fdatasync the next life writes anew what the cache has and the disk may not have", () => {
  const world = new LogWorld();
  world.open();
  const { storage } = world.world.host("broker");
  const marker = `${DIRECTORY}/.ottla_sync_failed`;
  appendNow(world.log(), batchOf(["first"]));
  world.settle();
  storage.onCall = ({ operation, phase }) =>
    operation === "sync" && phase === "effect" ? { code: "EIO" } : "go";
  world.world.host("broker").delays.poolUs = { min: 50_000, max: 50_000 };
  for (let count = 0; count < 20; count++) {
    appendNow(world.log(), batchOf([`${count}`]));
    // Written and not synced: each is a change of its own to the file.
    world.world.run({ ms: 1 });
  }
  world.settle();
  storage.onCall = null;
  assert.ok(storage.paths().includes(marker));
  world.crash("kill");
  world.open();
  const known = valuesFrom(world, world.log(), 0);
  assert.ok(known.length > 5, `${known.length}`);
  assert.equal(storage.paths().includes(marker), false);
  world.crash("power");
  world.open();
  assert.deepEqual(valuesFrom(world, world.log(), 0), known);
});

test("whenDurable answers once the records are durable, and false when the log fails first", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  const answers: boolean[] = [];
  appendNow(log, batchOf(["a"]));
  world.manager.whenDurable(log, 1, (isDurable) => answers.push(isDurable));
  assert.equal(answers.length, 0);
  world.settle();
  assert.deepEqual(answers, [true]);
  appendNow(log, batchOf(["b"]));
  world.manager.whenDurable(log, 2, (isDurable) => answers.push(isDurable));
  world.world.host("broker").storage.onCall = ({ operation }) =>
    operation === "sync" ? { code: "EIO" } : "go";
  world.settle();
  assert.deepEqual(answers, [true, false]);
});

test("in page-cache mode what is written counts as durable, and nothing waits for the disk", () => {
  const world = new LogWorld({ config: { durability: "page-cache" } });
  world.open();
  const log = world.log();
  const { storage } = world.world.host("broker");
  let syncs = 0;
  storage.onCall = ({ operation, path }) => {
    if (operation === "sync" && path.endsWith(".log")) syncs++;
    return "go";
  };
  appendNow(log, batchOf(["a"]));
  world.settle();
  assert.equal(log.durableEndOffset, 1);
  assert.equal(log.recoveryPoint, 0);
  assert.equal(syncs, 0);
});

test("after a failed write a new producer begins with its first batch, not with one it sent behind it", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  const batch = (baseSequence: number) =>
    batchOf([`from ${baseSequence}`], { producerId: 7, producerEpoch: 0, baseSequence });
  const { storage } = world.world.host("broker");
  storage.onCall = ({ operation, path }) =>
    operation === "write" && path.endsWith(".log") ? { code: "ENOSPC" } : "go";
  appendNow(log, batch(0));
  world.world.run({ ms: 100 });
  storage.onCall = null;
  world.tick();
  assert.equal(log.isWritable, true);
  const behind = appendNow(log, batch(1));
  assert.equal(behind.kind === "refused" && behind.error.name, "OUT_OF_ORDER_SEQUENCE_NUMBER");
  assert.equal(appendNow(log, batch(0)).kind, "appended");
  assert.equal(appendNow(log, batch(1)).kind, "appended");
});
