import assert from "node:assert/strict";
import { test } from "node:test";
import type { Offset, Uuid } from "@ottla/protocol";
import { JOURNAL_AFTER_SMALL_SYNCS } from "../limits.ts";
import type { PartitionLog } from "../partition-log.ts";
import { runJournalScenario } from "../testing/journal-scenario.ts";
import { appendNow, batchOf, DIRECTORY, LogWorld, valuesFrom } from "../testing/log-world.ts";
import { SYNC_JOURNAL } from "./journal-format.ts";

const JOURNAL = `${DIRECTORY}/${SYNC_JOURNAL}`;
const SEEDS = 4;
const LOG_FILES = /\.log$/;

/** An open manager whose journal is ready. */
function worldWithJournal(options: ConstructorParameters<typeof LogWorld>[0] = {}): LogWorld {
  const world = new LogWorld({ journalBytes: 65_536, ...options });
  world.open();
  prepareJournal(world);
  return world;
}

function prepareJournal(world: LogWorld): void {
  // The first sync is that of a new log, which needs its own file.
  for (let sync = 0; sync <= JOURNAL_AFTER_SMALL_SYNCS; sync++)
    appendAndSync(world, world.log("warm-up"), "w");
  assert.ok(world.ports.disk.status(JOURNAL) !== null);
}

function appendAndSync(world: LogWorld, log: PartitionLog, value: string): void {
  appendNow(log, batchOf([value]));
  world.world.run({ ms: 1000 });
  assert.equal(log.durableEndOffset, log.logEndOffset);
}

/** A log that was synced by its own file, as a new one is: its small appends are for the journal now. */
function startedLog(world: LogWorld, topic: string = "events"): PartitionLog {
  const log = world.log(topic);
  appendAndSync(world, log, "first");
  return log;
}

/** Leaves the first record alone in the file of `events`. */
function shortenToFirst(world: LogWorld): void {
  const { storage } = world.world.host("broker");
  const path = `${DIRECTORY}/events-0/00000000000000000000.log`;
  storage.shorten(path, storage.written(path).length - batchOf(["first"]).length);
}

/** Counts the syncs of logs' own files and of the journal. */
function countSyncs(world: LogWorld): { files: number; journal: number } {
  const counts = { files: 0, journal: 0 };
  world.world.host("broker").storage.onCall = ({ operation, path, phase }) => {
    if (operation !== "sync" || phase === "effect") return "go";
    if (LOG_FILES.test(path)) counts.files += 1;
    if (path === JOURNAL) counts.journal += 1;
    return "go";
  };
  return counts;
}

test("small appends to fifty logs in one turn become durable by one sync, and outlive a power cut", () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const world = worldWithJournal({ seed });
    const logs = Array.from({ length: 50 }, (_, index) => startedLog(world, `topic${index}`));
    const syncs = countSyncs(world);
    for (const log of logs) appendNow(log, batchOf([`of ${log.topic}`]));
    world.settle();
    assert.deepEqual(syncs, { files: 0, journal: 1 });
    for (const log of logs) assert.equal(log.durableEndOffset, 2);
    world.world.host("broker").storage.onCall = null;
    world.crash("power");
    world.open();
    for (const { topic } of logs) assert.deepEqual(valuesFrom(world, world.log(topic), 1), [`1:of ${topic}`]);
    assert.deepEqual(world.logger.errors, []);
    assert.equal(world.ports.disk.status(JOURNAL), null);
  }
});

test("the recovery point stays where the log's own file was synced", () => {
  const world = worldWithJournal();
  const log = startedLog(world);
  world.tick();
  world.settle();
  appendAndSync(world, log, "a");
  world.tick();
  world.settle();
  assert.equal(log.durableEndOffset, 2);
  assert.equal(log.recoveryPoint, 1);
});

test("many bytes of one log go to its own file, and nothing asks for a journal then", () => {
  const world = new LogWorld({ journalBytes: 65_536 });
  world.open();
  const syncs = countSyncs(world);
  for (let append = 0; append < 10; append++) appendAndSync(world, world.log(), "x".repeat(30_000));
  assert.deepEqual(syncs, { files: 10, journal: 0 });
  assert.equal(world.ports.disk.status(JOURNAL), null);
});

