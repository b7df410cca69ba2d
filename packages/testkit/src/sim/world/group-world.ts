// The world of groups from its seed to its verdict: a broker, two producers, up to 20 members of several
// groups, administrators of offsets and topics; faults for a while, then peace, in which every group must
// find one generation that covers all partitions and read everything, also after a last stop of the broker.
// Nothing here judges the history.
import { internalTopics } from "@ottla/protocol";
import { EngineProducer } from "../clients/engine/engine-producer.ts";
import { OffsetAuditor } from "../clients/groups/offset-auditor.ts";
import { OffsetChanger } from "../clients/groups/offset-changer.ts";
import { SimAdmin, type SimTopic } from "../clients/sim-admin.ts";
import type { Target } from "../clients/sim-client.ts";
import { SimProducer } from "../clients/sim-producer.ts";
import type { GroupEvent, GroupFacts } from "../group-history.ts";
import { BROKER_HOST } from "./broker-host.ts";
import { GroupCrew } from "./group-crew.ts";
import { type GroupOptions, retentionMs, surelyExpires } from "./group-options.ts";
import { FAULT_MS_MAX, HEAL_MS_MAX } from "./limits.ts";
import { SimStage } from "./sim-stage.ts";

const TOPIC_ONE = "one";
const TOPIC_TWO = "two";
const SIDE_TOPIC = "side";
const SIDE_PARTITIONS = 4;
const GROWN_BY = 2;
const SIMPLE_GROUPS = ["simple-0", "simple-1"] as const;
const FORGOTTEN_GROUP = "forgotten";
const HELPERS = ["p1", "p2", "p3", "admin", "auditor", "changer"] as const;
/** Producers' clocks stay when the broker's goes back. */
const ANY_TIMESTAMP: ReadonlyMap<string, string> = new Map([
  ["message.timestamp.after.max.ms", "9223372036854775807"],
]);
const EXPIRY_MS_MAX = 5000;
const AUDITS_AT_END = 3;

/** A world in motion. */
export class GroupWorld {
  readonly stage: SimStage<GroupEvent>;
  readonly #options: GroupOptions;
  readonly #admin: SimAdmin;
  readonly #forgottenGroup: string | null;
  #targets: Target[] = [];
  #producers: (SimProducer | EngineProducer)[] = [];
  #crew: GroupCrew | null = null;
  #auditor: OffsetAuditor | null = null;
  #changer: OffsetChanger | null = null;
  #nextValue = 1;
  #nextId = 1;

  constructor(options: GroupOptions, report: ((line: string) => void) | null) {
    this.#options = options;
    this.#forgottenGroup = surelyExpires(options) ? FORGOTTEN_GROUP : null;
    this.stage = new SimStage(options, false, report);
    for (const name of HELPERS) this.stage.addClient(name);
    this.#admin = new SimAdmin(this.stage.context("admin"));
  }

