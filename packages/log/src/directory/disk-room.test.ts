import assert from "node:assert/strict";
import { test } from "node:test";
import type { Offset } from "@ottla/protocol";
import { appendNow, batchOf, LogWorld, valuesFrom } from "../testing/log-world.ts";

const MIB = 1024 * 1024;

/** A world whose disk holds a mebibyte of something else, so that a twentieth of it is kept back. */
function worldWith(freeBytes: number, config: ConstructorParameters<typeof LogWorld>[0] = {}) {
  const world = new LogWorld(config);
  world.open();
  const file = world.ports.disk.open("/data.filler", "create");
  file.write([new Uint8Array(MIB)], 0);
  file.close();
  const { storage } = world.world.host("broker");
  const leave = (bytes: number): void => {
    storage.bytesMax = storage.usedBytes() + bytes;
  };
  leave(freeBytes);
  return { world, log: world.log(), leave };
}

test("clients are refused before the disk is full, the broker itself is not, and all goes on with room", () => {
  const { world, log, leave } = worldWith(1024 * MIB);
  const { room } = world.manager.directories[0] as NonNullable<(typeof world.manager.directories)[0]>;
  assert.equal(appendNow(log, batchOf(["before"])).kind, "appended");
  leave(2_000);
  world.world.run({ ms: 2000 });
  const refused = appendNow(log, batchOf(["refused"]));
  assert.equal(refused.kind === "refused" && refused.error.name, "KAFKA_STORAGE_ERROR");
  assert.match(refused.kind === "refused" ? String(refused.message) : "", /The disk of \/data is full/);
  assert.equal(room.isFull, true);
  assert.equal(room.refusedCount, 1);
  assert.match(world.logger.errors.join(), /delete topics or records/);
  assert.equal(
    appendNow(log, batchOf(["own"]), { origin: "coordinator", leaderEpoch: 0 as never }).kind,
    "appended",
  );
  world.settle();
  assert.deepEqual(valuesFrom(world, log, 0), ["0:before", "1:own"]);
  assert.equal(appendNow(log, batchOf(["still"])).kind, "refused");
  leave(1024 * MIB);
  world.tick();
  assert.equal(room.isFull, false);
  assert.equal(appendNow(log, batchOf(["after"])).kind, "appended");
  assert.equal(world.logger.errors.length, 1);
});

test("a batch sent behind one that found no room does not pass as its producer's first", () => {
  const { world, log, leave } = worldWith(1024 * MIB);
  leave(2_000);
  world.world.run({ ms: 2000 });
  const batch = (baseSequence: number): Uint8Array =>
    batchOf(["v"], { producerId: 7, producerEpoch: 0, baseSequence });
  assert.equal(appendNow(log, batch(0)).kind, "refused");
  leave(1024 * MIB);
  world.tick();
  assert.equal(appendNow(log, batch(1)).kind, "refused");
  assert.equal(appendNow(log, batch(0)).kind, "appended");
  assert.equal(appendNow(log, batch(1)).kind, "appended");
});

test("an append that finds no room is undone, its directory stays, and the log opens again", () => {
  const { world, log, leave } = worldWith(1024 * MIB);
  assert.equal(appendNow(log, batchOf(["kept"])).kind, "appended");
  world.settle();
  leave(10);
  // Past the look at the disk, which is that of the second before.
  const own = appendNow(log, batchOf(["x".repeat(5_000)]), {
    origin: "coordinator",
    leaderEpoch: 0 as never,
  });
  assert.equal(own.kind, "appended");
  world.world.run({ ms: 100 });
  assert.equal(log.isWritable, false);
  assert.equal(world.manager.directories[0]?.isOnline, true);
  for (let second = 0; second < 3; second += 1) world.tick();
  assert.equal(world.manager.directories[0]?.isOnline, true);
  leave(1024 * MIB);
  for (let second = 0; second < 3; second += 1) world.tick();
  assert.equal(log.isWritable, true);
  assert.equal(appendNow(log, batchOf(["again"])).kind, "appended");
  world.settle();
  assert.deepEqual(valuesFrom(world, log, 0), ["0:kept", "1:again"]);
});

test("on a full disk deleted records and topics give their room back at once", () => {
  const { world, log, leave } = worldWith(1024 * MIB, { config: { segmentBytes: 2_000 } });
  for (let at = 0; at < 100; at += 1) appendNow(log, batchOf(["y".repeat(100)]));
  world.settle();
  world.log("doomed", "AAAAAAAAAAAAAAAAAAAAyg" as never);
  for (let second = 0; second < 3; second += 1) world.tick();
  const { storage } = world.world.host("broker");
  leave(50);
  assert.equal(appendNow(log, batchOf(["refused"])).kind, "refused");
  log.updateHighWatermark(100 as Offset);
  log.deleteRecordsBelow(100 as Offset);
  world.manager.deleteLog("doomed", 0);
  const before = storage.usedBytes();
  for (let second = 0; second < 14; second += 1) world.tick();
  assert.ok(storage.usedBytes() < before - 10_000, `${before} to ${storage.usedBytes()}`);
  assert.deepEqual(
    world.ports.disk.list("/data").filter((name) => name.startsWith("doomed")),
    [],
  );
});

test("a move waits for room in its target and goes on with it", () => {
  const { world, log, leave } = worldWith(1024 * MIB, { directories: ["/first", "/second"] });
  for (let at = 0; at < 50; at += 1) appendNow(log, batchOf(["z".repeat(100)]));
  world.settle();
  leave(20_000);
  const target = world.manager.directories.find(({ path }) => path !== log.directory);
  assert.ok(target !== undefined);
  target.room.ranOut();
  world.manager.moves.move(log, target, () => {});
  world.settle();
  assert.equal(world.manager.moves.count, 1);
  leave(1024 * MIB);
  for (let second = 0; second < 5; second += 1) world.tick();
  assert.equal(world.manager.moves.movedCount, 1);
});
