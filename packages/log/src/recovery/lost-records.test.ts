import assert from "node:assert/strict";
import { test } from "node:test";
import { errors } from "@ottla/protocol";
import { appendNow, batchOf, DIRECTORY, LogWorld, readFrom, valuesFrom } from "../testing/log-world.ts";

const PARTITION = `${DIRECTORY}/events-0`;
const LOG = `${PARTITION}/00000000000000000000.log`;
const BATCH_BYTES = batchOf(["value 0"]).length;
const POINTS = `${DIRECTORY}/recovery-point-offset-checkpoint`;

/** Five durable batches of one record, checkpointed, in a broker that is down. */
function deadWorldWithFive(): LogWorld {
  const world = new LogWorld({ config: { indexIntervalBytes: 1 } });
  world.open();
  const log = world.log();
  for (let index = 0; index < 5; index++) appendNow(log, batchOf([`value ${index}`]));
  world.settle();
  log.updateHighWatermark(log.logEndOffset);
  for (let second = 0; second < 3; second++) {
    world.tick();
    world.settle();
  }
  world.crash("kill");
  return world;
}

function outcomeAt(world: LogWorld, offset: number): string {
  const result = readFrom(world, world.log(), { offset });
  return result.kind === "failed" ? result.error.name : result.kind;
}

function assertLastIsTold(world: LogWorld): void {
  const log = world.log();
  assert.equal(log.logEndOffset, 5, "its offset is not given out again");
  assert.equal(outcomeAt(world, 4), errors.CORRUPT_MESSAGE.name);
  assert.equal(outcomeAt(world, 3), "slice");
}

test("durable records whose file ends before them are told of, and produce goes on behind them", () => {
  const world = deadWorldWithFive();
  world.world.host("broker").storage.shorten(LOG, BATCH_BYTES);
  world.open();
  assertLastIsTold(world);
  assert.deepEqual(world.logger.errors, [
    "records that were durable are damaged; reading them answers CORRUPT_MESSAGE",
  ]);
  assert.equal(world.manager.damage.corruptRanges, 1);
  assert.equal(world.manager.damage.corruptReads, 1);
  appendNow(world.log(), batchOf(["next"]));
  world.settle();
  assert.deepEqual(valuesFrom(world, world.log(), 5), ["5:next"]);
});

test("the checkpointed high watermark keeps damage when the recovery points are lost", () => {
  const world = deadWorldWithFive();
  const { storage } = world.world.host("broker");
  storage.flipBit(LOG, 8 * (2 * BATCH_BYTES + 70));
  storage.shorten(POINTS, 1000);
  world.open();
  assert.equal(world.log().logEndOffset, 5);
  assert.equal(outcomeAt(world, 2), errors.CORRUPT_MESSAGE.name);
  assert.deepEqual(valuesFrom(world, world.log(), 3), ["3:value 3", "4:value 4"]);
  assert.equal(world.manager.damage.cutBytes, 0);
});

test("damage that was found once is told of after every later start, until its bytes are right again", () => {
  const world = deadWorldWithFive();
  const { storage } = world.world.host("broker");
  const bit = 8 * (2 * BATCH_BYTES + 70);
  storage.flipBit(LOG, bit);
  storage.shorten(POINTS, 1000);
  world.open();
  world.closeAndOpen();
  assert.equal(outcomeAt(world, 2), errors.CORRUPT_MESSAGE.name);
  for (let second = 0; second < 3; second++) {
    world.tick();
    world.settle();
  }
  world.crash("kill");
  world.open();
  assert.equal(outcomeAt(world, 2), errors.CORRUPT_MESSAGE.name);
  world.crash("kill");
  storage.flipBit(LOG, bit);
  world.open();
  assert.deepEqual(
    valuesFrom(world, world.log(), 0),
    Array.from({ length: 5 }, (_, index) => `${index}:value ${index}`),
  );
  assert.ok(!world.ports.disk.list(PARTITION).includes("corrupt-ranges"));
});

test("a log whose segments are all gone goes on behind what it had", () => {
  const world = deadWorldWithFive();
  const { disk } = world.ports;
  for (const name of disk.list(PARTITION)) {
    if (name.startsWith("0")) disk.remove(`${PARTITION}/${name}`);
  }
  world.open();
  assert.equal(world.log().logEndOffset, 5);
  assert.deepEqual(world.logger.errors, ["all segments of a log are gone; it goes on behind what it had"]);
});

test("a log that ends in damage never hides it behind what is appended later", () => {
  const world = deadWorldWithFive();
  world.world.host("broker").storage.shorten(LOG, BATCH_BYTES);
  world.open();
  appendNow(world.log(), batchOf(["next"]));
  world.settle();
  world.closeAndOpen();
  assert.equal(outcomeAt(world, 4), errors.CORRUPT_MESSAGE.name);
  assert.deepEqual(valuesFrom(world, world.log(), 5), ["5:next"]);
});

test("a log that Apache Kafka left shorter than its high watermark ends where its records end", () => {
  const world = deadWorldWithFive();
  const { disk } = world.ports;
  const checkpoint = (name: string, offset: number): void =>
    disk.replaceFile(`${DIRECTORY}/${name}`, new TextEncoder().encode(`0\n1\nevents 0 ${offset}\n`));
  // Flushed up to two; acknowledged, and told in the checkpoint, up to eight.
  checkpoint("recovery-point-offset-checkpoint", 2);
  checkpoint("replication-offset-checkpoint", 8);
  world.open();
  const log = world.log();
  assert.deepEqual([log.logEndOffset, log.highWatermark, log.logStartOffset], [5, 5, 0]);
  assert.equal(world.manager.damage.corruptRanges, 0);
  appendNow(log, batchOf(["next"]));
  world.settle();
  assert.deepEqual(valuesFrom(world, log, 4), ["4:value 4", "5:next"]);
});

test("what Apache Kafka left torn above its recovery point is cut, as it would cut it", () => {
  const world = deadWorldWithFive();
  const { disk } = world.ports;
  disk.replaceFile(POINTS, new TextEncoder().encode("0\n1\nevents 0 2\n"));
  world.world.host("broker").storage.flipBit(LOG, 8 * (4 * BATCH_BYTES + 70));
  world.open();
  assert.equal(world.log().logEndOffset, 4);
  assert.equal(world.manager.damage.corruptRanges, 0);
  assert.equal(world.manager.damage.cutBytes, BATCH_BYTES);
});
