// Compaction of logs on a simulated disk: what stays, what goes, when, and what happens beside it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BrokerConfig } from "@ottla/config";
import { buildEndTxnMarkerBatch, type LeaderEpoch, type Offset } from "@ottla/protocol";
import type { LogManagerOptions } from "../log-manager.ts";
import type { PartitionLog } from "../partition-log.ts";
import { cleanNow, keyedBatch, recordsOf } from "../testing/compaction.ts";
import { appendNow, brokerConfig, DIRECTORY, LogWorld, readFrom, takeBytes } from "../testing/log-world.ts";

const COMPACTED = {
  cleanupCompact: true,
  cleanupDelete: false,
  segmentBytes: 400,
  minCleanableDirtyRatio: 0.01,
  indexIntervalBytes: 100,
  deleteRetentionMs: 60_000,
};

const COORDINATOR = { origin: "coordinator", leaderEpoch: 0 as LeaderEpoch } as const;

function worldOf(
  config: object = {},
  overrides: Partial<LogManagerOptions> = {},
): { world: LogWorld; log: PartitionLog } {
  const world = new LogWorld({ config: { ...COMPACTED, ...config } });
  world.open(overrides);
  return { world, log: world.log() };
}

/** Records of two keys until the log has several segments. */
function fill(world: LogWorld, log: PartitionLog, rounds = 10): void {
  for (let round = 0; round < rounds; round++) {
    appendNow(
      log,
      keyedBatch([
        ["a", `a${round}`],
        ["b", `b${round}`],
      ]),
    );
    world.world.run({ ms: 10 });
  }
}

function keysBelow(world: LogWorld, log: PartitionLog, offset: number): (string | null)[] {
  return recordsOf(world, log).flatMap((record) => (record.offset < offset ? [record.key] : []));
}

function cleanedEnd(log: PartitionLog): number {
  return log.opened.local.cleanedEndOffset ?? -1;
}

test("the last record of each key stays, at its offset and in order", () => {
  const { world, log } = worldOf();
  fill(world, log);
  const before = log.sizeInBytes;
  cleanNow(world, log);
  const end = cleanedEnd(log);
  assert.ok(end > 4);
  const clean = recordsOf(world, log).filter(({ offset }) => offset < end);
  assert.deepEqual(
    clean.map(({ offset, key }) => [offset, key]),
    [
      [end - 2, "a"],
      [end - 1, "b"],
    ],
  );
  assert.ok(log.sizeInBytes < before);
  assert.deepEqual(world.logger.errors, []);
});

test("what was compacted is found compacted after a stop and after a crash, and cleaned no second time", () => {
  const { world, log } = worldOf();
  fill(world, log);
  cleanNow(world, log);
  const end = cleanedEnd(log);
  const found = recordsOf(world, log);
  world.closeAndOpen();
  assert.deepEqual(recordsOf(world, world.log()), found);
  assert.equal(cleanedEnd(world.log()), end);
  world.tick();
  world.crash("power");
  const manager = world.open();
  assert.deepEqual(recordsOf(world, world.log()), found);
  assert.equal(cleanedEnd(world.log()), end);
  cleanNow(world, world.log());
  assert.equal(manager.cleanerMetrics.cleanings, 0);
});

test("nothing above the high watermark, or of an open transaction, is compacted", () => {
  const { world, log } = worldOf();
  fill(world, log, 12);
  const transaction = { producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true };
  const openOffset = log.logEndOffset;
  appendNow(log, keyedBatch([["a", "open"]], transaction), COORDINATOR);
  fill(world, log);
  cleanNow(world, log);
  assert.ok(cleanedEnd(log) <= openOffset && cleanedEnd(log) > 0);
  const { world: other, log: behind } = worldOf();
  fill(other, behind);
  behind.updateHighWatermark(3 as Offset);
  for (let second = 0; second < 5; second++) other.tick();
  assert.equal(cleanedEnd(behind), -1);
});

test("a tombstone stays until its delete horizon, then key and tombstone are gone", () => {
  const { world, log } = worldOf();
  appendNow(log, keyedBatch([["gone", "value"]]));
  appendNow(log, keyedBatch([["gone", null]]));
  fill(world, log);
  cleanNow(world, log);
  assert.ok(keysBelow(world, log, 3).includes("gone"));
  fill(world, log);
  cleanNow(world, log);
  assert.deepEqual(keysBelow(world, log, 3), [], "settling took a minute: the horizon has passed");
});

