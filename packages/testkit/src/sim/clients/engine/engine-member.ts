// A member of a group that is the consumer of package client: polls, works on what it gets, commits, and
// comes to terms with rebalances. What the consumer throws at it and should not ends the run.
import {
  CommitFailedError,
  Consumer,
  type ConsumerRecords,
  KafkaError,
  type OffsetAndMetadata,
  RebalanceInProgressError,
  TimeoutError,
  type TopicPartition,
} from "@ottla/client";
import { errors } from "@ottla/protocol";
import type { MemberIdentity } from "../../group-history.ts";
import type { GroupClientContext, Outcome } from "../groups/group-client.ts";
import type { GroupMemberOptions } from "../groups/group-member.ts";
import { keyOfPlace, type MemberPosition } from "../groups/member-position.ts";
import { numberIn } from "../value-records.ts";
import { engineEnvironment, engineSettings } from "./engine-settings.ts";

const POLL_MS = 300;
const POSITION_MS = 500;
const CLOSE_MS = 1000;
const EAGER_ASSIGNORS: readonly string[] = ["Range", "RoundRobin", "Sticky"];

/** A member. */
export class EngineMember {
  readonly #context: GroupClientContext;
  readonly #options: GroupMemberOptions;
  readonly #consumer: Consumer;
  readonly positions: Map<string, MemberPosition> = new Map();
  /** When the last assignment came: the next one is asked for after that, nobody knows when. */
  #assignedAt: number;
  #assignedMs: number;
  #isEnded = false;
  #isFenced = false;
  #busyUntilMs = 0;
  #isCommitting = false;

