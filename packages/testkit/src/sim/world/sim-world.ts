// One simulated world from its seed to its verdict: a broker, three idempotent producers, two consumers, an
// admin, faults for a while, then peace, a last stop, a probe for each partition and a final read of
// everything. Nothing here judges the history.
import { createNodeCrypto, createNodeZip, FakeWorld, type Ports } from "@ottla/ports";
import { SimAdmin, type SimTopic } from "../clients/sim-admin.ts";
import { type SimClientContext, type Target } from "../clients/sim-client.ts";
import { SimConsumer, type SimConsumerOptions } from "../clients/sim-consumer.ts";
import { SimProducer } from "../clients/sim-producer.ts";
import type { HistoryEvent } from "../history.ts";
import { BROKER_HOST, BROKER_PORT, BrokerHost } from "./broker-host.ts";
import { EVENTS_MAX, FAULT_MS_MAX, HEAL_MS_MAX } from "./limits.ts";
import { mayCutPowerOnPageCache, type SimOptions, workMs } from "./sim-options.ts";

const MAIN_TOPIC = "main";
const CLIENTS = ["p1", "p2", "p3", "c1", "c2", "admin"] as const;
const CUT_MS_MAX = 4000;
const PAUSE_MS_MAX = 3000;

/** Thrown when something that must happen does not. */
export class NotLive extends Error {
  override readonly name: string = "NotLive";
}

/** A world in motion. */
export class SimWorld {
  readonly history: HistoryEvent[] = [];
  readonly world: FakeWorld;
  readonly #options: SimOptions;
  readonly #report: (line: string) => void;
  readonly #broker: BrokerHost;
  readonly #admin: SimAdmin;
  #targets: readonly Target[] = [];
  #producers: readonly SimProducer[] = [];
  #consumers: readonly SimConsumer[] = [];
  readonly #created: SimTopic[] = [];
  readonly #clients = new Map<string, Ports>();
  #nextValue = 1;
  #faultsDue = 0;
  #eventsLeft = EVENTS_MAX;

