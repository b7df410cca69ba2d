// One simulated world from its seed to its verdict: a broker, three idempotent producers, two consumers, an
// admin, faults for a while, then peace, a last stop, a probe for each partition and a final read of
// everything. Nothing here judges the history.
import { EngineProducer } from "../clients/engine/engine-producer.ts";
import { SimAdmin, type SimTopic } from "../clients/sim-admin.ts";
import { type Target } from "../clients/sim-client.ts";
import { SimConsumer, type SimConsumerOptions } from "../clients/sim-consumer.ts";
import { SimDeleter } from "../clients/sim-deleter.ts";
import { SimMover } from "../clients/sim-mover.ts";
import { SimProducer } from "../clients/sim-producer.ts";
import { DIRECTORY, SECOND_DIRECTORY } from "./broker-host.ts";
import { damageCache, damageSynced } from "./damage-files.ts";
import { FAULT_MS_MAX, HEAL_MS_MAX } from "./limits.ts";
import { mainTopicConfigs, mayLoseRecords, type SimOptions, workMs } from "./sim-options.ts";
import { SimStage } from "./sim-stage.ts";

const MAIN_TOPIC = "main";
const CLIENTS = ["p1", "p2", "p3", "c1", "c2", "admin"] as const;
const DELETER = "deleter";
const MOVER = "mover";

/** A world in motion. */
export class SimWorld {
  readonly stage: SimStage;
  readonly #options: SimOptions;
  readonly #admin: SimAdmin;
  #targets: readonly Target[] = [];
  #producers: readonly (SimProducer | EngineProducer)[] = [];
  #consumers: readonly SimConsumer[] = [];
  #deleter: SimDeleter | null = null;
  #mover: SimMover | null = null;
  readonly #created: SimTopic[] = [];
  #nextValue = 1;

  constructor(options: SimOptions, report: ((line: string) => void) | null) {
    this.#options = options;
    this.stage = new SimStage(options, mayLoseRecords(options), report);
    for (const name of CLIENTS) this.stage.addClient(name);
    this.#admin = new SimAdmin(this.stage.context("admin"));
  }

