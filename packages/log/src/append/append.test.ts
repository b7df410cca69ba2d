import assert from "node:assert/strict";
import { test } from "node:test";
import { buildEndTxnMarkerBatch, COMPRESSION_ZSTD, type LeaderEpoch, type Offset } from "@ottla/protocol";
import { appendNow, batchOf, brokerConfig, DIRECTORY, LogWorld, valuesFrom } from "../testing/log-world.ts";
import type { AppendOptions, AppendOutcome } from "./append-outcome.ts";

const COORDINATOR: AppendOptions = {
  origin: "coordinator",
  leaderEpoch: 0 as LeaderEpoch,
  transactionVersion: 2,
};

/** Text that stays over 64 KiB when compressed. */
function noise(world: LogWorld): string {
  return Array.from({ length: 120_000 }, () => String.fromCharCode(33 + world.world.random.below(90))).join(
    "",
  );
}

test("a large compressed batch is checked on the pool, from a copy, and answered in a later turn", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  const value = noise(world);
  const batch = batchOf([value], { compression: COMPRESSION_ZSTD });
  assert.ok(batch.length > 70_000);
  const outcomes: AppendOutcome[] = [];
  log.appendAsLeader(batch, { origin: "client", leaderEpoch: 0 as LeaderEpoch }, (outcome) =>
    outcomes.push(outcome),
  );
  batch.fill(0);
  appendNow(log, batchOf(["small"]));
  assert.equal(outcomes.length, 0);
  world.settle();
  assert.equal(outcomes[0]?.kind, "appended");
  assert.deepEqual(valuesFrom(world, log, 0), ["0:small", `1:${value}`]);
});

test("a large batch that does not decompress is refused in a later turn", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  const batch = batchOf([noise(world)], { compression: COMPRESSION_ZSTD });
  const plain = batchOf([noise(world)]);
  // Plain records under a header that names a codec.
  plain[22] = (plain[22] ?? 0) | COMPRESSION_ZSTD;
  const outcomes: AppendOutcome[] = [];
  for (const each of [plain, batch]) {
    log.appendAsLeader(each, { origin: "client", leaderEpoch: 0 as LeaderEpoch }, (outcome) =>
      outcomes.push(outcome),
    );
  }
  world.settle();
  assert.deepEqual(
    outcomes.map((outcome) => outcome.kind),
    ["refused", "appended"],
  );
});

test("a producer's repeated batch is recognised after a clean stop and after a power cut", () => {
  const world = new LogWorld();
  world.open();
  const batch = batchOf(["a", "b"], { producerId: 7, producerEpoch: 0, baseSequence: 0 });
  const next = batchOf(["c"], { producerId: 7, producerEpoch: 0, baseSequence: 2 });
  appendNow(world.log(), batch);
  world.settle();
  world.closeAndOpen();
  assert.equal(appendNow(world.log(), batch).kind, "duplicate");
  assert.equal(appendNow(world.log(), next).kind, "appended");
  world.settle();
  world.crash("power");
  world.open();
  const again = appendNow(world.log(), next);
  assert.equal(again.kind === "duplicate" ? again.firstOffset : -1, 2);
});

test("open and aborted transactions are known again after a power cut, with and without snapshots", () => {
  for (const isRolled of [false, true]) {
    const world = new LogWorld({ config: isRolled ? { segmentBytes: 250 } : {} });
    world.open();
    const log = world.log();
    appendNow(log, batchOf(["a"], transactional(1, 0, 0)));
    appendNow(log, markerOf(1, 1, false), COORDINATOR);
    appendNow(log, batchOf(["b"], transactional(2, 0, 0)));
    appendNow(log, batchOf(["c"]));
    world.settle();
    world.crash("power");
    world.open();
    const opened = world.log();
    opened.updateHighWatermark(opened.logEndOffset);
    assert.equal(opened.lastStableOffset, 2);
    assert.deepEqual(opened.abortedTransactions(0 as Offset, 4 as Offset), [
      { producerId: 1, firstOffset: 0 },
    ]);
    appendNow(opened, markerOf(2, 1, true), COORDINATOR);
    world.settle();
    opened.updateHighWatermark(opened.logEndOffset);
    assert.equal(opened.lastStableOffset, opened.logEndOffset);
  }
});

test("a transaction that is decided holds readers back until its marker is below the high watermark", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  appendNow(log, batchOf(["a"], transactional(1, 0, 0)));
  appendNow(log, markerOf(1, 1, true), COORDINATOR);
  world.settle();
  log.updateHighWatermark(1 as Offset);
  assert.equal(log.lastStableOffset, 0);
  log.updateHighWatermark(2 as Offset);
  assert.equal(log.lastStableOffset, 2);
});

test("a producer that was silent for long is forgotten and may go on with any sequence", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  appendNow(log, batchOf(["a"], { producerId: 7, producerEpoch: 0, baseSequence: 0 }));
  assert.equal(
    appendNow(log, batchOf(["b"], { producerId: 7, producerEpoch: 0, baseSequence: 9 })).kind,
    "refused",
  );
  world.settle();
  world.world.run({ ms: 2 * 86_400_000 });
  world.tick();
  assert.equal(
    appendNow(log, batchOf(["b"], { producerId: 7, producerEpoch: 0, baseSequence: 9 })).kind,
    "appended",
  );
});

