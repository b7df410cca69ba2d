import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogConfig } from "@ottla/config";
import type { Offset } from "@ottla/protocol";
import type { PartitionLog } from "./partition-log.ts";
import { appendNow, batchOf, DIRECTORY, LogWorld, readFrom, valuesFrom } from "./testing/log-world.ts";

/** Ten batches of one record, two to a segment. */
function worldOfTen(config: Partial<LogConfig>): { world: LogWorld; log: PartitionLog } {
  const world = new LogWorld({ config: { segmentBytes: 160, ...config } });
  world.open();
  const log = world.log();
  for (let index = 0; index < 10; index++) appendNow(log, batchOf([`value ${index}`]));
  world.settle();
  return { world, log };
}

function segmentCount(world: LogWorld): number {
  return world.ports.disk.list(`${DIRECTORY}/events-0`).filter((name) => name.endsWith(".log")).length;
}

test("segments older than retention.ms go, up to the high watermark only", () => {
  const { world, log } = worldOfTen({ retentionMs: 1000 });
  world.world.run({ ms: 10_000 });
  assert.equal(world.retain(), 0);
  log.updateHighWatermark(5 as Offset);
  assert.equal(world.retain(), 2);
  assert.equal(log.logStartOffset, 4);
  assert.equal(readFrom(world, log, { offset: 3 }).kind, "out-of-range");
  assert.equal(valuesFrom(world, log, 4).length, 6);
});

test("when every segment is old the log rolls and starts empty at its end", () => {
  const { world, log } = worldOfTen({ retentionMs: 1000 });
  log.updateHighWatermark(log.logEndOffset);
  world.world.run({ ms: 10_000 });
  assert.equal(world.retain(), 5);
  assert.equal(log.logStartOffset, 10);
  assert.equal(log.logEndOffset, 10);
  world.closeAndOpen();
  assert.equal(world.log().logStartOffset, 10);
  assert.equal(world.log().logEndOffset, 10);
});

test("the oldest segments go while retention.bytes stay", () => {
  const { world, log } = worldOfTen({ retentionMs: -1, retentionBytes: 400 });
  log.updateHighWatermark(log.logEndOffset);
  world.retain();
  assert.ok(log.sizeInBytes >= 400 && log.sizeInBytes < 400 + 160, `${log.sizeInBytes}`);
});

test("deleted files are renamed at once and removed after their delay", () => {
  const { world, log } = worldOfTen({ retentionMs: 1000, fileDeleteDelayMs: 5000 });
  log.updateHighWatermark(6 as Offset);
  world.world.run({ ms: 10_000 });
  world.retain();
  const deleted = (): string[] =>
    world.ports.disk.list(`${DIRECTORY}/events-0`).filter((name) => name.endsWith(".deleted"));
  assert.equal(deleted().length, 9);
  assert.equal(segmentCount(world), 2);
  world.world.run({ ms: 6000 });
  world.tick();
  world.settle();
  assert.equal(deleted().length, 0);
});

test("records below a raised log start are out of range, and whole segments of them go", () => {
  const { world, log } = worldOfTen({ retentionMs: -1, cleanupDelete: false, cleanupCompact: false });
  assert.equal(log.deleteRecordsBelow(5 as Offset), false);
  log.updateHighWatermark(log.logEndOffset);
  assert.equal(log.deleteRecordsBelow(5 as Offset), true);
  assert.equal(log.logStartOffset, 5);
  assert.equal(readFrom(world, log, { offset: 4 }).kind, "out-of-range");
  assert.equal(world.retain(), 2);
  assert.equal(valuesFrom(world, log, 5).length, 5);
  world.closeAndOpen();
  assert.equal(world.log().logStartOffset, 5);
});

test("a start that was saved is there after a crash, and every caller is told once", () => {
  const { world, log } = worldOfTen({ retentionMs: -1 });
  log.updateHighWatermark(log.logEndOffset);
  world.settle();
  const saved: unknown[] = [];
  for (const offset of [3, 5, 7]) {
    log.deleteRecordsBelow(offset as Offset);
    world.manager.saveStart(log, (error) => saved.push([offset, error]));
  }
  assert.deepEqual(saved, []);
  world.settle();
  assert.deepEqual(saved, [
    [3, null],
    [5, null],
    [7, null],
  ]);
  world.crash("power");
  world.open();
  assert.equal(world.log().logStartOffset, 7);
});

test("a producer is known after a crash though retention took its records", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const world = new LogWorld({ seed, config: { segmentBytes: 160, retentionMs: 1000 } });
    world.open();
    const log = world.log();
    const producer = { producerId: 7, producerEpoch: 0 };
    for (let sequence = 0; sequence < 4; sequence++) {
      appendNow(log, batchOf(["v"], { ...producer, baseSequence: sequence }));
    }
    world.settle();
    log.updateHighWatermark(log.logEndOffset);
    world.world.run({ ms: 10_000 });
    world.retain();
    assert.equal(log.logStartOffset, log.logEndOffset);
    world.crash("power");
    world.open();
    assert.equal(appendNow(world.log(), batchOf(["v"], { ...producer, baseSequence: 3 })).kind, "duplicate");
  }
});

test("a producer is known after a crash though its records were deleted", () => {
  const world = new LogWorld({ seed: 1, config: { retentionMs: -1 } });
  world.open();
  const producer = { producerId: 7, producerEpoch: 0 };
  appendNow(world.log(), batchOf(["v"], { ...producer, baseSequence: 0 }));
  world.settle();
  world.log().updateHighWatermark(world.log().logEndOffset);
  world.log().deleteRecordsBelow(world.log().logEndOffset);
  world.tick();
  world.settle();
  world.crash("kill");
  world.open();
  assert.equal(world.log().logStartOffset, 1);
  assert.equal(appendNow(world.log(), batchOf(["v"], { ...producer, baseSequence: 0 })).kind, "duplicate");
});

test("power lost in a retention leaves a log that begins where it was told to, with all behind it", () => {
  for (let seed = 1; seed <= 400; seed++) {
    const world = new LogWorld({ seed, config: { segmentBytes: 160, retentionMs: -1, retentionBytes: 400 } });
    world.open();
    const log = world.log();
    for (let index = 0; index < 10; index++) appendNow(log, batchOf([`value ${index}`]));
    log.updateHighWatermark(log.logEndOffset);
    world.settle();
    log.deleteRecordsBelow(3 as Offset);
    world.manager.saveStart(log, () => {});
    world.settle();
    world.manager.deleteOldSegments();
    if (seed % 4 > 0) world.world.run({ until: () => segmentCount(world) < 5 });
    world.manager.tick(world.ports.clock.monotonicMs());
    world.world.run({ events: world.world.random.below(16) });
    world.crash("power");
    world.open();
    const again = world.log();
    assert.ok(again.logStartOffset >= 3, `seed ${seed}: it begins at ${again.logStartOffset}`);
    assert.equal(again.logEndOffset, 10, `seed ${seed}`);
    again.updateHighWatermark(again.logEndOffset);
    const values = valuesFrom(world, again, again.logStartOffset);
    const expected = Array.from({ length: 10 }, (_, at) => `${at}:value ${at}`);
    assert.deepEqual(values, expected.slice(again.logStartOffset), `seed ${seed}`);
  }
});