test("records without a key go, whatever came after them", () => {
  const { world, log } = worldOf();
  appendNow(log, keyedBatch([[null, "x"]]), COORDINATOR);
  fill(world, log);
  cleanNow(world, log);
  assert.deepEqual(keysBelow(world, log, 1), []);
});

test("aborted records go and leave the values before them; their marker goes in time", () => {
  const { world, log } = worldOf();
  appendNow(log, keyedBatch([["kept", "committed"]]));
  const transaction = { producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true };
  appendNow(log, keyedBatch([["kept", "aborted"]], transaction), COORDINATOR);
  const marker = { baseOffset: 0, partitionLeaderEpoch: 0, timestamp: 1, producerId: 7, producerEpoch: 0 };
  appendNow(log, buildEndTxnMarkerBatch({ ...marker, isCommit: false, coordinatorEpoch: 0 }), COORDINATOR);
  fill(world, log);
  cleanNow(world, log);
  const values = recordsOf(world, log).filter(({ offset }) => offset < 3);
  assert.deepEqual(
    values.map(({ offset, value }) => [offset, offset === 0 ? value : null]),
    [
      [0, "committed"],
      [2, null],
    ],
  );
});

test("records younger than min.compaction.lag.ms are left alone", () => {
  const { world, log } = worldOf({ minCompactionLagMs: 1_000_000_000_000 });
  fill(world, log);
  cleanNow(world, log);
  assert.equal(cleanedEnd(log), -1);
});

test("a log below its dirty ratio is cleaned once a record waits for longer than max.compaction.lag.ms", () => {
  const { world, log } = worldOf({ minCleanableDirtyRatio: 1, maxCompactionLagMs: 1_000 });
  fill(world, log);
  cleanNow(world, log);
  assert.ok(cleanedEnd(log) > 0);
});

test("a damaged log is set aside with a complaint, and others are cleaned", () => {
  const { world, log } = worldOf();
  fill(world, log);
  const sound = world.log("sound");
  fill(world, sound);
  world.settle();
  const file = world.ports.disk.open(`${DIRECTORY}/events-0/00000000000000000000.log`, "write");
  file.write([Uint8Array.of(1, 2, 3)], 70);
  file.close();
  sound.updateHighWatermark(sound.logEndOffset);
  cleanNow(world, log);
  assert.equal(cleanedEnd(log), -1);
  assert.ok(cleanedEnd(sound) > 0);
  assert.deepEqual(world.logger.errors, ["a log cannot be compacted and is set aside"]);
  const { cleanerMetrics } = world.manager;
  assert.deepEqual(cleanerMetrics.uncleanableIn([DIRECTORY]), [
    { directory: DIRECTORY, partitions: 1, bytes: log.sizeInBytes },
  ]);
});

test("a map that is full ends the dirty part there; later cleanings do the rest", () => {
  const small = worldOf({}, { config: SMALL_MAP });
  for (let key = 0; key < 60; key++) {
    appendNow(small.log, keyedBatch([[`key-${key % 20}`, `${key}`]]));
    small.world.world.run({ ms: 10 });
  }
  cleanNow(small.world, small.log);
  cleanNow(small.world, small.log);
  assert.ok(small.world.manager.cleanerMetrics.cleanings > 1);
  const found = recordsOf(small.world, small.log);
  for (let key = 40; key < 60; key++) assert.ok(found.some(({ offset }) => offset === key));
  assert.ok(found.length < 60);
});

const SMALL_MAP: BrokerConfig = {
  ...brokerConfig([DIRECTORY], 0),
  logCleanerDedupeBufferSize: 24 * 8,
  logCleanerIoBufferSize: 1 << 12,
  logCleanerIoMaxBytesPerSecond: 20_000,
};

test("a cleaning under way when its log is cut or deleted is given up", () => {
  const { world, log } = worldOf();
  fill(world, log, 40);
  world.settle();
  world.tick();
  log.updateHighWatermark(log.logEndOffset);
  world.world.run({ ms: 1_000 });
  world.manager.tick(world.ports.clock.monotonicMs());
  world.world.run({ until: () => hasCleanedFiles(world) });
  log.truncateTo(10 as Offset);
  world.world.run({ ms: 500 });
  assert.equal(world.manager.cleanerMetrics.abortedCleanings, 1);
  assert.equal(log.logEndOffset, 10);
  assert.ok(recordsOf(world, log).every(({ offset }) => offset < 10));
  assert.equal(hasCleanedFiles(world), false);
});

type Names = readonly string[];
const hasSwap = (names: Names): boolean => names.some((name) => name.endsWith(".log.swap"));
const hasRetired = (names: Names): boolean => names.some((name) => name.endsWith(".log.deleted"));
const hasSwapped = (names: Names): boolean => hasRetired(names) && !hasSwap(names);

