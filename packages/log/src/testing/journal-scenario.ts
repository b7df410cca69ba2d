// One seeded life after the other of many logs with a small sync journal, each ended by a crash at a drawn
// call of the disk: small appends, now and then a large one, cuts, deletions, failed writes, a bit turned
// over behind what the files had synced. Throws when a promise is broken, naming the seed.
import { NodeCrashed } from "@ottla/ports";
import type { Offset, Uuid } from "@ottla/protocol";
import type { PartitionLog } from "../partition-log.ts";
import { appendNow, batchOf, LogWorld, TOPIC_ID, valuesFrom } from "./log-world.ts";

const CRASHES = 4;
const LOGS = 6;
const OTHER_TOPIC_ID = "AAAAAAAAAAAAAAAAAAAAzw" as Uuid;

interface Written {
  readonly value: string;
  isCut: boolean;
}

/** What was written to one log and what was promised of it. */
class LogHistory {
  topicId: Uuid = TOPIC_ID;
  readonly values = new Map<number, Written[]>();
  /** Where batches start; such an offset is one to cut at. */
  readonly bases = new Set<number>();
  durableEnd = 0;
  /** Where the log was cut without anything durable behind it yet. */
  #openCut = Number.POSITIVE_INFINITY;

  append(offset: number, value: string): void {
    const known = (this.values.get(offset) ?? []).filter(({ isCut }) => isCut);
    this.values.set(offset, [...known, { value, isCut: false }]);
  }

  cut(offset: number): void {
    for (const [at, written] of this.values) {
      if (at >= offset) for (const entry of written) entry.isCut = true;
    }
    for (const base of this.bases) if (base > offset) this.bases.delete(base);
    this.#openCut = Math.min(this.#openCut, offset);
    this.durableEnd = Math.min(this.durableEnd, offset);
  }

