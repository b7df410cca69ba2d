// One seeded life of a log with a crash in the middle, checked after reopening. Throws when a promise is broken, naming the seed.
import { NodeCrashed } from "@ottla/ports";
import type { PartitionLog } from "../partition-log.ts";
import { appendNow, batchOf, LogWorld, valuesFrom } from "./log-world.ts";

const CRASHES = 3;
const STEPS = 40;
const CALLS_BEFORE_CRASH = 150;

/** What was given out and what was promised. */
interface History {
  /** Value by offset, as last appended there. */
  readonly values: Map<number, string>;
  durableEnd: number;
}

/** Runs the scenario of `seed`. */
export function runCrashScenario(seed: number): void {
  const config = { segmentBytes: 1500, indexIntervalBytes: 100, segmentIndexBytes: 120 };
  const world = new LogWorld({ seed, config });
  const history: History = { values: new Map(), durableEnd: 0 };
  const { random } = world.world;
  const { storage } = world.world.host("broker");
  try {
    for (let life = 0; life < CRASHES; life++) {
      const how = random.below(2) === 0 ? ("crash" as const) : ("kill" as const);
      const lastCall = storage.callCount + 1 + random.below(CALLS_BEFORE_CRASH);
      // A process that dies inside fdatasync loses nothing of what it wrote; the fake would.
      storage.onCall = ({ index, operation }) =>
        index !== lastCall ? "go" : operation === "sync" ? "crash" : how;
      if (live(world, history)) world.restart();
      else world.crash(how === "crash" ? "power" : "kill");
      storage.onCall = null;
      world.open();
      check(world, world.log(), history);
      world.closeAndOpen();
      check(world, world.log(), history);
      world.crash("kill");
    }
  } catch (error) {
    throw new Error(`seed ${seed}`, { cause: error });
  }
}

/** True when the node crashed on the way. */
function live(world: LogWorld, history: History): boolean {
  try {
    world.open();
    const log = world.log();
    log.listener = {
      written() {},
      failed() {},
      durable: (durable) => {
        history.durableEnd = Math.max(history.durableEnd, durable.durableEndOffset);
      },
    };
    for (let step = 0; step < STEPS && world.isAlive; step++) act(world, log, history);
  } catch (error) {
    if (!(error instanceof NodeCrashed)) throw error;
  }
  return !world.isAlive;
}

function act(world: LogWorld, log: PartitionLog, history: History): void {
  const { random } = world.world;
  const values = Array.from({ length: 1 + random.below(4) }, () => `${random.uint32()}`);
  const outcome = appendNow(log, batchOf(values, random.below(3) === 0 ? { compression: 1 } : {}));
  if (outcome.kind !== "appended") throw new Error(`an append was answered with ${outcome.kind}`);
  values.forEach((value, index) => {
    history.values.set(outcome.firstOffset + index, value);
  });
  if (random.below(3) === 0) world.world.run({ events: 1 + random.below(10) });
  if (random.below(10) === 0) world.tick();
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
    if (value !== appended) throw new Error(`read ${value}, appended ${appended}`);
  });
  // Records beyond the end are gone for good: their offsets are given out again.
  for (const offset of history.values.keys()) if (offset >= log.logEndOffset) history.values.delete(offset);
  history.durableEnd = log.logEndOffset;
}
