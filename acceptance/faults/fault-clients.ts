// The simulator's clients on real sockets, before a real broker: producers, consumers, an administrator of
// topics, one of committed offsets, one who moves replicas. All write to one history. Nothing here judges it.
import { createNodePorts, type Ports, type Random } from "@ottla/ports";
import {
  EngineProducer,
  type GroupClientContext,
  type GroupEvent,
  type HistoryEvent,
  OffsetAuditor,
  OffsetChanger,
  SimAdmin,
  SimConsumer,
  type SimConsumerOptions,
  SimMover,
  SimProducer,
  type SimTopic,
  type Target,
  type TrimRules,
} from "@ottla/testkit";

/** What the clients are told. */
export interface FaultClientsOptions {
  readonly port: number;
  readonly random: Random;
  /** Acknowledged records may be gone: clients begin anew instead of ending the run. */
  readonly mayLoseRecords: boolean;
  /** Of the broker, between which replicas are moved; with one there is nothing to move. */
  readonly directories: readonly string[];
  readonly fail: (error: unknown) => void;
  readonly report: (line: string) => void;
}

export const PLAIN_TOPIC = "plain";
export const COMPACTED_TOPIC = "compacted";
const REQUEST_TIMEOUT_MS = 5000;
const GROUPS: readonly string[] = ["offsets-one", "offsets-two"];
const DELETE_RETENTION_MS = 3000;
const KEYS = 12;
const AUDITS_AT_END = 3;

/** How records of the compacted topic may go. */
export const compactedRules: TrimRules = {
  isCompacted: true,
  keys: KEYS,
  deleteRetentionMs: DELETE_RETENTION_MS,
  retentionMs: -1,
  hasSizeRetention: false,
  hasDeletions: false,
};

const topics: readonly SimTopic[] = [
  { name: PLAIN_TOPIC, partitions: 3, configs: new Map([["internal.segment.bytes", "60000"]]) },
  {
    name: COMPACTED_TOPIC,
    partitions: 2,
    configs: new Map([
      ["cleanup.policy", "compact"],
      ["internal.segment.bytes", "20000"],
      ["segment.ms", "1000"],
      ["min.cleanable.dirty.ratio", "0.01"],
      ["delete.retention.ms", String(DELETE_RETENTION_MS)],
      ["file.delete.delay.ms", "200"],
    ]),
  },
];

/** The broker would make it with large segments, of which none is compacted in a short run. */
const offsetsTopic: SimTopic = {
  name: "__consumer_offsets",
  partitions: 8,
  configs: new Map([
    ["cleanup.policy", "compact"],
    ["internal.segment.bytes", "20000"],
    ["segment.ms", "1000"],
  ]),
};

/** Everybody who talks to the broker. */
export class FaultClients {
  readonly history: (HistoryEvent | GroupEvent)[] = [];
  readonly #options: FaultClientsOptions;
  readonly #ports: Ports;
  readonly #admin: SimAdmin;
  readonly #targets = new Map<string, readonly Target[]>();
  #producers: readonly (SimProducer | EngineProducer)[] = [];
  #probes: readonly SimProducer[] = [];
  #readers: SimConsumer[] = [];
  #finals: readonly SimConsumer[] = [];
  #changer: OffsetChanger | null = null;
  #auditor: OffsetAuditor | null = null;
  #mover: SimMover | null = null;
  #auditsNeeded = 0;
  #nextValue = 1;
  #nextId = 1;

  constructor(options: FaultClientsOptions) {
    this.#options = options;
    this.#ports = { ...createNodePorts(), random: options.random };
    this.#admin = new SimAdmin(this.#context("admin"));
  }

  /** Creates the topics; to be waited for by `hasTopics`. */
  createTopics(): void {
    for (const topic of topics) {
      this.#admin.create(topic, (targets) => this.#targets.set(topic.name, targets));
    }
    this.#admin.create(offsetsTopic, () => {});
  }

  get hasTopics(): boolean {
    return this.#admin.isDone;
  }