test("silent producers are looked for every producer.id.expiration.check.interval.ms", () => {
  const world = new LogWorld();
  const config = {
    ...brokerConfig([DIRECTORY], 0),
    producerIdExpirationMs: 5000,
    producerIdExpirationCheckIntervalMs: 60_000,
  };
  world.open({ config });
  const log = world.log();
  const kindOf = (baseSequence: number): string =>
    appendNow(log, batchOf(["a"], { producerId: 7, producerEpoch: 0, baseSequence })).kind;
  assert.equal(kindOf(0), "appended");
  world.world.run({ ms: 50_000 });
  world.tick();
  assert.equal(kindOf(9), "refused");
  world.world.run({ ms: 10_000 });
  world.tick();
  assert.equal(kindOf(9), "appended");
  world.world.run({ ms: 50_000 });
  world.tick();
  assert.equal(kindOf(99), "refused");
  world.world.run({ ms: 10_000 });
  world.tick();
  assert.equal(kindOf(99), "appended");
});

test("a segment rolls when its first record is segment.ms older than the newest", () => {
  const world = new LogWorld({ config: { segmentMs: 1000 } });
  world.open();
  const log = world.log();
  const at = (timestamp: number): Uint8Array =>
    batchOf([], { records: [{ timestamp, key: null, value: null }] });
  const now = world.ports.clock.wallMs();
  for (const timestamp of [now, now + 900, now + 1001, now + 1500]) appendNow(log, at(timestamp));
  world.settle();
  const logs = world.ports.disk.list(`${DIRECTORY}/events-0`).filter((name) => name.endsWith(".log"));
  assert.deepEqual(logs, ["00000000000000000000.log", "00000000000000000002.log"]);
});

test("a follower keeps the leader's offsets, gaps and epochs", () => {
  const world = new LogWorld({ config: { segmentBytes: 200 } });
  world.open();
  const log = world.log();
  const outcomes: string[] = [];
  const follow = (batch: Uint8Array): void =>
    log.appendAsFollower(batch, (outcome) => outcomes.push(outcome.kind));
  follow(batchOf(["a", "b"], { baseOffset: 0, partitionLeaderEpoch: 3 }));
  follow(batchOf(["c"], { baseOffset: 10, partitionLeaderEpoch: 5 }));
  follow(batchOf(["d"], { baseOffset: 20, partitionLeaderEpoch: 5 }));
  follow(batchOf(["e"], { baseOffset: 15, partitionLeaderEpoch: 5 }));
  world.settle();
  assert.deepEqual(outcomes, ["appended", "appended", "appended", "refused"]);
  assert.deepEqual(valuesFrom(world, log, 1), ["1:b", "10:c", "20:d"]);
  assert.deepEqual(log.endOffsetFor(3), { leaderEpoch: 3, endOffset: 10 });
  world.crash("kill");
  world.open();
  assert.deepEqual(valuesFrom(world, world.log(), 5), ["10:c", "20:d"]);
  assert.equal(world.log().epochForOffset(12), 5);
});

function transactional(producerId: number, producerEpoch: number, baseSequence: number): object {
  return { producerId, producerEpoch, baseSequence, isTransactional: true };
}

function markerOf(producerId: number, producerEpoch: number, isCommit: boolean): Uint8Array {
  return buildEndTxnMarkerBatch({
    isCommit,
    baseOffset: 0,
    partitionLeaderEpoch: 0,
    timestamp: 1_735_689_600_000,
    producerId,
    producerEpoch,
    coordinatorEpoch: 0,
  });
}

test("a small batch that unfolds to much, and one of many records, are judged in later turns", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  const wide = batchOf(["\u0000".repeat(3 * 1024 * 1024)], { compression: COMPRESSION_ZSTD });
  assert.ok(wide.length < 65_536);
  const long = batchOf(
    Array.from({ length: 120_000 }, () => ""),
    { compression: COMPRESSION_ZSTD },
  );
  for (const [batch, endOffset] of [
    [wide, 1],
    [long, 120_001],
  ] as const) {
    const kinds: string[] = [];
    log.appendAsLeader(batch, { origin: "client", leaderEpoch: 0 as LeaderEpoch }, ({ kind }) =>
      kinds.push(kind),
    );
    batch.fill(0);
    assert.deepEqual(kinds, []);
    world.settle();
    assert.deepEqual(kinds, ["appended"]);
    assert.equal(log.logEndOffset, endOffset);
  }
});

test("bombs are refused one after the other, and what comes beside them is appended", () => {
  const world = new LogWorld();
  world.open();
  const log = world.log();
  const bomb = batchOf(["\u0000".repeat(70 * 1024 * 1024)], { compression: COMPRESSION_ZSTD });
  const kinds: string[] = [];
  for (let count = 0; count < 3; count++) {
    log.appendAsLeader(bomb, { origin: "client", leaderEpoch: 0 as LeaderEpoch }, (outcome) =>
      kinds.push(outcome.kind === "refused" ? outcome.error.name : outcome.kind),
    );
  }
  appendNow(log, batchOf(["small"]));
  world.settle();
  assert.deepEqual(kinds, ["MESSAGE_TOO_LARGE", "MESSAGE_TOO_LARGE", "MESSAGE_TOO_LARGE"]);
  assert.equal(log.logEndOffset, 1);
});
