// One seeded life of a log with a crash in the middle, checked after reopening. Throws when a promise is
// broken, naming the seed.
import { buildEndTxnMarkerBatch, type LeaderEpoch, type Offset } from "@ottla/protocol";
import type { AppendOptions } from "../append/append-outcome.ts";
import type { PartitionLog } from "../partition-log.ts";
import { runCrashingLives } from "./crashing-lives.ts";
import { appendNow, batchOf, LogWorld, valuesFrom } from "./log-world.ts";

const MARKER: AppendOptions = { origin: "coordinator", leaderEpoch: 0 as LeaderEpoch };
const CRASHES = 3;
const STEPS = 40;
const CALLS_BEFORE_CRASH = 150;

/** One appended batch of a transaction, or its marker. */
interface TransactionEvent {
  readonly offset: number;
  readonly producerId: number;
  readonly kind: "records" | "commit" | "abort";
}

/** What was given out and what was promised. */
interface History {
  /** Value by offset, as last appended there; null for a marker. */
  readonly values: Map<number, string | null>;
  transactions: TransactionEvent[];
  durableEnd: number;
}

/** Runs the scenario of `seed`. */
export function runCrashScenario(seed: number): void {
  const config = { segmentBytes: 1500, indexIntervalBytes: 100, segmentIndexBytes: 120 };
  const world = new LogWorld({ seed, config });
  const history: History = { values: new Map(), transactions: [], durableEnd: 0 };
  runCrashingLives(seed, world, {
    lives: CRASHES,
    steps: STEPS,
    callsBeforeCrash: CALLS_BEFORE_CRASH,
    act: (log) => act(world, log, history),
    durable: (endOffset) => {
      history.durableEnd = Math.max(history.durableEnd, endOffset);
    },
    check: (log) => check(world, log, history),
  });
}

function act(world: LogWorld, log: PartitionLog, history: History): void {
  const { random } = world.world;
  if (random.below(3) === 0) actInTransaction(world, log, history);
  const values = Array.from({ length: 1 + random.below(4) }, () => `${random.uint32()}`);
  const outcome = appendNow(log, batchOf(values, random.below(3) === 0 ? { compression: 1 } : {}));
  if (outcome.kind !== "appended") throw new Error(`an append was answered with ${outcome.kind}`);
  values.forEach((value, index) => {
    history.values.set(outcome.firstOffset + index, value);
  });
  if (random.below(3) === 0) world.world.run({ events: 1 + random.below(10) });
  if (random.below(10) === 0) world.tick();
}

/** Records of a transaction or its end, always right for the producer's state as the history tells it. */
function actInTransaction(world: LogWorld, log: PartitionLog, history: History): void {
  const { random } = world.world;
  const producerId = 100 + random.below(3);
  const isOpen =
    history.transactions.findLast((event) => event.producerId === producerId)?.kind === "records";
  const offset = log.logEndOffset;
  if (isOpen && random.below(2) === 0) {
    const isCommit = random.below(2) === 0;
    const marker = {
      isCommit,
      baseOffset: 0,
      partitionLeaderEpoch: 0,
      timestamp: 1,
      producerId,
      producerEpoch: 0,
    };
    appendNow(log, buildEndTxnMarkerBatch({ ...marker, coordinatorEpoch: 0 }), MARKER);
    history.values.set(offset, null);
    history.transactions.push({ offset, producerId, kind: isCommit ? "commit" : "abort" });
    return;
  }
  const value = `${random.uint32()}`;
  const records = batchOf([value], { producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true });
  // As coordinator: the sequences of this test say nothing.
  const outcome = appendNow(log, records, MARKER);
  if (outcome.kind !== "appended")
    throw new Error(`a transaction's append was answered with ${outcome.kind}`);
  history.values.set(offset, value);
  history.transactions.push({ offset, producerId, kind: "records" });
}

function checkTransactions(log: PartitionLog, history: History): void {
  history.transactions = history.transactions.filter((event) => event.offset < log.logEndOffset);
  const open = new Map<number, number>();
  const aborted: string[] = [];
  for (const { offset, producerId, kind } of history.transactions) {
    if (kind === "records") {
      if (!open.has(producerId)) open.set(producerId, offset);
      continue;
    }
    if (kind === "abort") aborted.push(`${producerId} from ${open.get(producerId)}`);
    open.delete(producerId);
  }
  const found = log.abortedTransactions(0 as Offset, log.logEndOffset);
  const told = found.map(({ producerId, firstOffset }) => `${producerId} from ${firstOffset}`);
  if (told.join() !== aborted.join()) throw new Error(`aborted are ${told.join()}, not ${aborted.join()}`);
  log.updateHighWatermark(log.logEndOffset);
  const stable = Math.min(log.logEndOffset, ...open.values());
  if (log.lastStableOffset !== stable)
    throw new Error(`last stable is ${log.lastStableOffset}, not ${stable}`);
}

function check(world: LogWorld, log: PartitionLog, history: History): void {
  if (log.logEndOffset < history.durableEnd) {
    throw new Error(`${history.durableEnd} was durable, the log ends at ${log.logEndOffset}`);
  }
  const found = valuesFrom(world, log, 0);
  if (found.length !== log.logEndOffset)
    throw new Error(`${found.length} records of ${log.logEndOffset} were read`);
  found.forEach((value, offset) => {
    const appended = `${offset}:${history.values.get(offset)}`;
    if (value !== appended && history.values.get(offset) !== null)
      throw new Error(`read ${value}, appended ${appended}`);
  });
  // Records beyond the end are gone for good: their offsets are given out again.
  for (const offset of history.values.keys()) if (offset >= log.logEndOffset) history.values.delete(offset);
  history.durableEnd = log.logEndOffset;
  checkTransactions(log, history);
}
