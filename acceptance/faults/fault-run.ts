// One run of a real broker under faults, from its seed to its verdict: load, faults for a while, peace, one
// last stop, a probe for each partition, and a final read of everything. Real time and real processes do not
// repeat: a seed draws the same faults, not the same moment.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Xoshiro128 } from "@ottla/ports";
import { type BrokerUnderTest, drawPort, startBrokerIn } from "../broker-under-test.ts";
import { FaultClients } from "./fault-clients.ts";
import { judgeHistory, type Verdict } from "./judge-history.ts";
import { type FileSystemType, LoopFileSystem } from "./loop-file-system.ts";

/** What befalls a broker. */
export type Fault = "kill" | "pause" | "power" | "full";

/** What is run. */
export interface FaultRunOptions {
  readonly seed: number;
  /** How long faults go on. Seconds. */
  readonly seconds: number;
  /** Null: the machine's own file system, which keeps its power and its room. */
  readonly fileSystem: FileSystemType | null;
  readonly durability: "fsync" | "page-cache";
  /** Without `power` and `full` where there is no file system of the run's own. */
  readonly faults: readonly Fault[];
  readonly report: (line: string) => void;
}

/** What came of it. */
export interface FaultRunResult {
  readonly verdict: Verdict;
  readonly faults: Readonly<Record<Fault, number>>;
  readonly moves: number;
  /** Longest time from a stop to a serving broker. */
  readonly slowestStartMs: number;
}

const QUIET_MS_MIN = 300;
const QUIET_MS_MAX = 2200;
const PAUSE_MS_MAX = 2500;
const FULL_MS_MAX = 2500;
const HEAL_MS_MAX = 60_000;
const POLL_MS = 20;

/** A broker, its disk and its clients. */
export class FaultRun {
  readonly #options: FaultRunOptions;
  readonly #random: Xoshiro128;
  readonly #directory: string;
  readonly #counts: Record<Fault, number> = { kill: 0, pause: 0, power: 0, full: 0 };
  #fileSystem: LoopFileSystem | null = null;
  #broker: BrokerUnderTest | null = null;
  #clients: FaultClients | null = null;
  #failure: unknown = null;
  #slowestStartMs = 0;

  constructor(options: FaultRunOptions) {
    this.#options = options;
    this.#random = new Xoshiro128(options.seed);
    this.#directory = mkdtempSync(join(tmpdir(), "ottla-faults-"));
  }

  /** Something threw outside of the run's own steps: it ends the run. */
  fail(error: unknown): void {
    this.#failure ??= error;
  }

  async run(): Promise<FaultRunResult> {
    const { seconds } = this.#options;
    const { broker, clients } = await this.#begin();
    const endMs = performance.now() + seconds * 1000;
    while (performance.now() < endMs) {
      await this.#quiet();
      const { faults } = this.#options;
      await this.#fault(broker, clients, faults[this.#random.below(faults.length)] as Fault);
    }
    clients.finish();
    await this.#until("every send is acknowledged", () => clients.isAllSent);
    await this.#fault(broker, clients, this.#fileSystem === null ? "kill" : "power");
    clients.probe();
    await this.#until("every partition takes a record", () => clients.isProbed);
    clients.readAll();
    await this.#until("everyone has read everything", () => clients.hasReadAll);
    clients.close();
    const verdict = judgeHistory(clients.history);
    const { moves } = clients;
    return { verdict, faults: this.#counts, moves, slowestStartMs: this.#slowestStartMs };
  }

  /** Ends and removes everything; never throws for what is left over. */
  async dispose(): Promise<void> {
    this.#clients?.close();
    await this.#broker?.kill();
    await this.#fileSystem?.dispose();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** The end of what the broker said. */
  brokerLog(): string {
    return this.#broker === null ? "" : readFileSync(this.#broker.logFile, "utf8").slice(-3000);
  }

  async #begin(): Promise<{ broker: BrokerUnderTest; clients: FaultClients }> {
    const { fileSystem, durability, report } = this.#options;
    const below = (bound: number): number => this.#random.below(bound);
    if (fileSystem !== null) this.#fileSystem = new LoopFileSystem(fileSystem, this.#directory, below);
    const port = await drawPort();
    const directories = ["one", "two"].map((name) => join(this.#directory, "data", name));
    const broker = await startBrokerIn(this.#directory, port, [
      `log.dirs=${directories.join(",")}`,
      `ottla.durability=${durability}`,
      "log.cleaner.backoff.ms=200",
      "log.initial.task.delay.ms=500",
    ]);
    this.#broker = broker;
    const mayLoseRecords = durability !== "fsync";
    const fail = (error: unknown): void => this.fail(error);
    const clients = new FaultClients({
      port,
      random: this.#random,
      mayLoseRecords,
      directories,
      fail,
      report,
    });
    this.#clients = clients;
    clients.node("serving");
    clients.createTopics();
    await this.#until("the topics are there", () => clients.hasTopics);
    clients.start();
    return { broker, clients };
  }

  async #quiet(): Promise<void> {
    const ms = QUIET_MS_MIN + this.#random.below(QUIET_MS_MAX);
    const endMs = performance.now() + ms;
    await this.#until("the load goes on", () => performance.now() >= endMs);
  }

  async #fault(broker: BrokerUnderTest, clients: FaultClients, fault: Fault): Promise<void> {
    this.#counts[fault]++;
    this.#options.report(`fault: ${fault}`);
    const fileSystem = this.#fileSystem;
    switch (fault) {
      case "pause":
        process.kill(broker.pid(), "SIGSTOP");
        await sleep(this.#random.below(PAUSE_MS_MAX));
        process.kill(broker.pid(), "SIGCONT");
        return;
      case "full":
        fileSystem?.fill();
        clients.node("fault");
        await sleep(this.#random.below(FULL_MS_MAX));
        fileSystem?.free();
        return;
      case "power":
        fileSystem?.cutPower();
        await this.#restart(broker, clients, async () => await fileSystem?.powerOn());
        return;
      case "kill":
        await this.#restart(broker, clients, async () => {});
        return;
    }
  }

  async #restart(
    broker: BrokerUnderTest,
    clients: FaultClients,
    whileDown: () => Promise<void>,
  ): Promise<void> {
    await broker.kill();
    clients.node("crash");
    await whileDown();
    const fromMs = performance.now();
    await broker.start();
    this.#slowestStartMs = Math.max(this.#slowestStartMs, performance.now() - fromMs);
    clients.node("serving");
  }

  async #until(what: string, isDone: () => boolean): Promise<void> {
    const endMs = performance.now() + HEAL_MS_MAX;
    while (!isDone()) {
      if (this.#failure !== null) throw this.#failure;
      if (performance.now() > endMs) {
        throw new Error(`${what}: not within ${HEAL_MS_MAX / 1000} s\n  ${this.#clients?.status}`);
      }
      await sleep(POLL_MS);
    }
    if (this.#failure !== null) throw this.#failure;
  }
}
