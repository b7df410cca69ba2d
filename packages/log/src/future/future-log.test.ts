import assert from "node:assert/strict";
import { test } from "node:test";
import type { Offset } from "@ottla/protocol";
import type { LogManager } from "../log-manager.ts";
import type { PartitionLog } from "../partition-log.ts";
import { appendNow, batchOf, LogWorld, valuesFrom } from "../testing/log-world.ts";
import { MOVE_DIRECTORIES, runMoveScenario } from "../testing/move-scenario.ts";

function worldWith(records: number, options: ConstructorParameters<typeof LogWorld>[0] = {}) {
  const world = new LogWorld({ directories: MOVE_DIRECTORIES, config: { segmentBytes: 4096 }, ...options });
  world.open();
  const log = world.log();
  for (let at = 0; at < records; at += 1) appendNow(log, batchOf([`v${at}`]));
  world.settle();
  return { world, log };
}

function other(manager: LogManager, log: PartitionLog) {
  const found = manager.directories.find(({ path }) => path !== log.directory);
  assert.ok(found !== undefined);
  return found;
}

const names = (world: LogWorld, path: string): string[] =>
  world.ports.disk.list(path).filter((name) => name.startsWith("events-"));

test("a replica is copied, takes the place of the log, and the log's directory is set to be removed", () => {
  const { world, log } = worldWith(500);
  const replaced: string[] = [];
  log.listener = {
    written() {},
    durable() {},
    failed() {},
    replaced: (from, by) => replaced.push(`${from.directory} by ${by.directory}`),
  };
  let isOpen = false;
  const { manager } = world;
  const target = other(manager, log);
  manager.moves.move(log, target, () => {
    isOpen = true;
  });
  world.world.run({ until: () => isOpen });
  assert.match(names(world, target.path).join(), /^events-0\.[0-9a-f]{32}-future$/);
  assert.notEqual(manager.moves.futureOf(log), null);
  world.settle();
  const moved = world.log();
  assert.deepEqual(replaced, [`${log.directory} by ${target.path}`]);
  assert.deepEqual([moved.directory, moved.logEndOffset, moved.isWritable], [target.path, 500, true]);
  assert.equal(valuesFrom(world, moved, 0).length, 500);
  assert.deepEqual(names(world, target.path), ["events-0"]);
  assert.match(names(world, log.directory).join(), /^events-0\.[0-9a-f]{32}-delete$/);
  assert.deepEqual([manager.moves.count, manager.moves.movedCount], [0, 1]);
  assert.equal(appendNow(moved, batchOf(["more"])).kind, "appended");
  world.closeAndOpen();
  assert.equal(world.log().logEndOffset, 501);
});

test("what is appended while the replica moves is in the copy, with its producer", () => {
  const { world, log } = worldWith(100);
  const { manager } = world;
  manager.moves.move(log, other(manager, log), () => {});
  const producer = { producerId: 7, producerEpoch: 0 };
  for (let at = 0; at < 50; at += 1) {
    const outcome = appendNow(world.log(), batchOf([`p${at}`], { ...producer, baseSequence: at }));
    assert.equal(outcome.kind, "appended");
    world.world.run({ events: 3 });
  }
  world.settle();
  const moved = world.log();
  assert.notEqual(moved.directory, log.directory);
  assert.equal(valuesFrom(world, moved, 0).at(-1), "149:p49");
  assert.equal(appendNow(moved, batchOf(["p49"], { ...producer, baseSequence: 49 })).kind, "duplicate");
  assert.equal(appendNow(log, batchOf(["late"])).kind, "refused");
});

test("the start of the log moves with it, from within a batch", () => {
  const { world, log } = worldWith(0);
  appendNow(log, batchOf(["a", "b", "c"]));
  appendNow(log, batchOf(["d"]));
  world.settle();
  log.updateHighWatermark(4 as Offset);
  log.deleteRecordsBelow(2 as Offset);
  world.manager.moves.move(log, other(world.manager, log), () => {});
  world.settle();
  const moved = world.log();
  assert.deepEqual([moved.logStartOffset, moved.logEndOffset], [2, 4]);
  assert.deepEqual(valuesFrom(world, moved, 2), ["2:c", "3:d"]);
});

test("a log all of whose records are deleted moves too", () => {
  const { world, log } = worldWith(10);
  log.updateHighWatermark(10 as Offset);
  log.deleteRecordsBelow(10 as Offset);
  world.manager.moves.move(log, other(world.manager, log), () => {});
  world.settle();
  const moved = world.log();
  assert.notEqual(moved.directory, log.directory);
  assert.deepEqual([moved.logStartOffset, moved.logEndOffset], [10, 10]);
});

test("copying keeps to its rate, which may change on the way", () => {
  let rate = 1000;
  const limited = new LogWorld({ directories: MOVE_DIRECTORIES, config: { segmentBytes: 4096 } });
  limited.open({ moveBytesPerSecond: () => rate });
  const slow = limited.log();
  for (let at = 0; at < 500; at += 1) appendNow(slow, batchOf([`v${at}`]));
  limited.settle();
  limited.manager.moves.move(slow, other(limited.manager, slow), () => {});
  limited.world.run({ ms: 10_000 });
  const copied = limited.manager.moves.futureOf(slow)?.sizeInBytes ?? -1;
  assert.ok(copied > 5_000 && copied < 13_000, String(copied));
  rate = 1_000_000;
  limited.world.run({ ms: 5_000 });
  assert.equal(limited.manager.moves.movedCount, 1);
});

