// A data directory that Apache Kafka left behind opens and answers as its manifest says.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { createNodeZip } from "@ottla/ports";
import {
  batchEnd,
  batchIsControl,
  batchIsTransactional,
  batchProducerId,
  type Offset,
  readRecords,
} from "@ottla/protocol";
import { readLeaderEpochs } from "../checkpoint/leader-epoch-checkpoint.ts";
import { type LogManager } from "../log-manager.ts";
import type { PartitionLog } from "../partition-log.ts";
import { decodeProducerSnapshot } from "../producer-state/producer-snapshot.ts";
import type { TimestampOffset, TimestampResult } from "../read/timestamp-offset.ts";
import { BatchCursor } from "../segment/batch-cursor.ts";
import { FileCache } from "../segment/file-cache.ts";
import { LogSegment } from "../segment/log-segment.ts";
import { DIRECTORY, LogWorld, readFrom, takeBytes } from "../testing/log-world.ts";

interface GoldenBatch {
  readonly position: number;
  readonly sizeInBytes: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly partitionLeaderEpoch: number;
  readonly maxTimestamp: number;
}

interface GoldenPartition {
  readonly "leader-epoch-checkpoint": readonly string[];
  readonly segments: readonly {
    readonly baseOffset: number;
    readonly size: number;
    readonly batches: readonly GoldenBatch[];
    readonly offsetIndex: readonly (readonly [number, number])[];
    readonly timeIndex: readonly (readonly [number, number])[];
    readonly transactionIndex?: readonly object[];
  }[];
  readonly producerSnapshots?: Readonly<Record<string, readonly GoldenProducer[]>>;
}

interface GoldenProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly lastTimestamp: number;
  readonly currentTxnFirstOffset: number;
  readonly batches: readonly {
    readonly lastSequence: number;
    readonly lastOffset: number;
    readonly offsetDelta: number;
    readonly timestamp: number;
  }[];
}

interface GoldenRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: unknown;
}

interface GoldenView {
  readonly listOffsets: Readonly<
    Record<"earliest" | "latest" | "latestReadCommitted" | "maxTimestamp", TimestampOffset>
  >;
  readonly read_uncommitted?: readonly GoldenRecord[];
  readonly read_committed?: readonly GoldenRecord[];
  readonly byTimestamp?: readonly (TimestampOffset & { readonly at: number })[];
}

interface Manifest {
  readonly partitions: Readonly<Record<string, GoldenPartition>>;
  readonly view: {
    readonly clusterId: string;
    readonly topics: Readonly<Record<string, { readonly partitions: Readonly<Record<string, GoldenView>> }>>;
  };
}

