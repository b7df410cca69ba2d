import assert from "node:assert/strict";
import { test } from "node:test";
import type { Offset } from "@ottla/protocol";
import { appendNow, batchOf, DIRECTORY, LogWorld, readFrom, valuesFrom } from "../testing/log-world.ts";

const LOG = `${DIRECTORY}/events-0/00000000000000000000.log`;
const INDEX = `${DIRECTORY}/events-0/00000000000000000000.index`;
const BATCH_BYTES = batchOf(["value 0"]).length;

/** Five durable batches of one record; the recovery point is at 0 until a tick. */
function worldWithFive(isCheckpointed: boolean): LogWorld {
  const world = new LogWorld({ config: { indexIntervalBytes: 1 } });
  world.open();
  const log = world.log();
  for (let index = 0; index < 5; index++) appendNow(log, batchOf([`value ${index}`]));
  world.settle();
  if (isCheckpointed) {
    for (let second = 0; second < 3; second++) {
      world.tick();
      world.settle();
    }
    assert.equal(log.recoveryPoint, 5);
  }
  return world;
}

function values(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${index}:value ${index}`);
}

test("a torn batch at the end is cut and nothing is kept of it", () => {
  const world = worldWithFive(false);
  world.world.host("broker").storage.shorten(LOG, 4);
  world.crash("kill");
  world.open();
  assert.deepEqual(valuesFrom(world, world.log(), 0), values(4));
  assert.deepEqual(world.logger.warnings, ["recovery cut a torn tail"]);
  assert.equal(world.ports.disk.status(LOG)?.bytes, 4 * BATCH_BYTES);
});

test("above the recovery point a damaged batch ends the log, and what follows is kept aside", () => {
  const world = worldWithFive(false);
  world.world.host("broker").storage.flipBit(LOG, 8 * (2 * BATCH_BYTES + 70));
  world.crash("kill");
  world.open();
  assert.deepEqual(valuesFrom(world, world.log(), 0), values(2));
  assert.equal(world.ports.disk.status(LOG.replace(".log", ".cut"))?.bytes, 3 * BATCH_BYTES);
  assert.equal(world.logger.errors.length, 1);
});

for (const index of [2, 4]) {
  test(`an offset whose batch lost its header is not passed over in silence, batch ${index} of 5`, () => {
    const world = worldWithFive(true);
    const { storage } = world.world.host("broker");
    const magicAt = 16;
    storage.flipBit(LOG, 8 * (index * BATCH_BYTES + magicAt) + 6);
    storage.shorten(INDEX, 1000);
    world.crash("kill");
    world.open();
    const log = world.log();
    assert.equal(world.ports.disk.status(LOG)?.bytes, 5 * BATCH_BYTES);
    const sound = readFrom(world, log, { offset: 0 });
    assert.equal(sound.kind, "slice");
    assert.equal(log.logEndOffset, 5, "no offset below the recovery point is given out again");
    const damaged = readFrom(world, log, { offset: index });
    assert.equal(damaged.kind === "failed" ? damaged.error.name : damaged.kind, "CORRUPT_MESSAGE");
  });
}

test("below the recovery point a damaged batch stays, reads of it fail, all others succeed", () => {
  const world = worldWithFive(true);
  const { storage } = world.world.host("broker");
  storage.flipBit(LOG, 8 * (2 * BATCH_BYTES + 70));
  // Without its index the whole segment is looked at.
  storage.shorten(INDEX, 1000);
  world.crash("kill");
  world.open();
  const log = world.log();
  assert.equal(log.logEndOffset, 5);
  assert.equal(world.ports.disk.status(LOG)?.bytes, 5 * BATCH_BYTES);
  const damaged = readFrom(world, log, { offset: 2 });
  assert.equal(damaged.kind === "failed" ? damaged.error.name : damaged.kind, "CORRUPT_MESSAGE");
  assert.deepEqual(valuesFrom(world, log, 3), ["3:value 3", "4:value 4"]);
  const before = readFrom(world, log, { offset: 0 });
  assert.equal(before.kind === "slice" ? before.slice.bytes : 0, 2 * BATCH_BYTES);
});

test("durable records whose end of file is gone leave their offsets unused", () => {
  const world = worldWithFive(true);
  world.world.host("broker").storage.flipBit(LOG, 8 * (4 * BATCH_BYTES + 70));
  world.world.host("broker").storage.shorten(INDEX, 1000);
  world.crash("kill");
  world.open();
  const log = world.log();
  assert.equal(log.logEndOffset, 5);
  const outcome = appendNow(log, batchOf(["next"]));
  assert.equal(outcome.kind === "appended" ? outcome.firstOffset : -1, 5);
  world.settle();
  assert.deepEqual(valuesFrom(world, log, 5), ["5:next"]);
});

test("an index of zeros behind its entries, as Apache Kafka leaves it after a crash, is cut to them", () => {
  const world = worldWithFive(true);
  const { disk } = world.ports;
  const entries = disk.readFile(INDEX);
  assert.ok(entries.length > 0);
  const padded = new Uint8Array(10_000);
  padded.set(entries);
  disk.replaceFile(INDEX, padded);
  world.crash("kill");
  world.open();
  assert.deepEqual(valuesFrom(world, world.log(), 0), values(5));
  world.closeAndOpen();
  assert.equal(world.ports.disk.status(INDEX)?.bytes, entries.length);
});

test("indexes, epochs and checkpoints that are gone or nonsense are made again", () => {
  for (const victim of [
    ".index",
    ".timeindex",
    "leader-epoch-checkpoint",
    "recovery-point-offset-checkpoint",
  ]) {
    for (const damage of ["remove", "garbage"] as const) {
      const world = worldWithFive(true);
      const { disk } = world.ports;
      const path = victim.startsWith("rec")
        ? `${DIRECTORY}/${victim}`
        : victim.startsWith("lead")
          ? `${DIRECTORY}/events-0/${victim}`
          : LOG.replace(".log", victim);
      if (damage === "remove") disk.remove(path);
      else disk.replaceFile(path, new Uint8Array(96).fill(0xaa));
      world.crash("kill");
      world.open();
      assert.deepEqual(valuesFrom(world, world.log(), 0), values(5), `${damage} ${victim}`);
      assert.equal(world.log().logEndOffset, 5);
    }
  }
});

test("files of an interrupted deletion or compaction are removed at opening", () => {
  const world = worldWithFive(true);
  const { disk } = world.ports;
  const leftovers = [
    "00000000000000000009.log.deleted",
    "00000000000000000000.log.cleaned",
    "00000000000000000007.index",
  ];
  for (const name of leftovers) disk.replaceFile(`${DIRECTORY}/events-0/${name}`, new Uint8Array(10));
  world.crash("kill");
  world.open();
  const names = world.ports.disk.list(`${DIRECTORY}/events-0`);
  for (const name of leftovers) assert.ok(!names.includes(name), name);
  assert.deepEqual(valuesFrom(world, world.log(), 0), values(5));
});

test("after a truncation a torn tail is cut as usual, whatever was durable before", () => {
  const world = worldWithFive(true);
  const log = world.log();
  log.truncateTo(2 as Offset);
  appendNow(log, batchOf(["other"]));
  appendNow(log, batchOf(["torn"]));
  world.world.run({ until: () => log.writtenEndOffset === 4 });
  world.world.host("broker").storage.shorten(LOG, 3);
  world.crash("kill");
  world.open();
  assert.equal(world.log().logEndOffset, 3);
  assert.deepEqual(valuesFrom(world, world.log(), 0), [...values(2), "2:other"]);
  assert.deepEqual(world.logger.errors, []);
});

test("whoever waits hears of a log that takes several pieces to check", () => {
  const world = new LogWorld({ config: {} });
  world.open();
  const log = world.log();
  for (let count = 0; count < 4; count++) appendNow(log, batchOf(["x".repeat(700_000)]));
  world.settle();
  world.crash("kill");
  const told: string[] = [];
  const bytesLeft: number[] = [];
  world.open({
    progress: (state) => {
      told.push(`${state.opened} of ${state.total} in ${state.directory}, ${state.opening}`);
      bytesLeft.push(state.bytesLeft);
    },
  });
  assert.equal(told.pop(), "1 of 1 in /data, null");
  assert.equal(bytesLeft.pop(), 0);
  assert.deepEqual(new Set(told), new Set(["0 of 1 in /data, events-0"]));
  assert.deepEqual(new Set(bytesLeft), new Set([4 * batchOf(["x".repeat(700_000)]).length]));
  assert.ok(told.length > 1);
});

test("several logs are opened at a time, and their believed ends are synced before they serve", () => {
  const world = new LogWorld({ config: {} });
  world.open();
  const topics = ["a", "b", "c", "d", "e"];
  for (const topic of topics) appendNow(world.log(topic), batchOf([`of ${topic}`]));
  world.manager.flushDirty();
  world.crash("kill");
  world.open();
  world.crash("power");
  world.open();
  for (const topic of topics) {
    assert.deepEqual(valuesFrom(world, world.log(topic), 0), [`0:of ${topic}`]);
  }
});