  /** What the checkers have to know. */
  get facts(): GroupFacts {
    return {
      retentionMs: retentionMs(this.#options),
      isUnconsumed: (key) => key.startsWith(SIDE_TOPIC),
      memberGroups: this.#usedGroups,
      forgottenGroup: this.#forgottenGroup,
    };
  }

  /** Runs to the end. Throws `NotLive` when it does not come, and whatever the broker or a client throws. */
  async run(): Promise<void> {
    const { stage } = this;
    const status = (): string => this.#status();
    await this.#createTopics();
    this.#start();
    this.#planFaults();
    await stage.until("faults", FAULT_MS_MAX, () => stage.faultsDue === 0, null);
    stage.heal();
    this.#crew?.heal();
    const areSent = (): boolean => this.#producers.every(({ isDone }) => isDone) && this.#admin.isDone;
    await stage.until("every send is acknowledged", HEAL_MS_MAX, areSent, status);
    this.#changer?.stop();
    await stage.until("groups cover everything and have read it", HEAL_MS_MAX, () => this.#isSettled, status);
    const starts = stage.broker.startCount;
    stage.broker.stop(this.#options.lastStop);
    const isBack = (): boolean => stage.broker.startCount > starts && stage.broker.isServing;
    await stage.until("the broker is back", HEAL_MS_MAX, isBack, status);
    if (this.#forgottenGroup !== null) await stage.until("expiry", EXPIRY_MS_MAX, () => false, null);
    const rounds = this.#auditor?.rounds ?? 0;
    const isAudited = (): boolean =>
      this.#isSettled && (this.#auditor?.rounds ?? 0) >= rounds + AUDITS_AT_END;
    await stage.until("groups are whole after the last stop", HEAL_MS_MAX, isAudited, status);
    this.#crew?.tellOwners(this.#targets);
    for (const client of [...this.#producers, this.#admin, this.#auditor, this.#changer, this.#crew])
      client?.close();
  }

  get #usedGroups(): string[] {
    return this.#options.groups
      .filter((_, index) => this.#options.members.some(({ group }) => group === index))
      .map(({ name }) => name);
  }

  get #isSettled(): boolean {
    return (
      (this.#changer?.hasForgotten ?? false) && (this.#crew?.isSettled(this.#targets, this.#ends()) ?? false)
    );
  }

  /** By key: behind the last record. */
  #ends(): ReadonlyMap<string, number> {
    const ends = new Map<string, number>();
    for (const { ends: of } of this.#producers) {
      for (const [key, end] of of) ends.set(key, Math.max(end, ends.get(key) ?? 0));
    }
    return ends;
  }

  async #createTopics(): Promise<void> {
    const { partitions, offsetsSegmentBytes, brokerSettings } = this.#options;
    const wanted: SimTopic[] = [
      { name: TOPIC_ONE, partitions: partitions[0], configs: ANY_TIMESTAMP },
      { name: TOPIC_TWO, partitions: partitions[1], configs: ANY_TIMESTAMP },
      { name: SIDE_TOPIC, partitions: SIDE_PARTITIONS, configs: new Map() },
    ];
    if (offsetsSegmentBytes !== null) {
      wanted.push({
        name: internalTopics.consumerOffsets,
        partitions: Number(brokerSettings["offsets.topic.num.partitions"]),
        configs: new Map([
          ["cleanup.policy", "compact"],
          ["internal.segment.bytes", String(offsetsSegmentBytes)],
        ]),
      });
    }
    let created = 0;
    for (const topic of wanted) {
      this.#admin.create(topic, (targets) => {
        created++;
        if (topic.name === TOPIC_ONE || topic.name === TOPIC_TWO) this.#targets.push(...targets);
      });
    }
    const areThere = (): boolean => created === wanted.length;
    await this.stage.until("the topics are there", FAULT_MS_MAX + HEAL_MS_MAX, areThere, () =>
      this.#status(),
    );
  }

  #start(): void {
    const { groups, changePauseMsMax, deleteOneIn, deleteGroupOneIn } = this.#options;
    const sidePlaces = Array.from({ length: SIDE_PARTITIONS }, (_, partition) => ({
      topic: SIDE_TOPIC,
      partition,
    }));
    this.#crew = new GroupCrew(this.stage, this.#options, {
      topics: [TOPIC_ONE, TOPIC_TWO],
      sidePlaces,
      nextId: () => this.#nextId++,
    });
    const groupContext = (name: string) => this.#crew?.context(name) as ReturnType<GroupCrew["context"]>;
    const all = [...SIMPLE_GROUPS, FORGOTTEN_GROUP, ...groups.map(({ name }) => name)];
    this.#auditor = new OffsetAuditor(groupContext("auditor"), all);
    this.#changer = new OffsetChanger(
      groupContext("changer"),
      {
        simpleGroups: SIMPLE_GROUPS,
        memberGroups: this.#usedGroups,
        places: this.#targets,
        sidePlaces,
        pauseMsMax: changePauseMsMax,
        deleteOneIn,
        deleteGroupOneIn,
      },
      this.#forgottenGroup,
    );
    this.#produce("p1", this.#targets, this.#options.batchesPerProducer);
    this.#produce("p2", this.#targets, this.#options.batchesPerProducer);
  }

  #produce(name: string, targets: readonly Target[], batchCount: number): void {
    const options = {
      targets,
      batchCount,
      pauseMsMax: this.#options.pauseMsMax,
      recordsPerBatchMax: 4,
      paddingBytesMax: 50,
      nextValue: () => this.#nextValue++,
      keys: 0,
    };
    const context = this.stage.context(name);
    const producer = this.#options.usesEngine
      ? new EngineProducer(context, options)
      : new SimProducer(context, { ...options, codecs: [0], largeOneIn: 0, produceVersion: 12 });
    this.#producers.push(producer);
  }

  #planFaults(): void {
    const { resets, cuts, pauses, clockJumpsMs, members, hasGrowth, faultMs, partitions } = this.#options;
    const { stage } = this;
    const { random } = stage.world;
    const soon = (run: () => void): void => stage.soon(faultMs, run);
    const clients = [...HELPERS, ...members.map(({ name }) => name)];
    const client = (): string => clients[random.below(clients.length)] as string;
    for (let i = 0; i < resets; i++) soon(() => stage.resetConnections(client()));
    for (let i = 0; i < cuts; i++) soon(() => stage.cut(client()));
    for (let i = 0; i < pauses; i++) soon(() => stage.pauseBroker());
    for (const jumpMs of clockJumpsMs) soon(() => this.#jump(jumpMs));
    if (hasGrowth) soon(() => this.#grow(partitions[0]));
    this.#crew?.planFaults(soon);
    stage.planTroubles(faultMs, false);
    // Faults at disk calls go on for some time in any case.
    soon(() => {});
  }

  /** The clock waits for the offset that is to expire. */
  #jump(jumpMs: number): void {
    if (this.#changer?.hasForgotten !== true) {
      this.stage.soon(EXPIRY_MS_MAX, () => this.#jump(jumpMs));
      return;
    }
    this.stage.world.jumpWall(BROKER_HOST, jumpMs);
    this.stage.record({ f: "clock", process: BROKER_HOST, jumpMs, timeMs: this.stage.world.nowMs });
  }

  #grow(before: number): void {
    const name = TOPIC_ONE;
    const topic = { name, partitions: before + GROWN_BY, configs: new Map<string, string>() };
    this.#admin.grow(topic, (targets) => {
      const added = targets.filter(({ partition }) => partition >= before);
      this.#targets.push(...added);
      this.#produce("p3", added, 4);
    });
  }

  #status(): string {
    const lines = [
      `  admin ${this.#admin.status}`,
      ...this.#producers.map((producer, index) => `  p${index + 1} ${producer.status}`),
      `  ${this.#auditor?.status} ${this.#changer?.status}`,
      this.#crew?.status ?? "",
    ];
    return lines.join("\n");
  }
}
