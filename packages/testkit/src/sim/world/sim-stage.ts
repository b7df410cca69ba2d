// What every simulated world has: the fake world, its broker, hosts for clients, faults between them, the
// history, and a run that must come to its end.
import { createNodeCrypto, createNodeZip, FakeWorld, type Ports, settlePromises } from "@ottla/ports";
import type { SimClientContext } from "../clients/sim-client.ts";
import type { GroupEvent } from "../group-history.ts";
import type { HistoryEvent } from "../history.ts";
import { BROKER_HOST, BROKER_PORT, BrokerHost } from "./broker-host.ts";
import type { BrokerPlan } from "./broker-plan.ts";
import type { DamagedBatch } from "./damage-files.ts";
import { EVENTS_MAX } from "./limits.ts";

const CUT_MS_MAX = 4000;
const PAUSE_MS_MAX = 3000;

/** Thrown when something that must happen does not. */
export class NotLive extends Error {
  override readonly name: string = "NotLive";
}

/** What of the options a stage needs. */
export interface StageOptions extends BrokerPlan {
  readonly seed: number;
  readonly requestTimeoutMs: number;
  /** Clients are those of package client, whose code awaits. */
  readonly usesEngine: boolean;
}

/** A stage. `report` null: nobody reads along. */
export class SimStage<Event extends HistoryEvent | GroupEvent = HistoryEvent> {
  readonly history: (Event | HistoryEvent)[] = [];
  readonly world: FakeWorld;
  readonly broker: BrokerHost;
  readonly #options: StageOptions;
  readonly #report: ((line: string) => void) | null;
  readonly #clients = new Map<string, Ports>();
  readonly #mayLoseRecords: boolean;
  readonly #awaits: boolean;
  #failure: Error | null = null;
  readonly #damage: DamagedBatch[] = [];
  #faultsDue = 0;
  #eventsLeft = EVENTS_MAX;

  constructor(options: StageOptions, mayLoseRecords: boolean, report: ((line: string) => void) | null) {
    this.#options = options;
    this.#mayLoseRecords = mayLoseRecords;
    this.#awaits = options.usesEngine;
    this.world = new FakeWorld({ seed: options.seed });
    this.#report = report;
    this.broker = new BrokerHost(this.world, options, {
      onNode: (type) => this.record({ f: "node", type, process: BROKER_HOST, timeMs: this.world.nowMs }),
      report: (line) => this.report(line),
    });
  }

  /** Faults that are planned and have not come. */
  get faultsDue(): number {
    return this.#faultsDue;
  }

  report(line: string): void {
    this.#report?.(`${this.world.nowMs.toFixed(3)} ${line}`);
  }

  record(event: Event | HistoryEvent): void {
    this.history.push(event);
    this.world.note(event.f, event.process, numberOf(event));
    if (this.#report !== null) this.report(JSON.stringify(event));
  }

