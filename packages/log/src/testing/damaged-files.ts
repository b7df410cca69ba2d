// A log with several segments, epochs, timestamps and an aborted transaction, what it answers to every kind
// of question, and the ways in which a file can be wrong. For the tests of what is made again from the log.
import { buildEndTxnMarkerBatch, type LeaderEpoch, type Offset } from "@ottla/protocol";
import type { AppendOptions } from "../append/append-outcome.ts";
import type { PartitionLog } from "../partition-log.ts";
import type { TimestampResult } from "../read/timestamp-offset.ts";
import { appendNow, batchOf, DIRECTORY, LogWorld, valuesFrom } from "./log-world.ts";

export const PARTITION: string = `${DIRECTORY}/events-0`;
const FIRST_TIMESTAMP = 1_735_689_600_000;
const PRODUCER = { producerId: 7, producerEpoch: 0, isTransactional: true } as const;

/** A way in which a file is wrong; null: there is none. `other`: the same file of another segment. */
export type Damage = (content: Uint8Array, other: Uint8Array, entryBytes: number) => Uint8Array | null;

export const damages: ReadonlyMap<string, Damage> = new Map<string, Damage>([
  ["missing", () => null],
  ["empty", () => new Uint8Array(0)],
  ["cut within an entry", (content) => content.slice(0, Math.max(1, content.length - 3))],
  ["cut in half", (content, _, entry) => content.slice(0, entry * Math.floor(content.length / entry / 2))],
  ["zeros", (content) => new Uint8Array(content.length)],
  ["garbage", (content) => new Uint8Array(content.length).fill(0xaa)],
  ["garbage behind it", (content) => Uint8Array.from([...content, ...new Uint8Array(36).fill(0xaa)])],
  ["of another segment", (_, other) => other],
  ["entries in wrong order", (content, _, entry) => swapEnds(content, entry)],
  ["one bit wrong", (content) => content.map((byte, at) => (at === content.length >>> 1 ? byte ^ 4 : byte))],
]);

function swapEnds(content: Uint8Array, entryBytes: number): Uint8Array {
  const swapped = content.slice();
  if (content.length < 2 * entryBytes) return swapped;
  swapped.set(content.subarray(content.length - entryBytes), 0);
  swapped.set(content.subarray(0, entryBytes), content.length - entryBytes);
  return swapped;
}

/** Twenty batches in some segments, durable and checkpointed; the manager is open. */
export function worldWithSegments(): LogWorld {
  const config = { segmentBytes: 900, indexIntervalBytes: 1, messageTimestampBeforeMaxMs: 1e15 };
  const world = new LogWorld({ config });
  world.open();
  const log = world.log();
  for (let index = 0; index < 20; index++) {
    const leaderEpoch = Math.floor(index / 7) as LeaderEpoch;
    append(log, leaderEpoch, { timestamp: FIRST_TIMESTAMP + 1000 * index, value: `value ${index}` });
    if (index === 4 || index === 12) inTransaction(log, leaderEpoch, index, false);
  }
  settled(world);
  return world;
}

/** Epochs, indexes and recovery points are on disk. */
function settled(world: LogWorld): void {
  world.settle();
  const log = world.log();
  log.updateHighWatermark(log.logEndOffset);
  for (let second = 0; second < 3; second++) {
    world.tick();
    world.settle();
  }
}

function append(
  log: PartitionLog,
  leaderEpoch: LeaderEpoch,
  record: { timestamp: number; value: string },
): void {
  const value = new TextEncoder().encode(record.value);
  const batch = batchOf([], { records: [{ timestamp: record.timestamp, key: null, value }] });
  appendNow(log, batch, { origin: "client", leaderEpoch });
}

function inTransaction(log: PartitionLog, leaderEpoch: LeaderEpoch, index: number, isCommit: boolean): void {
  const options: AppendOptions = { origin: "coordinator", leaderEpoch };
  const timestamp = FIRST_TIMESTAMP + 1000 * index + 1;
  const records = [{ timestamp, key: null, value: new TextEncoder().encode(`transaction ${index}`) }];
  appendNow(log, batchOf([], { ...PRODUCER, baseSequence: index, records }), options);
  const marker = {
    isCommit,
    baseOffset: 0,
    partitionLeaderEpoch: leaderEpoch,
    timestamp,
    coordinatorEpoch: 0,
  };
  appendNow(log, buildEndTxnMarkerBatch({ ...marker, producerId: 7, producerEpoch: 0 }), options);
}

/** Everything that a derived file could change: values, times, epochs, aborted transactions, duplicates. */
export function answersOf(world: LogWorld): unknown {
  const log = world.log();
  const times = Array.from({ length: 20 }, (_, index) => offsetAt(world, FIRST_TIMESTAMP + 1000 * index));
  const last = log.logEndOffset;
  const reads = Array.from({ length: last }, (_, offset) => valuesFrom(world, log, offset)[0]);
  return {
    ends: [log.logStartOffset, last],
    values: valuesFrom(world, log, 0),
    reads,
    times,
    epochs: [0, 1, 2].map((epoch) => log.endOffsetFor(epoch)),
    aborted: log.abortedTransactions(0 as Offset, log.logEndOffset),
    producers: log.opened.producers.producers,
  };
}

function offsetAt(world: LogWorld, timestampMs: number): number {
  const results: TimestampResult[] = [];
  world.log().offsetForTimestamp(timestampMs, (result) => results.push(result));
  world.world.run({ until: () => results.length > 0 });
  const [result] = results;
  return result?.kind === "found" ? result.found.offset : -2;
}

/** Puts `damage` on the file at `path`, whose like of another segment is at `otherPath`. */
export function damageFile(
  world: LogWorld,
  damage: Damage,
  paths: { readonly path: string; readonly otherPath: string },
  entryBytes: number,
): void {
  const { disk } = world.ports;
  const other = disk.status(paths.otherPath) === null ? new Uint8Array(0) : disk.readFile(paths.otherPath);
  const content = damage(disk.readFile(paths.path), other, entryBytes);
  if (content === null) disk.remove(paths.path);
  else disk.replaceFile(paths.path, content);
}
