import assert from "node:assert/strict";
import { test } from "node:test";
import { batchEnd, errors, type Offset } from "@ottla/protocol";
import { answersOf, PARTITION, worldWithSegments } from "../testing/damaged-files.ts";
import { DIRECTORY, type LogWorld, readFrom } from "../testing/log-world.ts";

/** Ticks until the scrub has been over all logs. */
function scrubbed(world: LogWorld): void {
  const { scrubMetrics } = world.manager;
  const rounds = scrubMetrics.rounds;
  for (let seconds = 0; scrubMetrics.rounds === rounds && seconds < 8_000; seconds++) world.tick();
  assert.equal(scrubMetrics.rounds, rounds + 1, "a round came to its end");
}

function closedSegments(world: LogWorld): string[] {
  return world.ports.disk
    .list(PARTITION)
    .filter((name) => name.endsWith(".log"))
    .slice(0, -1);
}

test("a scrub of sound logs looks at every closed segment and changes nothing", () => {
  const world = worldWithSegments();
  const before = answersOf(world);
  const files = world.ports.disk.list(PARTITION).filter((name) => name.endsWith("index"));
  const contents = files.map((name) => world.ports.disk.readFile(`${PARTITION}/${name}`));
  scrubbed(world);
  const { checkedSegments, badSegments } = world.manager.scrubMetrics;
  assert.equal(checkedSegments, closedSegments(world).length);
  assert.equal(badSegments, 0);
  assert.deepEqual(answersOf(world), before);
  assert.deepEqual(
    files.map((name) => world.ports.disk.readFile(`${PARTITION}/${name}`)),
    contents,
  );
  assert.deepEqual(world.logger.warnings, []);
});

test("damage of a cold record is found, told of from then on, and known after a restart", () => {
  const world = worldWithSegments();
  const [first = ""] = closedSegments(world);
  world.closeAndOpen();
  const { storage } = world.world.host("broker");
  storage.flipBit(`${PARTITION}/${first}`, 8 * 70);
  assert.equal(readFrom(world, world.log(), { offset: 0 }).kind, "slice", "nobody has looked yet");
  scrubbed(world);
  const read = readFrom(world, world.log(), { offset: 0 });
  assert.equal(read.kind === "failed" && read.error, errors.CORRUPT_MESSAGE);
  assert.equal(readFrom(world, world.log(), { offset: 1 }).kind, "slice");
  assert.equal(world.manager.damage.corruptRanges, 1);
  assert.equal(world.manager.scrubMetrics.badSegments, 1);
  world.closeAndOpen();
  assert.equal(readFrom(world, world.log(), { offset: 0 }).kind, "failed");
});

test("a wrong index of a cold segment is made again from its batches", () => {
  for (const suffix of [".index", ".timeindex"]) {
    const world = worldWithSegments();
    const expected = answersOf(world);
    const name = closedSegments(world).at(1)?.replace(".log", suffix) ?? "";
    const path = `${PARTITION}/${name}`;
    const right = world.ports.disk.readFile(path);
    // As rotten media do it, under the broker that has the file open.
    const { storage } = world.world.host("broker");
    storage.flipBit(path, 8 * (right.length - 1));
    scrubbed(world);
    assert.deepEqual(world.ports.disk.readFile(path), right, suffix);
    assert.equal(world.manager.damage.rebuiltFiles, 1);
    assert.deepEqual(answersOf(world), expected);
  }
});

test("a scrub goes on after a restart where it was", () => {
  const world = worldWithSegments();
  const { disk } = world.ports;
  const second = Number(closedSegments(world).at(1)?.slice(0, 20));
  disk.replaceFile(
    `${DIRECTORY}/.ottla_scrub_position`,
    new TextEncoder().encode(`0\n1\nevents-0 ${second}\n`),
  );
  scrubbed(world);
  assert.equal(world.manager.scrubMetrics.checkedSegments, closedSegments(world).length - 1);
});