  /** Runs to the end. Throws `NotLive` when it does not come, and whatever the broker or a client throws. */
  async run(): Promise<void> {
    await this.#createMainTopic();
    this.#startClients();
    this.#planFaults();
    const { broker } = this.stage;
    const lingerMs = this.#options.trim?.lingerMs ?? 0;
    const isOver = (): boolean => this.stage.faultsDue === 0 && this.#isAllSent();
    await this.stage.until("faults", FAULT_MS_MAX, isOver, null);
    if (lingerMs > 0) await this.stage.until("more is trimmed", lingerMs, () => false, null);
    this.stage.heal();
    await this.stage.until(
      "every send is acknowledged",
      HEAL_MS_MAX,
      () => this.#isAllSent(),
      () => this.#status(),
    );
    const starts = broker.startCount;
    broker.whileDown = () => this.#damage();
    broker.stop(this.#options.lastStop);
    const isBack = (): boolean => broker.startCount > starts && broker.isServing;
    await this.stage.until("the broker is back", HEAL_MS_MAX, isBack, () => this.#status());
    if (lingerMs > 0) await this.stage.until("more is trimmed", lingerMs, () => false, null);
    await this.#probe();
    await this.#readAll();
  }

  async #createMainTopic(): Promise<void> {
    const configs = mainTopicConfigs(this.#options);
    this.#create({ name: MAIN_TOPIC, partitions: this.#options.partitions, configs }, (targets) => {
      this.#targets = targets;
    });
    const isThere = (): boolean => this.#targets.length > 0;
    await this.stage.until("the topic is there", FAULT_MS_MAX + HEAL_MS_MAX, isThere, () => this.#status());
  }

  #create(topic: SimTopic, done: (targets: readonly Target[]) => void): void {
    this.#admin.create(topic, (targets) => {
      this.#created.push(topic);
      done(targets);
    });
  }

  #startClients(): void {
    const options = this.#options;
    this.#producers = ["p1", "p2", "p3"].map((name, index) => {
      const context = this.stage.context(name);
      const common = {
        targets: this.#targets,
        batchCount: options.batchesPerProducer,
        pauseMsMax: options.pauseMsMax,
        recordsPerBatchMax: options.recordsPerBatchMax,
        paddingBytesMax: options.paddingBytesMax,
        nextValue: () => this.#nextValue++,
        keys: this.#keys,
      };
      if (options.usesEngine) return new EngineProducer(context, common);
      const { codecs, largeOneIn, produceVersions } = options;
      return new SimProducer(context, {
        ...common,
        codecs,
        largeOneIn,
        produceVersion: produceVersions[index] as number,
      });
    });
    this.#consumers = ["c1", "c2"].map(
      (name, index) => new SimConsumer(this.stage.context(name), this.#consumerOptions(index)),
    );
    if (options.trim !== null && options.trim.deletions > 0) this.#startDeleter(options.trim.deletions);
    if (options.moves > 0) this.#startMover(options.moves);
  }

  #startMover(count: number): void {
    this.stage.addClient(MOVER);
    this.#mover = new SimMover(this.stage.context(MOVER), {
      targets: this.#targets,
      directories: [DIRECTORY, SECOND_DIRECTORY],
      count,
      pauseMsMax: Math.ceil((2 * workMs(this.#options)) / count),
    });
  }

  #startDeleter(count: number): void {
    this.stage.addClient(DELETER);
    this.#deleter = new SimDeleter(this.stage.context(DELETER), {
      targets: this.#targets,
      count,
      pauseMsMax: Math.ceil((2 * workMs(this.#options)) / count),
      ackedEnd: (key) => Math.max(...this.#producers.map(({ ends }) => ends.get(key) ?? 0)),
    });
  }

  get #keys(): number {
    return this.#options.trim?.keys ?? 0;
  }

  #consumerOptions(index: number): SimConsumerOptions {
    const { fetchVersions, maxWaitMs, minBytes, fetchMaxBytes, partitionMaxBytes, seekOneIn, lookupOneIn } =
      this.#options;
    const { trim } = this.#options;
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
      keys: this.#keys,
      hasHoles: trim !== null && trim.policy !== "delete",
      movesStart: trim !== null && trim.policy !== "compact",
    };
  }

  #planFaults(): void {
    const { resets, cuts, pauses, extraTopics } = this.#options;
    const { stage } = this;
    const { random } = stage.world;
    const soon = (run: () => void): void => stage.soon(workMs(this.#options), run);
    const client = (): string => CLIENTS[random.below(CLIENTS.length)] as string;
    for (let i = 0; i < resets; i++) soon(() => stage.resetConnections(client()));
    for (let i = 0; i < cuts; i++) soon(() => stage.cut(client()));
    for (let i = 0; i < pauses; i++) soon(() => stage.pauseBroker());
    stage.planTroubles(workMs(this.#options), true);
    for (let i = 0; i < extraTopics; i++) {
      soon(() => this.#create({ name: `extra-${i}`, partitions: 1, configs: new Map() }, () => {}));
    }
  }

  #damage(): void {
    const { damage, lastStop } = this.#options;
    // After a clean stop nobody looks for damage; a reader's CRC finds it.
    if (lastStop === "clean") return;
    const { broker, world } = this.stage;
    if (damage?.of === "synced") {
      const damaged = damageSynced(broker.storage, world.random, DIRECTORY, MAIN_TOPIC);
      if (damaged !== null) this.stage.tellDamage(damaged);
    }
    if (damage?.of === "caches") {
      const path = damageCache(broker.storage, world.random, `${DIRECTORY}/${MAIN_TOPIC}-`);
      this.stage.report(`a bit of ${path} is wrong`);
    }
  }

  #isAllSent(): boolean {
    const areDone = this.#producers.every(({ isDone }) => isDone);
    const helpersAreDone = this.#deleter?.isDone !== false && this.#mover?.isDone !== false;
    return areDone && this.#admin.isDone && helpersAreDone;
  }

  /** After the last stop: each partition takes one more record, each topic is still there. */
  async #probe(): Promise<void> {
    this.stage.addClient("probe");
    const probes = this.#targets.map(
      (target) =>
        new SimProducer(this.stage.context("probe"), {
          targets: [target],
          batchCount: 1,
          pauseMsMax: 0,
          recordsPerBatchMax: 1,
          paddingBytesMax: 0,
          codecs: [0],
          largeOneIn: 0,
          produceVersion: 12,
          nextValue: () => this.#nextValue++,
          keys: this.#keys,
        }),
    );
    const wanted = [...this.#created];
    let found = 0;
    for (const topic of wanted) this.#admin.find(topic, () => found++);
    const isDone = (): boolean => probes.every((probe) => probe.isDone) && found === wanted.length;
    await this.stage.until(
      "every partition takes a record and every topic is found",
      HEAL_MS_MAX,
      isDone,
      () => this.#status(),
    );
    for (const probe of probes) probe.close();
  }

  /** Everyone reads to the end. */
  async #readAll(): Promise<void> {
    this.stage.addClient("final");
    const ends = new Map<string, number>();
    for (const event of this.stage.history) {
      if (event.f === "send" && event.process === "probe" && event.offset !== null) {
        ends.set(event.key, event.offset + 1);
      }
    }
    const final = new SimConsumer(this.stage.context("final"), {
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
    await this.stage.until("everyone has read everything", HEAL_MS_MAX, isDone, () => this.#status());
    for (const client of [...this.#producers, ...readers, this.#admin]) client.close();
    this.#deleter?.close();
    this.#mover?.close();
  }

  #status(): string {
    const lines = [
      `  admin ${this.#admin.status}`,
      ...this.#producers.map((producer, index) => `  p${index + 1} ${producer.status}`),
      ...this.#consumers.map((consumer, index) => `  reader ${index + 1} ${consumer.status}`),
    ];
    return lines.join("\n");
  }
}