test("a log that rolled is synced by its own files first, then by the journal again", () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const world = worldWithJournal({ seed, config: { segmentBytes: 400 } });
    const values = Array.from({ length: 30 }, (_, index) => `value ${index}`);
    for (const value of values) appendAndSync(world, world.log(), value);
    assert.ok(readSegments(world).length > 3);
    world.crash("power");
    world.open();
    assert.deepEqual(
      valuesFrom(world, world.log(), 0),
      values.map((value, offset) => `${offset}:${value}`),
    );
    assert.deepEqual(world.logger.errors, []);
  }
});

function readSegments(world: LogWorld): string[] {
  return world.ports.disk.list(`${DIRECTORY}/events-0`).filter((name) => LOG_FILES.test(name));
}

test("halves are used again and again, each after the files behind it were synced in the background", () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const world = worldWithJournal({ seed, journalBytes: 32_768 });
    const syncs = countSyncs(world);
    const written = new Map<string, string[]>();
    for (let round = 0; round < 40; round++) {
      for (let index = 0; index < 5; index++) {
        const topic = `topic${(round + index) % 12}`;
        const value = `${round} ${index}`;
        appendNow(world.log(topic), batchOf([value]));
        written.set(topic, [...(written.get(topic) ?? []), value]);
      }
      world.settle();
    }
    assert.ok(syncs.journal > 35 && syncs.files < 150, JSON.stringify(syncs));
    world.world.host("broker").storage.onCall = null;
    world.crash("power");
    world.open();
    for (const [topic, values] of written) {
      const expected = values.map((value, offset) => `${offset}:${value}`);
      assert.deepEqual(valuesFrom(world, world.log(topic), 0), expected);
    }
  }
});

test("a topic that was deleted and created again does not get the old one's records", () => {
  const other = "AAAAAAAAAAAAAAAAAAAAzw" as Uuid;
  for (const topicId of [other, undefined]) {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const world = worldWithJournal({ seed });
      appendAndSync(world, startedLog(world), "old");
      world.manager.deleteLog("events", 0);
      const log = world.log("events", topicId);
      assert.equal(log.logEndOffset, 0);
      world.crash("power");
      world.open();
      assert.deepEqual(valuesFrom(world, world.log("events", topicId), 0), []);
    }
  }
});

test("what was cut off a log does not come back behind what was appended instead", () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const world = worldWithJournal({ seed });
    const log = startedLog(world);
    for (const value of ["a", "b", "c", "d"]) appendAndSync(world, log, value);
    log.truncateTo(2 as Offset);
    // As large as what it replaces, so that "c" would stand right behind it.
    appendAndSync(world, log, "B");
    world.crash("power");
    world.open();
    assert.deepEqual(valuesFrom(world, world.log(), 1), ["1:a", "2:B"]);
  }
});

test("a group that was torn ends the journal; what came before it is there", () => {
  const world = worldWithJournal();
  const log = startedLog(world);
  appendAndSync(world, log, "a");
  const groupsBefore = groupPages(world).length;
  const { storage } = world.world.host("broker");
  storage.onCall = ({ operation, path, phase }) =>
    operation === "sync" && path === JOURNAL && phase === "effect" ? "crash" : "go";
  appendNow(log, batchOf(["b"]));
  world.world.run({ until: () => !world.isAlive });
  storage.onCall = null;
  // The second group's checksum fails, whatever of it got to the disk.
  const page = groupPages(world)[groupsBefore];
  if (page !== undefined) storage.flipBit(JOURNAL, 8 * (page + 40));
  world.restart();
  world.open();
  assert.equal(valuesFrom(world, world.log(), 1)[0], "1:a");
  assert.deepEqual(world.logger.errors, []);
});