test("a log that is cut while it is scrubbed is left alone", () => {
  const world = worldWithSegments();
  for (let seconds = 0; seconds < 61; seconds++) world.tick();
  world.log().truncateTo(2 as Offset);
  world.settle();
  assert.deepEqual(world.logger.errors, []);
  assert.equal(world.manager.damage.corruptRanges, 0);
});

test("a segment of an old message format is left as it is", () => {
  const world = worldWithSegments();
  const [first = "", second = ""] = closedSegments(world);
  world.close();
  const { disk } = world.ports;
  const message = new Uint8Array(12 + 4 + 2 + 8 + 4 + 4);
  const view = new DataView(message.buffer);
  view.setBigInt64(0, BigInt(second.slice(0, 20)) - 1n);
  view.setInt32(8, message.length - 12);
  view.setUint32(12, 0x98e83c59);
  view.setInt8(16, 1);
  // Far in the future, so that retention leaves it.
  view.setBigInt64(18, 1n << 50n);
  view.setInt32(26, -1);
  disk.replaceFile(`${PARTITION}/${first}`, message);
  for (const suffix of [".index", ".timeindex", ".txnindex"]) {
    disk.replaceFile(`${PARTITION}/${first.replace(".log", suffix)}`, new Uint8Array());
  }
  world.open();
  scrubbed(world);
  assert.equal(world.manager.scrubMetrics.checkedSegments, closedSegments(world).length - 1);
  assert.equal(world.manager.damage.corruptRanges, 0);
  assert.deepEqual(world.logger.errors, []);
});

test("records that are gone from the end of a cold segment are told of from then on", () => {
  const world = worldWithSegments();
  const [first = "", second = ""] = closedSegments(world);
  const nextBase = Number(second.slice(0, 20));
  const { disk } = world.ports;
  world.close();
  const content = disk.readFile(`${PARTITION}/${first}`);
  let lastBatch = 0;
  for (let at = 0, next: number; (next = batchEnd(content, at, content.length)) > 0; at = next)
    lastBatch = at;
  disk.replaceFile(`${PARTITION}/${first}`, content.subarray(0, lastBatch));
  // They would tell that the file was longer.
  for (const suffix of [".index", ".timeindex"]) disk.remove(`${PARTITION}/${first.replace(".log", suffix)}`);
  world.open();
  assert.equal(readFrom(world, world.log(), { offset: nextBase - 1 }).kind, "slice", "nobody has looked yet");
  scrubbed(world);
  const read = readFrom(world, world.log(), { offset: nextBase - 1 });
  assert.equal(read.kind === "failed" && read.error, errors.CORRUPT_MESSAGE);
  assert.equal(readFrom(world, world.log(), { offset: nextBase }).kind, "slice");
  world.closeAndOpen();
  assert.equal(readFrom(world, world.log(), { offset: nextBase - 1 }).kind, "failed");
});

test("a transaction index that lacks an entry, or has one too many, is made again", () => {
  for (const wrong of ["empty", "another"] as const) {
    const world = worldWithSegments();
    const before = world.log().abortedTransactions(0 as Offset, world.log().logEndOffset);
    assert.equal(before.length, 2);
    const name = world.ports.disk.list(PARTITION).find((each) => each.endsWith(".txnindex")) ?? "";
    const path = `${PARTITION}/${name}`;
    const right = world.ports.disk.readFile(path);
    world.close();
    // Plausible, and about batches that are there: only a walk over all of them can tell.
    const more = Uint8Array.from([...right, ...right]);
    const view = new DataView(more.buffer, right.length);
    for (const at of [10, 18]) view.setBigInt64(at, view.getBigInt64(at) + 2n);
    world.ports.disk.replaceFile(path, wrong === "empty" ? new Uint8Array() : more);
    world.open();
    const told = (): unknown => world.log().abortedTransactions(0 as Offset, world.log().logEndOffset);
    if (wrong === "empty") assert.notDeepEqual(told(), before);
    scrubbed(world);
    assert.deepEqual(told(), before, wrong);
    assert.equal(world.manager.damage.rebuiltFiles > 0, true);
    world.closeAndOpen();
    assert.deepEqual(told(), before);
  }
});