test("another target, or the present one, ends the move; a deleted partition takes its copy along", () => {
  const { world, log } = worldWith(100);
  const { manager } = world;
  const target = other(manager, log);
  const home = manager.directoryAt(log.directory);
  assert.ok(home !== null);
  manager.moves.move(log, target, () => {});
  manager.moves.move(log, home, () => {});
  world.settle();
  assert.equal(world.log(), log);
  assert.equal(manager.moves.count, 0);
  manager.moves.move(log, target, () => {});
  world.world.run({ events: 40 });
  manager.deleteLog("events", 0);
  world.settle();
  for (let second = 0; second < 5; second += 1) world.tick();
  assert.deepEqual(names(world, target.path), []);
  assert.equal(manager.log("events", 0), null);
});

test("a move goes on after a stop in order, and begins anew after a crash", () => {
  for (const isClean of [true, false]) {
    const { world, log } = worldWith(200);
    const target = other(world.manager, log).path;
    world.manager.close(1, () => {});
    world.crash("kill");
    world.open({ moveBytesPerSecond: () => 100 });
    const slow = world.log();
    const directory = world.manager.directoryAt(target);
    assert.ok(directory !== null);
    world.manager.moves.move(slow, directory, () => {});
    world.world.run({ ms: 3_000 });
    assert.ok((world.manager.moves.futureOf(slow)?.logEndOffset ?? 0) > 0);
    const [before] = names(world, target);
    if (isClean) world.closeAndOpen();
    else {
      world.crash("kill");
      world.open();
    }
    world.tick();
    world.world.run({ ms: 10 });
    if (isClean) assert.deepEqual(names(world, target), [before]);
    for (let second = 0; second < 5; second += 1) world.tick();
    assert.deepEqual([world.log().directory, world.log().logEndOffset], [target, 200]);
    assert.deepEqual(names(world, target), ["events-0"]);
  }
});

test("a failing target ends the move and nothing else; a failing source leaves the copy", () => {
  for (const fails of ["target", "source"] as const) {
    const { world, log } = worldWith(200);
    const { manager } = world;
    const target = other(manager, log);
    manager.moves.move(log, target, () => {});
    world.world.run({ until: () => (manager.moves.futureOf(log)?.logEndOffset ?? 0) > 0 });
    const failing = fails === "target" ? target : manager.directoryAt(log.directory);
    failing?.goOffline(new Error("EIO") as never);
    world.settle();
    assert.equal(manager.moves.count, 0);
    assert.equal(appendNow(log, batchOf(["x"])).kind, fails === "target" ? "appended" : "refused");
    assert.equal(manager.log("events", 0), log);
    assert.match(names(world, target.path).join(), /-future$/);
  }
});

test("one log with all that is durable is found after a crash at any disk call of a move", () => {
  let moves = 0;
  // Beside the first ones, seeds that noticed a move whose copy, or whose new name, was not durable.
  for (const seed of [...Array.from({ length: 30 }, (_, index) => index + 1), 44, 232])
    moves += runMoveScenario(seed, seed % 2 === 0 ? 1 << 16 : 0);
  assert.ok(moves > 30, `only ${moves} moves came to an end`);
});

test("a partition in two directories: the copy that never held a record gives way at a start", () => {
  for (const isEmptyFirst of [true, false]) {
    const { world, log } = worldWith(0);
    const { manager } = world;
    const { path: otherPath } = other(manager, log);
    const [emptyPath, fullPath] = isEmptyFirst
      ? [...manager.directories].map(({ path }) => path)
      : [...manager.directories].map(({ path }) => path).reverse();
    assert.ok(emptyPath !== undefined && fullPath !== undefined);
    world.close();
    const { disk } = world.ports;
    for (const path of [log.directory, otherPath]) {
      if (disk.status(`${path}/events-0`) === null) disk.makeDirectory(`${path}/events-0`);
      const file = disk.open(`${path}/events-0/${"0".repeat(20)}.log`, "write");
      if (path === fullPath) file.write([batchOf(["kept"])], 0);
      file.close();
    }
    const found = world.open().log("events", 0);
    assert.deepEqual([found?.directory, found?.logEndOffset], [fullPath, 1]);
    assert.match(names(world, emptyPath).join(), /^(events-0\.[0-9a-f]{32}-delete)?$/);
  }
});

test("a partition in two directories, both with records, is a human's to decide", () => {
  const { world, log } = worldWith(3);
  const { path } = other(world.manager, log);
  world.close();
  const { disk } = world.ports;
  disk.makeDirectory(`${path}/events-0`);
  const file = disk.open(`${path}/events-0/${"0".repeat(20)}.log`, "write");
  file.write([batchOf(["other"])], 0);
  file.close();
  assert.throws(() => world.open(), /the same partition is also in/);
});

test("what counts as durable right after a replica took its place is there after a power cut", () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const { world, log } = worldWith(20, { seed });
    let moved: PartitionLog | null = null;
    log.listener = { written() {}, durable() {}, failed() {}, replaced: (_, by) => (moved = by) };
    const { manager } = world;
    manager.moves.move(log, other(manager, log), () => {});
    world.world.run({ until: () => moved !== null });
    const inUse = moved as PartitionLog | null;
    assert.ok(inUse !== null);
    assert.equal(appendNow(inUse, batchOf(["after"])).kind, "appended");
    world.world.run({ until: () => inUse.durableEndOffset === 21 });
    world.crash("power");
    world.open();
    assert.equal(world.log().logEndOffset, 21, `seed ${seed}`);
  }
});
