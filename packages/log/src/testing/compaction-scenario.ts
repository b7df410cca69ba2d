// One seeded life of a compacted log with crashes in its appends, cleanings and swaps, checked after each
// reopening: the last value of every key is there, offsets and order never change, a tombstone goes only
// after its time, aborted records that are left are known as such. Throws when a promise is broken, naming
// the seed.
import { buildEndTxnMarkerBatch, type LeaderEpoch, type Offset } from "@ottla/protocol";
import type { AppendOptions } from "../append/append-outcome.ts";
import type { PartitionLog } from "../partition-log.ts";
import { type FoundRecord, keyedBatch, recordsOf } from "./compaction.ts";
import { runCrashingLives } from "./crashing-lives.ts";
import { appendNow, LogWorld } from "./log-world.ts";

const COORDINATOR: AppendOptions = { origin: "coordinator", leaderEpoch: 0 as LeaderEpoch };
const CRASHES = 4;
const STEPS = 60;
const CALLS_BEFORE_CRASH = 900;
const KEYS = 7;
const DELETE_RETENTION_MS = 20_000;

/** One appended record. */
interface Appended {
  readonly key: string;
  readonly value: string | null;
  readonly wallMs: number;
  /** Null: not of a transaction. */
  readonly producerId: number | null;
  fate: "kept" | "open" | "aborted";
}

interface History {
  readonly records: Map<number, Appended>;
  readonly batchStarts: Set<number>;
  /** Offset of each open transaction's first record, by producer. */
  readonly open: Map<number, number>;
  /** What transactions were decided by markers that a crash may take. */
  decided: { readonly markerOffset: number; readonly producerId: number; readonly firstOffset: number }[];
  durableEnd: number;
  cleanings: number;
}

/** Runs the scenario of `seed`; answers how many cleanings came to their end. */
export function runCompactionScenario(seed: number): number {
  const config = {
    cleanupCompact: true,
    cleanupDelete: false,
    segmentBytes: 900,
    indexIntervalBytes: 100,
    segmentIndexBytes: 240,
    minCleanableDirtyRatio: 0.01,
    deleteRetentionMs: DELETE_RETENTION_MS,
    fileDeleteDelayMs: 2_000,
  };
  const world = new LogWorld({ seed, config });
  const history: History = {
    records: new Map(),
    batchStarts: new Set(),
    open: new Map(),
    decided: [],
    durableEnd: 0,
    cleanings: 0,
  };
  runCrashingLives(seed, world, {
    lives: CRASHES,
    steps: STEPS,
    callsBeforeCrash: CALLS_BEFORE_CRASH,
    act: (log) => act(world, log, history),
    durable: (endOffset) => {
      history.durableEnd = Math.max(history.durableEnd, endOffset);
    },
    ended: () => {
      history.cleanings += world.manager.cleanerMetrics.cleanings;
    },
    check: (log) => check(world, log, history),
  });
  return history.cleanings;
}

function act(world: LogWorld, log: PartitionLog, history: History): void {
  const { random } = world.world;
  if (random.below(4) === 0) actInTransaction(world, log, history);
  else append(world, log, history, null);
  if (random.below(3) > 0) log.updateHighWatermark(log.durableEndOffset);
  if (random.below(3) === 0) world.world.run({ events: 1 + random.below(20) });
  if (random.below(4) === 0) world.tick();
  if (random.below(40) === 0) truncate(world, log, history);
}

function append(world: LogWorld, log: PartitionLog, history: History, producerId: number | null): void {
  const { random } = world.world;
  const records = Array.from({ length: 1 + random.below(4) }, (): [string, string | null] => [
    `key-${random.below(KEYS)}`,
    random.below(5) === 0 ? null : `${random.uint32()}`,
  ]);
  const producer =
    producerId === null ? {} : { producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true };
  const codec = random.below(3) === 0 ? { compression: 1 + random.below(4) } : {};
  const firstOffset = log.logEndOffset;
  const wallMs = world.ports.clock.wallMs();
  // As coordinator: the sequences of this test say nothing.
  const outcome = appendNow(log, keyedBatch(records, { ...producer, ...codec }), COORDINATOR);
  if (outcome.kind !== "appended") throw new Error(`an append was answered with ${outcome.kind}`);
  history.batchStarts.add(firstOffset);
  records.forEach(([key, value], index) => {
    const fate = producerId === null ? "kept" : "open";
    history.records.set(firstOffset + index, { key, value, wallMs, producerId, fate });
  });
  if (producerId !== null && !history.open.has(producerId)) history.open.set(producerId, firstOffset);
}

