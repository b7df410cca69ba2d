import assert from "node:assert/strict";
import { test } from "node:test";
import { NodeCrashed } from "@ottla/ports";
import { CLUSTER_METADATA_TOPIC, type Offset, type Uuid } from "@ottla/protocol";
import { LogManagerError } from "./log-manager-error.ts";
import {
  appendNow,
  batchOf,
  CLUSTER_ID,
  DIRECTORY,
  LogWorld,
  TOPIC_ID,
  valuesFrom,
} from "./testing/log-world.ts";

test("a deleted partition's directory is renamed as Kafka does, and is gone after the delay", () => {
  const world = new LogWorld({ config: { fileDeleteDelayMs: 2000 } });
  world.open();
  appendNow(world.log(), batchOf(["a"]));
  world.settle();
  world.manager.deleteLog("events", 0);
  assert.equal(world.manager.log("events", 0), null);
  const names = (): string[] => world.ports.disk.list(DIRECTORY).filter((name) => name.startsWith("events"));
  assert.match(names().join(), /^events-0\.[0-9a-f]{32}-delete$/);
  const again = world.log();
  assert.equal(again.logEndOffset, 0);
  for (let second = 0; second < 5; second++) {
    world.tick();
    world.world.run({ ms: 1000 });
  }
  assert.deepEqual(names(), ["events-0"]);
});

test("a process that dies anywhere in the creation of a log leaves what the next one opens", () => {
  for (let seed = 0; seed < 150; seed++) {
    const world = new LogWorld({ seed });
    world.open();
    const { storage } = world.world.host("broker");
    const lastCall = storage.callCount + (seed % 30);
    storage.onCall = ({ index }) => (index === lastCall ? "kill" : "go");
    try {
      world.log();
    } catch (error) {
      if (!(error instanceof NodeCrashed)) throw error;
    }
    storage.onCall = null;
    if (world.isAlive) world.crash("kill");
    else world.restart();
    world.open();
    assert.equal(appendNow(world.log(), batchOf(["a"])).kind, "appended");
  }
});

test("after a crash a log created anew keeps its records, whatever checkpoints had of the one before", () => {
  for (const [isGoneAtStart, isInSlices] of [
    [false, false],
    [false, true],
    [true, true],
    [true, false],
  ]) {
    const world = new LogWorld();
    world.open();
    const log = world.log();
    for (const value of ["a", "b", "c"]) appendNow(log, batchOf([value]));
    world.settle();
    log.updateHighWatermark(3 as Offset);
    log.deleteRecordsBelow(3 as Offset);
    world.tick();
    world.settle();
    world.manager.deleteLog("events", 0);
    if (isGoneAtStart) {
      world.crash("kill");
      world.open();
    }
    appendNow(isInSlices === true ? world.logInSlices() : world.log(), batchOf(["new"]));
    world.settle();
    world.crash("kill");
    world.open();
    assert.deepEqual(valuesFrom(world, world.log(), 0), ["0:new"]);
  }
});

test("a log whose predecessor cannot be taken out of the checkpoints is not made", () => {
  const world = new LogWorld();
  world.open();
  appendNow(world.log(), batchOf(["a"]));
  world.settle();
  world.manager.deleteLog("events", 0);
  world.world.host("broker").storage.onCall = ({ operation }) =>
    operation === "rename" ? { code: "EIO" } : "go";
  assert.throws(() => world.logInSlices(), /EIO/);
});

test("a directory whose partition was being deleted when the broker stopped is removed", () => {
  const world = new LogWorld();
  world.open();
  world.log();
  world.manager.deleteLog("events", 0);
  world.crash("kill");
  world.open();
  for (let second = 0; second < 3; second++) world.tick();
  assert.deepEqual(
    world.ports.disk.list(DIRECTORY).filter((name) => name.startsWith("events")),
    [],
  );
});

test("a directory in use, not formatted or of another cluster is refused in one clear line", () => {
  const world = new LogWorld();
  const manager = world.open();
  assert.throws(() => world.open(), refusal("another process uses"));
  for (const directory of manager.directories) directory.release();
  assert.throws(() => world.open({ clusterId: "other" }), refusal("belongs to cluster"));
  world.ports.disk.remove(`${DIRECTORY}/meta.properties`);
  assert.throws(() => world.open(), refusal("not formatted"));
});

test("logs spread over several directories and are found there again", () => {
  const world = new LogWorld({ directories: ["/one", "/two"] });
  world.open();
  const used = new Set(["a", "b", "c", "d"].map((topic) => world.log(topic).directory));
  assert.deepEqual([...used].sort(), ["/one", "/two"]);
  world.closeAndOpen();
  assert.equal([...world.manager.logs()].length, 4);
});