const home = new URL("../../../protocol/goldens/segments/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("manifest.json", home), "utf8")) as Manifest;

/** A world whose disk holds the directory. */
function goldenWorld(): LogWorld {
  const world = new LogWorld();
  const { disk } = world.ports;
  const data = new URL("data/", home);
  for (const entry of readdirSync(data, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = `${entry.parentPath}/${entry.name}`;
    const name = path.slice(data.pathname.length);
    if (name.includes("/")) disk.makeDirectory(`${DIRECTORY}/${name.slice(0, name.indexOf("/"))}`);
    disk.replaceFile(`${DIRECTORY}/${name}`, readFileSync(path));
  }
  return world;
}

function openGolden(world: LogWorld): LogManager {
  return world.open({ clusterId: manifest.view.clusterId });
}

for (const [name, golden] of Object.entries(manifest.partitions)) {
  test(`${name}: segments, indexes, snapshots and epochs read as the manifest says`, () => {
    const { disk, clock } = goldenWorld().ports;
    const files = new FileCache(disk, 100);
    const directory = `${DIRECTORY}/${name}`;
    for (const expected of golden.segments) {
      const segment = new LogSegment(files, directory, expected.baseOffset, clock.wallMs(), false);
      segment.sizeInBytes = expected.size;
      assert.ok(segment.offsetIndex.load(expected.size) && segment.timeIndex.load());
      assert.deepEqual([...segment.offsetIndex], expected.offsetIndex);
      assert.deepEqual([...segment.timeIndex], expected.timeIndex);
      assert.deepEqual(segment.transactionIndex.all(), expected.transactionIndex ?? []);
      assert.deepEqual(batchesOf(segment), expected.batches.map(headerOf));
    }
    for (const [file, producers] of Object.entries(golden.producerSnapshots ?? {})) {
      const entries = decodeProducerSnapshot(disk.readFile(`${directory}/${file}`));
      assert.deepEqual(entries?.map(producerOf), producers);
    }
    const epochs = readLeaderEpochs(disk, `${directory}/leader-epoch-checkpoint`);
    const lines = epochs.map(({ epoch, startOffset }) => `${epoch} ${startOffset}`);
    assert.deepEqual(lines, golden["leader-epoch-checkpoint"].slice(2));
  });
}

for (const [topic, { partitions }] of Object.entries(manifest.view.topics)) {
  for (const [partition, view] of Object.entries(partitions)) {
    test(`${topic}-${partition}: ends, times and records are what Kafka's clients saw`, () => {
      const world = goldenWorld();
      const log = openGolden(world).log(topic, Number(partition));
      assert.ok(log !== null);
      assertListOffsets(world, log, view);
      if (view.read_uncommitted !== undefined) {
        const all = recordsUpTo(world, log, log.highWatermark);
        assert.deepEqual(all, view.read_uncommitted.map(recordOf));
      }
      if (view.read_committed !== undefined) {
        const committed = recordsUpTo(world, log, log.lastStableOffset, true);
        assert.deepEqual(committed, view.read_committed.map(recordOf));
      }
    });
  }
}

test("the directory recovers to the same when it is taken for crashed", () => {
  const world = goldenWorld();
  world.ports.disk.remove(`${DIRECTORY}/.kafka_cleanshutdown`);
  world.ports.disk.remove(`${DIRECTORY}/recovery-point-offset-checkpoint`);
  const manager = openGolden(world);
  const rolled = manager.log("rolled", 0);
  assert.ok(rolled !== null);
  assert.equal(rolled.logEndOffset, 130);
  assert.equal(rolled.lastStableOffset, 126);
  const expected = manifest.partitions["rolled-0"]?.segments.flatMap(
    (segment) => segment.transactionIndex ?? [],
  );
  assert.deepEqual(rolled.abortedTransactions(0 as Offset, 130 as Offset).length, expected?.length);
  assert.deepEqual(world.logger.errors, []);
});

function batchesOf(segment: LogSegment): GoldenBatch[] {
  const cursor = new BatchCursor();
  cursor.start(segment.log, 0, segment.sizeInBytes);
  const found: GoldenBatch[] = [];
  for (let step = cursor.step(); step !== "end"; step = cursor.step()) {
    assert.equal(step, "batch");
    found.push(headerOf(cursor));
  }
  return found;
}

function headerOf(from: GoldenBatch): GoldenBatch {
  const { position, sizeInBytes, baseOffset, lastOffset, partitionLeaderEpoch, maxTimestamp } = from;
  return { position, sizeInBytes, baseOffset, lastOffset, partitionLeaderEpoch, maxTimestamp };
}

function producerOf(entry: NonNullable<ReturnType<typeof decodeProducerSnapshot>>[number]): GoldenProducer {
  return {
    producerId: entry.producerId,
    producerEpoch: entry.epoch,
    coordinatorEpoch: entry.coordinatorEpoch,
    lastTimestamp: entry.lastTimestamp,
    currentTxnFirstOffset: entry.transactionFirstOffset,
    batches: entry.batches.map(({ lastSequence, lastOffset, offsetDelta, maxTimestamp }) => ({
      lastSequence,
      lastOffset,
      offsetDelta,
      timestamp: maxTimestamp,
    })),
  };
}

function recordOf({ offset, timestamp, key }: GoldenRecord): Omit<GoldenRecord, "value"> {
  return { offset, timestamp, key };
}

function assertListOffsets(world: LogWorld, log: PartitionLog, view: GoldenView): void {
  const { earliest, latest, latestReadCommitted, maxTimestamp } = view.listOffsets;
  assert.equal(log.logStartOffset, earliest.offset);
  assert.equal(log.highWatermark, latest.offset);
  assert.equal(log.lastStableOffset, latestReadCommitted.offset);
  assert.deepEqual(
    found(world, (done) => log.maxTimestampOffset(done)),
    known(maxTimestamp),
  );
  for (const { at, ...expected } of view.byTimestamp ?? []) {
    assert.deepEqual(
      found(world, (done) => log.offsetForTimestamp(at, done)),
      known(expected),
      `at ${at}`,
    );
  }
}

/** The manifest has null for an epoch that is not known. */
function known(from: TimestampOffset): TimestampOffset {
  return { ...from, leaderEpoch: from.leaderEpoch ?? -1 };
}

function found(world: LogWorld, ask: (done: (result: TimestampResult) => void) => void): TimestampOffset {
  let result: TimestampResult | null = null;
  ask((given) => {
    result = given;
  });
  world.world.run({ until: () => result !== null });
  const given = result as TimestampResult | null;
  assert.ok(given?.kind === "found", JSON.stringify(given));
  return given.found;
}

/** Records of clients below `end`; without those of aborted transactions when `isCommitted`. */
function recordsUpTo(
  world: LogWorld,
  log: PartitionLog,
  end: number,
  isCommitted: boolean = false,
): object[] {
  const records: object[] = [];
  const aborted = isCommitted ? log.abortedTransactions(log.logStartOffset, end as Offset) : [];
  const open = new Set<number>();
  for (let next: number = log.logStartOffset; next < end; ) {
    const bytes = takeBytes(readFrom(world, log, { offset: next, upperBound: end }));
    if (bytes.length === 0) break;
    for (let at = 0, batch: number; (batch = batchEnd(bytes, at, bytes.length)) > 0; at = batch) {
      const producerId = batchProducerId(bytes, at);
      for (const record of readRecords(bytes, at, createNodeZip())) {
        if (batchIsControl(bytes, at)) {
          open.delete(producerId);
          next = record.offset + 1;
          continue;
        }
        for (const transaction of aborted)
          if (transaction.firstOffset === record.offset) open.add(transaction.producerId);
        if (record.offset < next) continue;
        next = record.offset + 1;
        if (batchIsTransactional(bytes, at) && open.has(producerId)) continue;
        const key = record.key === null ? null : Buffer.from(record.key).toString("base64");
        records.push({ offset: record.offset, timestamp: record.timestamp, key });
      }
    }
  }
  return records;
}