function actInTransaction(world: LogWorld, log: PartitionLog, history: History): void {
  const { random } = world.world;
  const producerId = 100 + random.below(3);
  const firstOffset = history.open.get(producerId);
  if (firstOffset === undefined || random.below(2) === 0) {
    append(world, log, history, producerId);
    return;
  }
  const isCommit = random.below(2) === 0;
  const markerOffset = log.logEndOffset;
  const marker = { isCommit, baseOffset: 0, partitionLeaderEpoch: 0, timestamp: 1, producerId };
  appendNow(log, buildEndTxnMarkerBatch({ ...marker, producerEpoch: 0, coordinatorEpoch: 0 }), COORDINATOR);
  for (const [offset, record] of history.records) {
    if (offset < firstOffset || record.producerId !== producerId) continue;
    if (record.fate === "open") record.fate = isCommit ? "kept" : "aborted";
  }
  history.decided.push({ markerOffset, producerId, firstOffset });
  history.open.delete(producerId);
}

function truncate(world: LogWorld, log: PartitionLog, history: History): void {
  // Never below the high watermark, as in a cluster: what was compacted away there would be missed.
  // At a batch's start, as a leader tells it.
  const starts = [...history.batchStarts].filter((start) => start >= log.highWatermark);
  if (starts.length === 0) return;
  const offset = starts[world.world.random.below(starts.length)] as number;
  history.durableEnd = Math.min(history.durableEnd, offset);
  log.truncateTo(offset as Offset);
  forgetAbove(log.logEndOffset, history);
  // What was cut and never durable may come back in a crash until the cut is durable.
  world.world.run({ ms: 100 });
}

/** Records beyond the end are gone for good: their offsets are given out again. */
function forgetAbove(endOffset: number, history: History): void {
  for (const start of history.batchStarts) if (start >= endOffset) history.batchStarts.delete(start);
  for (const offset of [...history.records.keys()]) if (offset >= endOffset) history.records.delete(offset);
  for (const [producerId, firstOffset] of history.open) {
    if (firstOffset >= endOffset) history.open.delete(producerId);
  }
  const undone = history.decided.filter(({ markerOffset }) => markerOffset >= endOffset);
  history.decided = history.decided.filter(({ markerOffset }) => markerOffset < endOffset);
  for (const { producerId, firstOffset } of undone.reverse()) {
    let isLeft = false;
    for (const [offset, record] of history.records) {
      if (offset < firstOffset || record.producerId !== producerId) continue;
      record.fate = "open";
      isLeft = true;
    }
    if (isLeft) history.open.set(producerId, firstOffset);
  }
}

function check(world: LogWorld, log: PartitionLog, history: History): void {
  if (log.logEndOffset < history.durableEnd)
    throw new Error(`${history.durableEnd} was durable, the log ends at ${log.logEndOffset}`);
  forgetAbove(log.logEndOffset, history);
  history.durableEnd = log.logEndOffset;
  log.updateHighWatermark(log.logEndOffset);
  const found = recordsOf(world, log).filter(({ offset }) => history.records.has(offset));
  checkRecords(found, history);
  checkLastValues(found, history, world.ports.clock.wallMs());
  const stable = Math.min(log.logEndOffset, ...history.open.values());
  if (log.lastStableOffset !== stable)
    throw new Error(`last stable is ${log.lastStableOffset}, not ${stable}`);
  const aborted = log.abortedTransactions(0 as Offset, log.logEndOffset);
  for (const { offset } of found) {
    const { fate, producerId } = history.records.get(offset) as Appended;
    const isKnown = aborted.some((each) => each.producerId === producerId && each.firstOffset <= offset);
    if (fate === "aborted" && !isKnown) throw new Error(`offset ${offset} is not known as aborted`);
  }
}

function checkRecords(found: readonly FoundRecord[], history: History): void {
  let before = -1;
  for (const { offset, key, value } of found) {
    if (offset <= before) throw new Error(`offset ${offset} comes after ${before}`);
    before = offset;
    const appended = history.records.get(offset);
    if (appended?.key !== key || appended.value !== value)
      throw new Error(`at ${offset} ${key}=${value} was read, ${appended?.key}=${appended?.value} appended`);
  }
}

function checkLastValues(found: readonly FoundRecord[], history: History, nowMs: number): void {
  const last = new Map<string, number>();
  for (const [offset, { key, fate }] of history.records) {
    if (fate === "kept") last.set(key, Math.max(offset, last.get(key) ?? -1));
  }
  const offsets = new Set(found.map(({ offset }) => offset));
  for (const [key, offset] of last) {
    const { value, wallMs } = history.records.get(offset) as Appended;
    if (offsets.has(offset)) continue;
    if (value !== null) throw new Error(`the last value of ${key}, at ${offset}, is gone`);
    if (nowMs < wallMs + DELETE_RETENTION_MS)
      throw new Error(`the tombstone of ${key} at ${offset} went early`);
    // Where the tombstone is gone nothing older may be left.
    for (const older of found) {
      const isOlder = older.key === key && older.offset < offset;
      if (isOlder && history.records.get(older.offset)?.fate === "kept")
        throw new Error(`${key} came back: offset ${older.offset} outlived its tombstone at ${offset}`);
    }
  }
}