  addClient(name: string): void {
    const { ports } = this.world.node(name, {
      crypto: createNodeCrypto(),
      zip: createNodeZip(),
      delays: { networkUs: { min: 20, max: this.#options.networkUsMax } },
    });
    this.#clients.set(name, ports);
  }

  /** The next life of a client's host, after a crash. */
  restartClient(name: string): void {
    this.#clients.set(name, this.world.restart(name).ports);
  }

  context(process: string, host: string = process): SimClientContext {
    return {
      ports: this.#clients.get(host) as Ports,
      host: BROKER_HOST,
      port: BROKER_PORT,
      process,
      record: (event) => this.record(event),
      nowMs: () => this.world.nowMs,
      report: (line) => this.report(line),
      fail: (error) => this.fail(error),
      requestTimeoutMs: this.#options.requestTimeoutMs,
      mayLoseRecords: () => this.#mayLoseRecords,
      damageEnd: (key, offset) =>
        this.#damage.find((damaged) => damaged.key === key && damaged.from <= offset && offset < damaged.to)
          ?.to ?? -1,
      damageBehind: (key, offset) =>
        this.#damage.find((damaged) => damaged.key === key && offset < damaged.to)?.to ?? -1,
    };
  }

  /** Plans a fault within some time. */
  soon(withinMs: number, run: () => void): void {
    this.#faultsDue++;
    this.world.schedule(this.world.random.below(withinMs), () => {
      this.#faultsDue--;
      run();
    });
  }

  resetConnections(client: string): void {
    this.world.resetConnections(client, BROKER_HOST);
  }

  /** Holds back what goes between the client and the broker, one way or both, for a while. */
  cut(client: string): void {
    const { world } = this;
    const { random } = world;
    const ways: [string, string][] = [
      [client, BROKER_HOST],
      [BROKER_HOST, client],
    ];
    if (random.below(3) === 0) ways.splice(random.below(2), 1);
    for (const [from, to] of ways) {
      world.partition(from, to);
      world.schedule(random.below(CUT_MS_MAX), () => world.heal(from, to));
    }
  }

  /** Plans what else befalls the broker, within some time; not its clock, unless told. */
  planTroubles(withinMs: number, withClock: boolean): void {
    const { cleanStops, diskFullMs, clockJumpsMs } = this.#options;
    for (let i = 0; i < cleanStops; i++) this.soon(withinMs, () => this.broker.stop("clean"));
    if (diskFullMs > 0) this.soon(withinMs, () => this.broker.fillDisk(diskFullMs));
    for (const jumpMs of withClock ? clockJumpsMs : [])
      this.soon(withinMs, () => this.world.jumpWall(BROKER_HOST, jumpMs));
  }

  /** Damages a batch that was durable: what is read there from now on is a clear error. */
  tellDamage(damaged: DamagedBatch): void {
    const { key, from, to } = damaged;
    this.#damage.push(damaged);
    this.record({ f: "damage", process: BROKER_HOST, key, from, to, timeMs: this.world.nowMs });
  }

  pauseBroker(): void {
    const { world } = this;
    if (this.broker.isServing) world.pause(BROKER_HOST, world.random.below(PAUSE_MS_MAX));
  }

  /** Ends all faults. */
  heal(): void {
    this.broker.heal();
    this.world.healAll();
  }

  /** A client's own code threw: that ends the run. */
  fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
  }

  /**
   * Runs until something holds. With `status`, which tells how things are, throws `NotLive` when that takes
   * too long.
   */
  async until(what: string, ms: number, isDone: () => boolean, status: (() => string) | null): Promise<void> {
    const from = this.world.eventCount;
    const limit = { ms, events: this.#eventsLeft, until: () => this.#hasCome(isDone) };
    // Promises are let run between events where somebody awaits; that costs time.
    const end = this.#awaits ? await this.world.runSettled(limit, settleClients) : this.world.run(limit);
    this.#eventsLeft -= this.world.eventCount - from;
    if (end === "events") throw new NotLive(`${what}: still not after ${EVENTS_MAX} events`);
    if (status !== null && end !== "until")
      throw new NotLive(`${what}: not within ${ms} ms\n${this.#status()}\n${status()}`);
  }

  #hasCome(isDone: () => boolean): boolean {
    if (this.#failure !== null) throw this.#failure;
    this.broker.watch();
    return isDone();
  }

  #status(): string {
    return `  broker serving ${this.broker.isServing}, starts ${this.broker.startCount}`;
  }
}

/** Of all code of a world, only clients' awaits. */
function settleClients(node: string | null): Promise<void> | null {
  return node === BROKER_HOST ? null : settlePromises();
}

function numberOf(event: HistoryEvent | GroupEvent): number {
  switch (event.f) {
    case "send":
      return event.offset ?? event.values[0] ?? 0;
    case "poll":
      return event.records[0]?.offset ?? 0;
    case "assign":
      return event.position;
    case "lookup":
    case "delete-records":
    case "log-start":
      return event.offset;
    case "topic":
    case "node":
      return event.type.length;
    case "join":
    case "sync":
    case "heartbeat":
      return event.generation;
    case "commit":
    case "delete":
      return event.id;
    case "offsets":
      return event.found.reduce((sum, [, offset]) => sum + offset, event.found.length);
    case "consume":
      return event.values[0] ?? 0;
    case "clock":
      return event.jumpMs;
    case "damage":
      return event.from;
    case "damage-told":
      return event.position;
    case "gone":
      return 0;
    case "owners":
      return event.owners.length;
  }
}