test("damage before later groups is told; those still serve", () => {
  const world = worldWithJournal();
  const log = startedLog(world);
  appendAndSync(world, startedLog(world, "other"), "x");
  for (const value of ["a", "b"]) appendAndSync(world, log, value);
  const { storage } = world.world.host("broker");
  storage.flipBit(JOURNAL, 8 * ((groupPages(world).at(-3) as number) + 60));
  world.crash("kill");
  shortenToFirst(world);
  world.open();
  assert.deepEqual(valuesFrom(world, world.log(), 1), ["1:a", "2:b"]);
  assert.deepEqual(world.logger.errors, ["the sync journal is damaged: groups are missing"]);
});

/** Where groups begin in the journal's file. */
function groupPages(world: LogWorld): number[] {
  const content = world.world.host("broker").storage.written(JOURNAL);
  const pages: number[] = [];
  for (let at = 0; at < content.length; at += 4096) {
    if (new TextDecoder().decode(content.subarray(at, at + 4)) === "OTJG") pages.push(at);
  }
  return pages;
}

test("a disk that is full when the journal is to be prepared means no journal, and no failure", () => {
  const world = new LogWorld({ journalBytes: 65_536 });
  world.open();
  const { storage } = world.world.host("broker");
  storage.bytesMax = storage.usedBytes() + 20_000;
  for (let append = 0; append < 10; append++) appendAndSync(world, world.log(), "a");
  assert.equal(world.ports.disk.status(JOURNAL), null);
  assert.deepEqual(world.logger.errors, []);
  assert.deepEqual(world.logger.warnings, ["no sync journal: every log is synced by itself"]);
  storage.bytesMax = 2 ** 40;
  world.world.run({ ms: 120_000 });
  for (let append = 0; append < 10; append++) appendAndSync(world, world.log(), "a");
  assert.ok(world.ports.disk.status(JOURNAL) !== null);
});

for (const operation of ["write", "sync"]) {
  test(`a failed ${operation} of the journal takes the directory offline, and nothing counts as durable`, () => {
    const world = worldWithJournal();
    const log = startedLog(world);
    appendAndSync(world, log, "a");
    world.world.host("broker").storage.onCall = (call) =>
      call.path === JOURNAL && call.operation === operation ? { code: "EIO" } : "go";
    appendNow(log, batchOf(["b"]));
    world.settle();
    assert.equal(log.durableEndOffset, 2);
    assert.equal(log.isWritable, false);
    assert.equal(world.manager.directories[0]?.isOnline, false);
  });
}

test("after a clean stop there is no journal, and one that lies beside the marker is not believed", () => {
  const world = worldWithJournal();
  appendAndSync(world, startedLog(world), "a");
  const journal = world.world.host("broker").storage.written(JOURNAL);
  world.closeAndOpen();
  assert.equal(world.ports.disk.status(JOURNAL), null);
  const log = world.log();
  log.truncateTo(0 as Offset);
  world.closeAndOpen();
  let isClosed = false;
  world.manager.close(9, () => {
    isClosed = true;
  });
  world.world.run({ until: () => isClosed });
  // Somebody else ran here meanwhile and stopped in order.
  world.ports.disk.open(JOURNAL, "create").write([journal], 0);
  world.open();
  assert.deepEqual(valuesFrom(world, world.log(), 0), []);
  assert.equal(world.ports.disk.status(JOURNAL), null);
});

test("a journal is read though none is to be written any more", () => {
  const world = worldWithJournal();
  appendAndSync(world, startedLog(world), "a");
  world.crash("kill");
  shortenToFirst(world);
  world.open({}, 0);
  assert.deepEqual(valuesFrom(world, world.log(), 1), ["1:a"]);
  assert.equal(world.ports.disk.status(JOURNAL), null);
});

test("in page-cache mode there is no journal", () => {
  const world = new LogWorld({
    journalBytes: 65_536,
    config: { durability: "page-cache", flushMessages: 1 },
  });
  world.open();
  for (let append = 0; append < 10; append++) appendAndSync(world, world.log(), "a");
  assert.equal(world.ports.disk.status(JOURNAL), null);
});

test("logs that are cut, deleted and crashed at any disk call keep what was durable and get nothing back", () => {
  let groups = 0;
  for (let seed = 1; seed <= 5; seed++) groups += runJournalScenario(seed);
  assert.ok(groups > 100, `only ${groups} groups were written`);
});