  constructor(context: GroupClientContext, options: GroupMemberOptions) {
    this.#context = context;
    this.#options = options;
    this.#assignedAt = context.stamp();
    this.#assignedMs = context.nowMs();
    const { group, instanceId, sessionMs, heartbeatMs, rebalanceMs, isCooperative } = options;
    const eager = EAGER_ASSIGNORS[group.length % EAGER_ASSIGNORS.length] as string;
    const assignor = isCooperative ? "CooperativeSticky" : eager;
    this.#consumer = new Consumer(
      {
        ...engineSettings(context),
        "group.id": group,
        ...(instanceId === null ? {} : { "group.instance.id": instanceId }),
        "session.timeout.ms": sessionMs,
        "heartbeat.interval.ms": heartbeatMs,
        "max.poll.interval.ms": rebalanceMs,
        "partition.assignment.strategy": `org.apache.kafka.clients.consumer.${assignor}Assignor`,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": false,
        "fetch.max.wait.ms": POLL_MS,
        "max.poll.records": 20,
      },
      engineEnvironment(context),
    );
    this.#run().catch((error: unknown) => this.#over(error));
  }

  get identity(): MemberIdentity {
    const { group, instanceId } = this.#options;
    const { memberId, generationId: generation } = this.#consumer.groupMetadata();
    return { process: this.#context.process, group, instanceId, memberId, generation };
  }

  get isStable(): boolean {
    return this.identity.generation >= 0 && this.positions.size === this.#consumer.assignment().length;
  }

  get isFenced(): boolean {
    return this.#isFenced;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** For a run that does not end. */
  get status(): string {
    const { group, process, memberId, generation } = this.identity;
    const places = [...this.positions.values()].map(
      ({ key, next, committing }) => `${key}@${next}/${committing}`,
    );
    return `${group} ${process} ${memberId} in ${generation}, ${places.join(" ")}`;
  }

  /** Works on what it has read for so long, without a poll; the consumer leaves when that is too long. */
  beBusy(ms: number): void {
    this.#busyUntilMs = this.#context.nowMs() + ms;
  }

  /** Goes of its own will; a static member just ends. */
  leave(): void {
    if (this.#isEnded) return;
    const { process, recordGroup, nowMs } = this.#context;
    recordGroup({ f: "gone", process, group: this.#options.group, timeMs: nowMs() });
    this.#close(CLOSE_MS);
  }

  close(): void {
    this.#close(0);
  }

  #close(timeoutMs: number): void {
    this.#isEnded = true;
    this.positions.clear();
    this.#consumer.close({ timeoutMs }).catch((error: unknown) => this.#over(error));
  }

  async #run(): Promise<void> {
    const { nowMs, ports } = this.#context;
    this.#consumer.subscribe(this.#options.topics, {
      onPartitionsAssigned: () => this.#assigned(),
      onPartitionsRevoked: (partitions) => this.#revoked(partitions, this.#options.commitsBeforeJoin),
      onPartitionsLost: (partitions) => this.#revoked(partitions, false),
    });
    while (!this.#isEnded) {
      const busyMs = this.#busyUntilMs - nowMs();
      if (busyMs > 0) await this.#sleep(busyMs);
      if (this.#isEnded) return;
      const records = await this.#consumer.poll(POLL_MS);
      if (this.#isEnded) return;
      this.#work(records);
      await this.#findPositions();
      if (this.#options.commitMode === "sync") await this.#commit();
      else this.#commitLater();
      await this.#sleep(1 + ports.random.below(this.#options.readPauseMsMax));
    }
  }

  #assigned(): void {
    const { recordGroup, stamp, nowMs } = this.#context;
    const { sessionMs } = this.#options;
    const places = this.#consumer.assignment();
    for (const place of places) {
      const key = keyOfPlace(place);
      if (!this.positions.has(key)) this.positions.set(key, { place, key, next: -1, committing: -1 });
    }
    const keys = places.map(keyOfPlace);
    const invoked = { invokedAt: this.#assignedAt, invokedMs: this.#assignedMs };
    recordGroup({ f: "sync", ...this.identity, keys, sessionMs, ...invoked, timeMs: nowMs() });
    this.#assignedAt = stamp();
    this.#assignedMs = nowMs();
  }

  async #revoked(partitions: readonly TopicPartition[], commits: boolean): Promise<void> {
    if (commits && !this.#isEnded) await this.#commit();
    for (const place of partitions) this.positions.delete(keyOfPlace(place));
  }

  #work(records: ConsumerRecords): void {
    const { process, recordGroup, nowMs } = this.#context;
    const { group } = this.#options;
    for (const { topic, partition, records: of, nextOffset } of records.partitions) {
      const key = keyOfPlace({ topic, partition });
      const position = this.positions.get(key);
      if (position === undefined)
        throw new Error(`${process} was given records of ${key}, which it does not own`);
      const first = of[0]?.offset ?? nextOffset;
      if (position.next >= 0 && first !== position.next) {
        throw new Error(`${process}: ${key}@${first} came where ${position.next} was next`);
      }
      position.next = nextOffset;
      const values = of.map(({ value }) => numberIn(value ?? new Uint8Array(0)));
      if (values.length > 0) recordGroup({ f: "consume", process, group, key, values, timeMs: nowMs() });
    }
  }

  /** Where a partition without new records stands: at what the group had committed. */
  async #findPositions(): Promise<void> {
    for (const position of [...this.positions.values()]) {
      if (position.next >= 0) continue;
      try {
        const next = await this.#consumer.position(position.place, { timeoutMs: POSITION_MS });
        if (position.next < 0) position.next = next;
        position.committing = position.next;
      } catch (error) {
        if (this.#isEnded) return;
        if (!(error instanceof TimeoutError)) throw error;
        return;
      }
    }
  }

  async #commit(): Promise<void> {
    const wish = this.#wish();
    if (wish === null) return;
    try {
      await this.#consumer.commit(wish.entries);
      wish.ended("ok");
    } catch (error) {
      wish.ended("info");
      this.#checkCommitError(error);
    }
  }

  #commitLater(): void {
    if (this.#isCommitting) return;
    const wish = this.#wish();
    if (wish === null) return;
    this.#isCommitting = true;
    this.#consumer.commitAsync(wish.entries, (error) => {
      this.#isCommitting = false;
      wish.ended(error === null ? "ok" : "info");
      try {
        if (error !== null) this.#checkCommitError(error);
      } catch (cause) {
        this.#over(cause);
      }
    });
  }

  #wish(): { entries: [TopicPartition, OffsetAndMetadata][]; ended: (outcome: Outcome) => void } | null {
    const dirty = [...this.positions.values()].filter(
      ({ next, committing }) => next >= 0 && next !== committing,
    );
    if (dirty.length === 0) return null;
    const { recordGroup, nowMs, nextId } = this.#context;
    const { identity } = this;
    const id = nextId();
    const offsets = dirty.map(({ key, next }): [string, number] => [key, next]);
    const tell = (type: "invoke" | Outcome): void =>
      recordGroup({ f: "commit", type, ...identity, id, offsets, timeMs: nowMs() });
    tell("invoke");
    for (const position of dirty) position.committing = position.next;
    return {
      entries: dirty.map(({ place, next }) => [place, { offset: next, metadata: String(id) }]),
      ended: (outcome) => {
        tell(outcome);
        if (outcome !== "ok") for (const position of dirty) position.committing = -1;
      },
    };
  }

  #checkCommitError(error: unknown): void {
    const isUsual =
      error instanceof CommitFailedError ||
      error instanceof RebalanceInProgressError ||
      (error instanceof KafkaError && error.isRetriable);
    if (!isUsual) throw error;
  }

  /** The end, by a twin or by a bug. */
  #over(error: unknown): void {
    if (error instanceof KafkaError && error.spec === errors.FENCED_INSTANCE_ID) {
      this.#isFenced = true;
      if (!this.#isEnded) this.#close(0);
    } else if (!this.#isEnded) this.#context.fail(error);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#context.ports.timers.set(ms, resolve));
  }
}