  durable(endOffset: number): void {
    this.durableEnd = Math.max(this.durableEnd, endOffset);
    if (endOffset <= this.#openCut) return;
    for (const [offset, written] of this.values) {
      if (offset < this.#openCut) continue;
      this.values.set(
        offset,
        written.filter(({ isCut }) => !isCut),
      );
    }
    this.#openCut = Number.POSITIVE_INFINITY;
  }

  /** After a crash: `found` is what there is from now on. */
  check(found: readonly string[], endOffset: number): void {
    if (endOffset < this.durableEnd)
      throw new Error(`${this.durableEnd} was durable, the log ends at ${endOffset}`);
    if (found.length !== endOffset) throw new Error(`${found.length} records of ${endOffset} were read`);
    found.forEach((entry, offset) => {
      const value = entry.slice(entry.indexOf(":") + 1);
      const written = this.values.get(offset) ?? [];
      const isRight =
        offset < this.durableEnd ? written.at(-1)?.value === value : written.some((w) => w.value === value);
      if (!isRight)
        throw new Error(`read ${entry}, written ${JSON.stringify(written)}, durable ${this.durableEnd}`);
    });
    this.values.clear();
    this.#openCut = Number.POSITIVE_INFINITY;
    found.forEach((entry, offset) => {
      this.append(offset, entry.slice(entry.indexOf(":") + 1));
    });
    for (const base of this.bases) if (base >= endOffset) this.bases.delete(base);
    this.durableEnd = endOffset;
  }

  /** The records may be there once more where the deletion was cut short. */
  deleted(topicId: Uuid): void {
    this.topicId = topicId;
    this.bases.clear();
    this.cut(0);
  }
}

/** Runs the scenario of `seed`. Answers how many groups the journal took in all lives. */
export function runJournalScenario(seed: number): number {
  return new JournalScenario(seed).run();
}

class JournalScenario {
  readonly #seed: number;
  readonly #world: LogWorld;
  readonly #histories = new Map<string, LogHistory>();
  #groups = 0;
  #isCutting = false;

  constructor(seed: number) {
    this.#seed = seed;
    const segmentBytes = [8000, 20_000, 1_000_000][seed % 3] as number;
    const config = { segmentBytes, indexIntervalBytes: 200, fileDeleteDelayMs: 0 };
    this.#world = new LogWorld({ seed, config, journalBytes: seed % 4 === 0 ? 131_072 : 32_768 });
    for (let index = 0; index < LOGS; index++) this.#histories.set(`topic${index}`, new LogHistory());
  }

  run(): number {
    const { storage } = this.#world.world.host("broker");
    const random = this.#world.world.random;
    try {
      for (let life = 0; life < CRASHES; life++) {
        const how = random.below(3) === 0 ? ("kill" as const) : ("crash" as const);
        const lastCall = storage.callCount + 1 + random.below(random.below(2) === 0 ? 300 : 1500);
        let failedWrite = random.below(4) === 0 ? storage.callCount + 100 + random.below(500) : -1;
        storage.onCall = ({ index, operation, path, phase }) => {
          if (operation === "write" && path.endsWith("journal") && phase === "call") this.#groups += 1;
          if (index === lastCall) return operation === "sync" ? "crash" : how;
          if (
            this.#isCutting ||
            failedWrite < 0 ||
            index < failedWrite ||
            operation !== "write" ||
            !path.endsWith(".log")
          )
            return "go";
          failedWrite = -1;
          return { code: "ENOSPC" };
        };
        if (this.#live()) this.#world.restart();
        else this.#world.crash(how === "crash" ? "power" : "kill");
        storage.onCall = null;
        this.#world.open();
        this.#check();
        if (random.below(3) === 0) {
          this.#world.closeAndOpen();
          this.#check();
        }
        this.#world.crash("kill");
      }
    } catch (error) {
      throw new Error(`seed ${this.#seed}`, { cause: error });
    }
    return this.#groups;
  }

  #log(topic: string): PartitionLog {
    const history = this.#histories.get(topic) as LogHistory;
    const log = this.#world.log(topic, history.topicId);
    log.listener = {
      written() {},
      failed() {},
      durable: () => history.durable(log.durableEndOffset),
    };
    return log;
  }

  /** True when the node crashed on the way. */
  #live(): boolean {
    const { random } = this.#world.world;
    try {
      this.#world.open();
      const steps = 40 + random.below(200);
      for (let step = 0; step < steps && this.#world.isAlive; step++) this.#act();
    } catch (error) {
      if (!(error instanceof NodeCrashed)) throw error;
    }
    return !this.#world.isAlive;
  }

  #act(): void {
    const { random } = this.#world.world;
    const topic = `topic${random.below(LOGS)}`;
    const history = this.#histories.get(topic) as LogHistory;
    if (this.#world.manager.log(topic, 0)?.isWritable === false) {
      this.#world.tick();
      return;
    }
    const log = this.#log(topic);
    const bases = [...history.bases].filter((base) => base < log.logEndOffset);
    if (random.below(30) === 0 && log.isWritable && bases.length > 0) {
      const offset = bases[random.below(bases.length)] as Offset;
      history.cut(offset);
      this.#isCutting = true;
      log.truncateTo(offset);
      this.#isCutting = false;
    } else if (random.below(60) === 0) {
      const isSame = random.below(2) === 0;
      history.deleted(isSame || history.topicId === OTHER_TOPIC_ID ? TOPIC_ID : OTHER_TOPIC_ID);
      this.#world.manager.deleteLog(topic, 0);
      this.#log(topic);
    } else this.#append(log, history);
    if (random.below(3) === 0) this.#world.world.run({ events: 1 + random.below(12) });
    if (random.below(25) === 0) this.#world.tick();
  }

  #append(log: PartitionLog, history: LogHistory): void {
    const { random } = this.#world.world;
    const padding = "x".repeat(random.below(12) === 0 ? 2000 : random.below(40));
    const values = Array.from({ length: 1 + random.below(3) }, () => `${random.uint32()}${padding}`);
    const end = log.logEndOffset;
    const batch = batchOf(values);
    for (const base of history.bases) if (base > end) history.bases.delete(base);
    history.bases.add(end);
    values.forEach((value, index) => {
      history.append(end + index, value);
    });
    const outcome = appendNow(log, batch);
    if (outcome.kind === "refused" && outcome.error.name === "KAFKA_STORAGE_ERROR") return;
    if (outcome.kind !== "appended") throw new Error(`an append was answered with ${outcome.kind}`);
  }

  #check(): void {
    for (const [topic, history] of this.#histories) {
      const log = this.#log(topic);
      try {
        history.check(valuesFrom(this.#world, log, 0), log.logEndOffset);
      } catch (error) {
        throw new Error(topic, { cause: error });
      }
    }
  }
}