  constructor(options: SimOptions, report: (line: string) => void) {
    this.#options = options;
    this.world = new FakeWorld({ seed: options.seed });
    this.#report = (line) => report(`${this.world.nowMs.toFixed(3)} ${line}`);
    this.#broker = new BrokerHost(this.world, options, {
      onNode: (type) => this.#record({ f: "node", type, process: BROKER_HOST, timeMs: this.world.nowMs }),
      report: this.#report,
    });
    for (const name of CLIENTS) this.#addClient(name);
    this.#admin = new SimAdmin(this.#context("admin"));
  }

  /** Runs to the end. Throws `NotLive` when it does not come, and whatever the broker or a client throws. */
  run(): void {
    this.#createMainTopic();
    this.#startClients();
    this.#planFaults();
    this.#until("faults", FAULT_MS_MAX, () => this.#faultsDue === 0 && this.#isAllSent(), false);
    this.#broker.heal();
    this.world.healAll();
    this.#until("every send is acknowledged", HEAL_MS_MAX, () => this.#isAllSent(), true);
    const starts = this.#broker.startCount;
    this.#broker.stop(this.#options.lastStop);
    const isBack = (): boolean => this.#broker.startCount > starts && this.#broker.isServing;
    this.#until("the broker is back", HEAL_MS_MAX, isBack, true);
    this.#probe();
    this.#readAll();
  }

  #createMainTopic(): void {
    const configs = new Map(Object.entries(this.#options.topicConfigs));
    this.#create({ name: MAIN_TOPIC, partitions: this.#options.partitions, configs }, (targets) => {
      this.#targets = targets;
    });
    const isThere = (): boolean => this.#targets.length > 0;
    this.#until("the topic is there", FAULT_MS_MAX + HEAL_MS_MAX, isThere, true);
  }

  #create(topic: SimTopic, done: (targets: readonly Target[]) => void): void {
    this.#admin.create(topic, (targets) => {
      this.#created.push(topic);
      done(targets);
    });
  }

  #startClients(): void {
    const options = this.#options;
    this.#producers = ["p1", "p2", "p3"].map(
      (name, index) =>
        new SimProducer(this.#context(name), {
          targets: this.#targets,
          batchCount: options.batchesPerProducer,
          pauseMsMax: options.pauseMsMax,
          recordsPerBatchMax: options.recordsPerBatchMax,
          paddingBytesMax: options.paddingBytesMax,
          codecs: options.codecs,
          largeOneIn: options.largeOneIn,
          produceVersion: options.produceVersions[index] as number,
          nextValue: () => this.#nextValue++,
        }),
    );
    this.#consumers = ["c1", "c2"].map(
      (name, index) => new SimConsumer(this.#context(name), this.#consumerOptions(index)),
    );
  }

  #consumerOptions(index: number): SimConsumerOptions {
    const { fetchVersions, maxWaitMs, minBytes, fetchMaxBytes, partitionMaxBytes, seekOneIn, lookupOneIn } =
      this.#options;
    return {
      targets: this.#targets,
      usesSession: index === 1,
      fetchVersion: fetchVersions[index] as number,
      maxWaitMs,
      minBytes,
      maxBytes: fetchMaxBytes,
      partitionMaxBytes,
      seekOneIn,
      lookupOneIn,
    };
  }

  #planFaults(): void {
    const { resets, cuts, pauses, extraTopics } = this.#options;
    const { world } = this;
    const { random } = world;
    const soon = (run: () => void): void => {
      this.#faultsDue++;
      world.schedule(random.below(workMs(this.#options)), () => {
        this.#faultsDue--;
        run();
      });
    };
    const client = (): string => CLIENTS[random.below(CLIENTS.length)] as string;
    for (let i = 0; i < resets; i++) soon(() => world.resetConnections(client(), BROKER_HOST));
    for (let i = 0; i < cuts; i++) soon(() => this.#cut(client()));
    for (let i = 0; i < pauses; i++) {
      soon(() => {
        if (this.#broker.isServing) world.pause(BROKER_HOST, random.below(PAUSE_MS_MAX));
      });
    }
    for (let i = 0; i < extraTopics; i++) {
      soon(() => this.#create({ name: `extra-${i}`, partitions: 1, configs: new Map() }, () => {}));
    }
  }

  #cut(client: string): void {
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

  #isAllSent(): boolean {
    return this.#producers.every(({ isDone }) => isDone) && this.#admin.isDone;
  }

  /** After the last stop: each partition takes one more record, each topic is still there. */
  #probe(): void {
    this.#addClient("probe");
    const probes = this.#targets.map(
      (target) =>
        new SimProducer(this.#context("probe"), {
          targets: [target],
          batchCount: 1,
          pauseMsMax: 0,
          recordsPerBatchMax: 1,
          paddingBytesMax: 0,
          codecs: [0],
          largeOneIn: 0,
          produceVersion: 12,
          nextValue: () => this.#nextValue++,
        }),
    );
    const wanted = [...this.#created];
    let found = 0;
    for (const topic of wanted) this.#admin.find(topic, () => found++);
    const isDone = (): boolean => probes.every((probe) => probe.isDone) && found === wanted.length;
    this.#until("every partition takes a record and every topic is found", HEAL_MS_MAX, isDone, true);
    for (const probe of probes) probe.close();
  }

  /** Everyone reads to the end. */
  #readAll(): void {
    this.#addClient("final");
    const ends = new Map<string, number>();
    for (const event of this.history) {
      if (event.f === "send" && event.process === "probe" && event.offset !== null) {
        ends.set(event.key, event.offset + 1);
      }
    }
    const final = new SimConsumer(this.#context("final"), {
      ...this.#consumerOptions(0),
      fetchVersion: 17,
      partitionMaxBytes: 100_000,
      maxBytes: 1_000_000,
      seekOneIn: 0,
      lookupOneIn: 0,
    });
    const readers = [...this.#consumers, final];
    for (const reader of readers) reader.hurry();
    const isDone = (): boolean =>
      readers.every((reader) => [...ends].every(([key, end]) => reader.position(key) >= end));
    this.#consumers = readers;
    this.#until("everyone has read everything", HEAL_MS_MAX, isDone, true);
    for (const client of [...this.#producers, ...readers, this.#admin]) client.close();
  }

  #addClient(name: string): void {
    const { ports } = this.world.node(name, {
      crypto: createNodeCrypto(),
      zip: createNodeZip(),
      delays: { networkUs: { min: 20, max: this.#options.networkUsMax } },
    });
    this.#clients.set(name, ports);
  }

  #context(process: string): SimClientContext {
    return {
      ports: this.#clients.get(process) as Ports,
      host: BROKER_HOST,
      port: BROKER_PORT,
      process,
      record: (event) => this.#record(event),
      nowMs: () => this.world.nowMs,
      requestTimeoutMs: this.#options.requestTimeoutMs,
      mayLoseRecords: () => mayCutPowerOnPageCache(this.#options),
    };
  }

  #record(event: HistoryEvent): void {
    this.history.push(event);
    this.world.note(event.f, event.process, numberOf(event));
    this.#report(JSON.stringify(event));
  }

  #until(what: string, ms: number, isDone: () => boolean, mustCome: boolean): void {
    const from = this.world.eventCount;
    const end = this.world.run({
      ms,
      events: this.#eventsLeft,
      until: () => {
        this.#broker.watch();
        return isDone();
      },
    });
    this.#eventsLeft -= this.world.eventCount - from;
    if (end === "events") throw new NotLive(`${what}: still not after ${EVENTS_MAX} events`);
    if (mustCome && end !== "until") throw new NotLive(`${what}: not within ${ms} ms\n${this.#status()}`);
  }

  #status(): string {
    const lines = [
      `  broker serving ${this.#broker.isServing}, starts ${this.#broker.startCount}`,
      `  admin ${this.#admin.status}`,
      ...this.#producers.map((producer, index) => `  p${index + 1} ${producer.status}`),
      ...this.#consumers.map((consumer, index) => `  reader ${index + 1} ${consumer.status}`),
    ];
    return lines.join("\n");
  }
}

function numberOf(event: HistoryEvent): number {
  switch (event.f) {
    case "send":
      return event.offset ?? event.values[0] ?? 0;
    case "poll":
      return event.records[0]?.offset ?? 0;
    case "assign":
      return event.position;
    case "lookup":
      return event.offset;
    case "topic":
    case "node":
      return event.type.length;
  }
}