/** A cleaning has come to the step that leaves such files. */
function worldInSwap(
  seed: number,
  isThere: (names: Names) => boolean,
): { world: LogWorld; log: PartitionLog } {
  const world = new LogWorld({ seed, config: { ...COMPACTED, segmentBytes: 2_000 } });
  world.open();
  const log = world.log();
  appendNow(log, keyedBatch([["only", "once"]]));
  fill(world, log, 40);
  world.settle();
  world.tick();
  log.updateHighWatermark(log.logEndOffset);
  world.world.run({ ms: 1_000 });
  world.manager.tick(world.ports.clock.monotonicMs());
  world.world.run({
    until: () => isThere(world.ports.disk.list(`${DIRECTORY}/events-0`)),
  });
  return { world, log };
}

test("what is cut off while a cleaned segment is on its way into the log does not come back with it", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { world, log } = worldInSwap(seed, hasSwap);
    log.truncateTo(5 as Offset);
    world.crash("power");
    world.open();
    assert.deepEqual(
      recordsOf(world, world.log()).map(({ offset }) => offset),
      [0, 1, 2, 3, 4],
    );
  }
});

test("a power cut in the middle of a swap leaves the old segments or the new one", () => {
  for (let seed = 1; seed <= 40; seed++) {
    for (const step of [hasSwap, hasRetired, hasSwapped]) {
      const { world, log } = worldInSwap(seed, step);
      const end = log.logEndOffset;
      world.crash("power");
      world.open();
      const found = recordsOf(world, world.log());
      assert.equal(world.log().logEndOffset, end);
      assert.equal(found[0]?.key, "only");
      assert.deepEqual(
        found.slice(-2).map(({ offset, key }) => [offset, key]),
        [
          [end - 2, "a"],
          [end - 1, "b"],
        ],
      );
      for (const [index, { offset }] of found.entries())
        assert.ok(index === 0 || offset > (found[index - 1]?.offset ?? 0));
    }
  }
});

function hasCleanedFiles(world: LogWorld): boolean {
  return world.ports.disk.list(`${DIRECTORY}/events-0`).some((name) => /\.(cleaned|swap)$/.test(name));
}

test("a read that was under way when its segment was replaced gets what it asked for", () => {
  const { world, log } = worldOf();
  fill(world, log);
  world.settle();
  world.closeAndOpen();
  const opened = world.log();
  const held = readFrom(world, opened, { offset: 0 });
  cleanNow(world, opened);
  assert.ok(takeBytes(held).length > 0);
  assert.ok(cleanedEnd(opened) > 0);
});

test("a sync that fails in a cleaning takes the directory offline; it is not tried again", () => {
  for (const failing of ["sync", "syncDirectory"] as const) {
    const { world, log } = worldOf();
    fill(world, log);
    world.settle();
    let tries = 0;
    world.world.host("broker").storage.onCall = ({ operation, path, phase }) => {
      const isOfCleaning = operation === "sync" ? path.endsWith(".log.cleaned") : path.endsWith("events-0");
      if (operation !== failing || phase !== "effect" || !isOfCleaning) return "go";
      tries += 1;
      return { code: "EIO" };
    };
    cleanNow(world, log);
    for (let second = 0; second < 20; second++) world.tick();
    const [directory] = world.manager.directories;
    assert.deepEqual([failing, directory?.isOnline, log.isWritable], [failing, false, false]);
    assert.equal(tries, 1);
    assert.equal(appendNow(log, keyedBatch([["a", "late"]])).kind, "refused");
  }
});

test("a log cut within a hole of its compaction goes on at the cut after a crash, and nothing is missed", () => {
  for (const how of ["power", "kill"] as const) {
    const { world, log } = worldOf();
    appendNow(log, keyedBatch([["only", "once"]]));
    fill(world, log);
    cleanNow(world, log);
    const [, next] = recordsOf(world, log);
    assert.ok(next !== undefined && next.offset > 5);
    log.truncateTo(4 as Offset);
    assert.equal(log.logEndOffset, 4);
    world.crash(how);
    world.open();
    assert.equal(world.log().logEndOffset, 4);
    assert.equal(world.manager.damage.corruptRanges, 0);
    appendNow(world.log(), keyedBatch([["next", "more"]]));
    world.settle();
    world.closeAndOpen();
    const found = recordsOf(world, world.log()).map(({ offset, key }) => [offset, key]);
    assert.deepEqual(found, [
      [0, "only"],
      [4, "next"],
    ]);
  }
});