  /** Everyone begins to work. */
  start(): void {
    const { mayLoseRecords, directories } = this.#options;
    const third = mayLoseRecords ? this.#producer("p3", PLAIN_TOPIC) : this.#engineProducer("p3");
    this.#producers = [
      this.#producer("p1", PLAIN_TOPIC),
      this.#producer("p2", PLAIN_TOPIC),
      third,
      this.#producer("p4", COMPACTED_TOPIC),
      this.#producer("p5", COMPACTED_TOPIC),
    ];
    this.#readers = [
      this.#consumer("c1", PLAIN_TOPIC, true),
      this.#consumer("c2", PLAIN_TOPIC, false),
      this.#consumer("c3", COMPACTED_TOPIC, true),
    ];
    const places = [...this.#targets.values()].flat();
    this.#changer = new OffsetChanger(
      this.#context("changer"),
      {
        simpleGroups: GROUPS,
        memberGroups: [],
        places,
        sidePlaces: [],
        pauseMsMax: 10,
        deleteOneIn: 0,
        deleteGroupOneIn: 0,
      },
      null,
    );
    this.#auditor = new OffsetAuditor(this.#context("auditor"), GROUPS);
    if (directories.length < 2) return;
    const count = Number.POSITIVE_INFINITY;
    this.#mover = new SimMover(this.#context("mover"), {
      targets: places,
      directories,
      count,
      pauseMsMax: 1500,
    });
  }

  /** Nothing new is sent from here on. */
  finish(): void {
    for (const producer of this.#producers) producer.finish();
    this.#changer?.stop();
    this.#mover?.finish();
  }

  get isAllSent(): boolean {
    return this.#producers.every(({ isDone }) => isDone);
  }

  /** Each partition gets one more record. */
  probe(): void {
    this.#probes = [...this.#targets.values()].flat().map((target) => {
      const keys = target.topic === COMPACTED_TOPIC ? KEYS : 0;
      return new SimProducer(this.#context("probe"), { ...this.#load([target], keys), batchCount: 1 });
    });
  }

  get isProbed(): boolean {
    return this.#probes.length > 0 && this.#probes.every(({ isDone }) => isDone);
  }

  /** All read to the end, one of them from the start; the offsets of groups are read again. */
  readAll(): void {
    this.#finals = topics.map(({ name }) => this.#consumer("final", name, false, true));
    for (const reader of [...this.#readers, ...this.#finals]) reader.hurry();
    this.#auditsNeeded = (this.#auditor?.rounds ?? 0) + AUDITS_AT_END;
  }

  get hasReadAll(): boolean {
    const ends = new Map<string, number>();
    for (const event of this.history) {
      if (event.f === "send" && event.process === "probe" && event.offset !== null)
        ends.set(event.key, event.offset + 1);
    }
    const isAt = (reader: SimConsumer): boolean =>
      [...ends].every(([key, end]) => reader.position(key) < 0 || reader.position(key) >= end);
    const hasBegun = this.#finals.every((final) => [...ends.keys()].some((key) => final.position(key) >= 0));
    const isAudited = (this.#auditor?.rounds ?? 0) >= this.#auditsNeeded;
    return hasBegun && isAudited && [...this.#readers, ...this.#finals].every(isAt);
  }

  /** Moves of replicas that the broker took on. */
  get moves(): number {
    return this.#mover?.acceptedCount ?? 0;
  }

  /** For a run that does not end. */
  get status(): string {
    return [
      this.#admin.status,
      ...this.#producers.map(({ status }) => status),
      ...[...this.#readers, ...this.#finals].map(({ status }) => status),
      this.#auditor?.status,
    ].join("\n  ");
  }

  close(): void {
    const all = [this.#admin, ...this.#producers, ...this.#probes, ...this.#readers, ...this.#finals];
    for (const client of all) client.close();
    this.#changer?.close();
    this.#auditor?.close();
    this.#mover?.close();
  }

  /** The broker went down, came up, or its disk failed. */
  node(type: "crash" | "serving" | "fault"): void {
    this.history.push({ f: "node", type, process: "broker", timeMs: this.#nowMs() });
  }

  #nowMs(): number {
    return this.#ports.clock.monotonicMs();
  }

  #context(process: string): GroupClientContext {
    const { port, mayLoseRecords, fail, report } = this.#options;
    const record = (event: HistoryEvent | GroupEvent): void => {
      this.history.push(event);
    };
    return {
      ports: this.#ports,
      host: "127.0.0.1",
      port,
      process,
      record,
      recordGroup: record,
      stamp: () => this.history.length,
      nextId: () => this.#nextId++,
      nowMs: () => this.#nowMs(),
      report: (line) => report(`${process}: ${line}`),
      fail,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      mayLoseRecords: () => mayLoseRecords,
      damageEnd: () => -1,
      damageBehind: () => -1,
    };
  }

  #load(targets: readonly Target[], keys: number) {
    return {
      targets,
      batchCount: Number.POSITIVE_INFINITY,
      pauseMsMax: keys === 0 ? 6 : 30,
      recordsPerBatchMax: 6,
      paddingBytesMax: 300,
      codecs: [0, 0, 2, 4],
      largeOneIn: 0,
      produceVersion: 12,
      nextValue: () => this.#nextValue++,
      keys,
    };
  }

  #producer(name: string, topic: string): SimProducer {
    const keys = topic === COMPACTED_TOPIC ? KEYS : 0;
    return new SimProducer(this.#context(name), this.#load(this.#targets.get(topic) ?? [], keys));
  }

  #engineProducer(name: string): EngineProducer {
    return new EngineProducer(this.#context(name), this.#load(this.#targets.get(PLAIN_TOPIC) ?? [], 0));
  }

  #consumer(name: string, topic: string, usesSession: boolean, isFinal = false): SimConsumer {
    const isCompacted = topic === COMPACTED_TOPIC;
    const options: SimConsumerOptions = {
      targets: this.#targets.get(topic) ?? [],
      usesSession,
      fetchVersion: usesSession ? 17 : 12,
      maxWaitMs: 200,
      minBytes: 1,
      maxBytes: 1_000_000,
      partitionMaxBytes: isFinal ? 500_000 : 50_000,
      seekOneIn: isFinal ? 0 : 40,
      lookupOneIn: isFinal ? 0 : 60,
      keys: isCompacted ? KEYS : 0,
      hasHoles: isCompacted,
      movesStart: false,
    };
    return new SimConsumer(this.#context(name), options);
  }
}