test("a log directory whose disk fails at a start is offline, and the others go on", () => {
  for (const failing of ["meta.properties", "/b-0/"] as const) {
    const world = new LogWorld({ directories: ["/one", "/two"] });
    world.open();
    for (const topic of ["a", "b", "c", "d"]) appendNow(world.log(topic), batchOf([topic]));
    const lost = world.log("b").directory;
    const kept = ["a", "c", "d"].filter((topic) => world.log(topic).directory !== lost);
    world.settle();
    world.crash("kill");
    world.world.host("broker").storage.onCall = ({ path }) =>
      path.startsWith(lost) && path.includes(failing) ? { code: "EIO" } : "go";
    const manager = world.open();
    const online = manager.directories.filter(({ isOnline }) => isOnline).map(({ path }) => path);
    assert.deepEqual([online.length, online.includes(lost)], [1, false]);
    for (const topic of kept) assert.deepEqual(valuesFrom(world, world.log(topic), 0), [`0:${topic}`]);
    // Its records are not gone: an empty log in their place would say so.
    const where = { topic: "b", topicId: TOPIC_ID, partition: 0, config: world.config };
    const directoryId = "b3R0bGEtdHdvLXR3by0wMQ" as Uuid;
    if (manager.log("b", 0) === null)
      assert.throws(() => manager.createLog({ ...where, directoryId }), /is offline/);
    else assert.equal(manager.log("b", 0)?.isWritable, false);
    assert.equal(appendNow(world.log("new"), batchOf(["n"])).kind, "appended");
  }
});

test("where every disk fails, or a directory is not one, the start is refused", () => {
  const world = new LogWorld({ directories: ["/one", "/two"] });
  const { storage } = world.world.host("broker");
  storage.onCall = ({ path }) => (path.startsWith("/two") ? { code: "EACCES" } : "go");
  assert.throws(() => world.open(), refusal("EACCES"));
  storage.onCall = ({ path }) => (/^\/(?:one|two)/.test(path) ? { code: "EIO" } : "go");
  assert.throws(() => world.open(), refusal("no log directory can be read"));
});

test("the metadata log among the log directories is left to its engine", () => {
  const world = new LogWorld();
  const { disk } = world.ports;
  const path = `${DIRECTORY}/${CLUSTER_METADATA_TOPIC}-0`;
  disk.makeDirectory(path);
  const torn = disk.open(`${path}/00000000000000000000.log`, "create");
  torn.write([new Uint8Array(100).fill(7)], 0);
  torn.close();
  const manager = world.open();
  assert.equal(manager.log(CLUSTER_METADATA_TOPIC, 0), null);
  assert.deepEqual([...manager.logs()], []);
  // Recovery would have cut the file and added indexes.
  assert.deepEqual(disk.list(path), ["00000000000000000000.log"]);
  assert.equal(disk.status(`${path}/00000000000000000000.log`)?.bytes, 100);
});

test("high watermark and topic id are there after a restart", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  appendNow(log, batchOf(["a", "b"]));
  world.settle();
  log.updateHighWatermark(1 as Offset);
  world.closeAndOpen();
  assert.equal(world.log().highWatermark, 1);
  assert.equal(world.log().topicId, TOPIC_ID);
});

test("the marker of a clean stop does not outlive the next start", () => {
  const world = new LogWorld();
  world.open();
  appendNow(world.log(), batchOf(["a"]));
  world.settle();
  world.closeAndOpen();
  assert.equal(world.ports.disk.status(`${DIRECTORY}/.kafka_cleanshutdown`), null);
  world.crash("power");
  world.open({ clusterId: CLUSTER_ID });
  assert.deepEqual(valuesFrom(world, world.log(), 0), ["0:a"]);
});

function refusal(words: string): (error: unknown) => boolean {
  return (error) => error instanceof LogManagerError && error.message.includes(words);
}

test("to create a log syncs nothing; its first record is durable once the log would be found", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const world = new LogWorld({ seed });
    world.open();
    const { storage } = world.world.host("broker");
    const syncs: string[] = [];
    storage.onCall = ({ operation, path, phase }) => {
      if (operation.startsWith("sync") && phase === "call") syncs.push(path);
      return "go";
    };
    const logs = ["a", "b", "c"].map((topic) => world.log(topic));
    assert.deepEqual(syncs, []);
    for (const log of logs) appendNow(log, batchOf(["first"]));
    world.world.run({ until: () => logs[0]?.durableEndOffset === 1 });
    world.crash("power");
    world.open();
    assert.deepEqual(valuesFrom(world, world.log("a"), 0), ["0:first"]);
    // The others are there or are not, whole or in part: the log is made anew in any case.
    for (const topic of ["b", "c"]) assert.ok(world.log(topic).isWritable);
  }
});

test("logs created together share the sync of their directory's names", () => {
  const world = new LogWorld();
  world.open();
  const { storage } = world.world.host("broker");
  let syncs = 0;
  storage.onCall = ({ operation, path, phase }) => {
    if (operation === "syncDirectory" && path === DIRECTORY && phase === "call") syncs += 1;
    return "go";
  };
  const logs = Array.from({ length: 4 }, (_, index) => world.log(`topic${index}`));
  for (const log of logs) appendNow(log, batchOf(["first"]));
  world.settle();
  assert.ok(logs.every((log) => log.durableEndOffset === 1));
  assert.equal(syncs, 2);
});

test("what a killed process wrote to a new log counts, and is durable, from the next start on", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const world = new LogWorld({ seed });
    world.open();
    const log = world.log();
    appendNow(log, batchOf(["first"]));
    world.manager.flushDirty();
    world.crash("kill");
    world.open();
    assert.equal(world.log().durableEndOffset, 1);
    world.crash("power");
    world.open();
    assert.deepEqual(valuesFrom(world, world.log(), 0), ["0:first"]);
  }
});
