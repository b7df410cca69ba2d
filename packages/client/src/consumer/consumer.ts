// The consumer: reads records of topics as a member of a group, or of partitions chosen by hand. Its work is
// done in `poll`; answers are taken and heartbeats sent in between, too. One poll at a time; the other calls
// may be made at any time, also from rebalance callbacks.
import { apiKeys, errors } from "@ottla/protocol";
import type { TopicPartition } from "../assignors/topic-partition.ts";
import { bootstrapNodes } from "../cluster/bootstrap.ts";
import { ClusterConnections } from "../cluster/cluster-connections.ts";
import type { TopicMetadata } from "../cluster/metadata-cache.ts";
import type { ClientSettings } from "../config/client-config.ts";
import { type ClientEnvironment, prefixedLogger } from "../environment/client-environment.ts";
import { nodeEnvironment } from "../environment/node-environment.ts";
import { KafkaError, TimeoutError } from "../errors/kafka-error.ts";
import { IN_FLIGHT_MAX } from "../limits.ts";
import type { ClientMetric } from "../metrics/client-metric.ts";
import { connectionMetrics } from "../metrics/connection-metrics.ts";
import type { ConsumerContext } from "./consumer-context.ts";
import { ConsumerMetrics } from "./consumer-metrics.ts";
import { ConsumerPoll } from "./consumer-poll.ts";
import { type ConsumerSettings, consumerSettings } from "./consumer-settings.ts";
import { CLOSE_TIMEOUT_MS } from "./limits.ts";
import type { GroupMembershipOperation } from "./membership/generation.ts";
import { GroupCoordinator } from "./membership/group-coordinator.ts";
import { GroupRebalance } from "./membership/group-rebalance.ts";
import type { RebalanceListener } from "./membership/rebalance-listener.ts";
import { type CommittedOffsets, fetchCommitted } from "./offsets/committed-offsets.ts";
import type { CommittedOffset, OffsetAndMetadata } from "./offsets/offset-and-metadata.ts";
import { EARLIEST_TIMESTAMP, type FoundOffset, LATEST_TIMESTAMP } from "./offsets/offset-lookup.ts";
import { offsetsByTime, sameTimestamp } from "./offsets/offsets-by-time.ts";
import type { ConsumerRecords } from "./records/consumer-records.ts";
import { Signal } from "./signal.ts";
import type { PartitionState } from "./subscription/partition-state.ts";
import { Subscription } from "./subscription/subscription.ts";
import { type PartitionEntries, partitionKey, TopicPartitionMap } from "./topic-partition-map.ts";

/** How long a call may take; default `default.api.timeout.ms`. */
export interface CallOptions {
  readonly timeoutMs?: number;
}

/** How a consumer ends. */
export interface CloseOptions extends CallOptions {
  /** Default: a static member stays in its group until its session ends, others leave (KIP-1092). */
  readonly groupMembershipOperation?: GroupMembershipOperation;
}

/** Who this consumer is in its group. */
export interface ConsumerGroupMetadata {
  readonly groupId: string;
  /** −1: in no generation. */
  readonly generationId: number;
  /** Empty: not a member. */
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

/** One partition of a topic as `partitionsFor` tells it. */
export interface PartitionInfo extends TopicPartition {
  /** −1: none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
  readonly offlineReplicas: readonly number[];
}

const NO_GROUP_ID =
  "To use the group management or offset commit APIs, you must provide a valid group.id in the consumer configuration.";
const ORIGIN = "org.apache.kafka.clients.consumer.KafkaConsumer";

/** Reads records. Settings have Apache Kafka's names; keys and values are bytes. */
export class Consumer {
  readonly #settings: ConsumerSettings;
  readonly #context: ConsumerContext;
  readonly #coordinator: GroupCoordinator | null;
  readonly #group: GroupRebalance | null;
  readonly #poll: ConsumerPoll;
  /** Topics that calls under way ask about, beside those that are read; by how many calls. */
  readonly #otherTopics = new Map<string, number>();
  #closing: Promise<void> | null = null;

  /** Throws `ConfigError` and, for a bad group id, `KafkaError`. */
  constructor(settings: ClientSettings, environment: ClientEnvironment = nodeEnvironment()) {
    this.#settings = consumerSettings(settings, () => environment.nextClientNumber("consumer"));
    const { config, clientId, logPrefix, groupId, allowsAutoTopicCreation } = this.#settings;
    const logger = prefixedLogger(environment.logger, logPrefix);
    const subscription = new Subscription();
    const { ports } = environment;
    const connectionsMetrics = connectionMetrics("consumer", clientId, config, ports, apiKeys.Fetch);
    const metrics = new ConsumerMetrics(connectionsMetrics);
    const connections = new ClusterConnections({
      ports,
      logger,
      config,
      clientId,
      bootstrap: bootstrapNodes("bootstrap.servers", config.list("bootstrap.servers")),
      inFlightMax: IN_FLIGHT_MAX,
      metrics: connectionsMetrics,
      topics: () => this.#metadataTopics(),
      allowAutoTopicCreation: allowsAutoTopicCreation,
      warnsOfBootstrap: true,
    });
    const signal = new Signal(environment.ports.timers);
    connections.onMetadata(() => signal.notify());
    this.#context = { settings: this.#settings, connections, subscription, signal, logger, metrics };
    this.#coordinator = groupId === null ? null : new GroupCoordinator(this.#context, groupId);
    this.#group = this.#coordinator === null ? null : new GroupRebalance(this.#context, this.#coordinator);
    this.#poll = new ConsumerPoll(this.#context, this.#coordinator, this.#group);
    for (const key of config.unknownKeys) {
      logger.warn(`The configuration '${key}' was supplied but isn't a known config.`, ORIGIN);
    }
  }

  get clientId(): string {
    return this.#settings.clientId;
  }

  /**
   * Reads topics as a member of the group; replaces an earlier subscription. A pattern has to match a topic's
   * whole name. No topics at all: as `unsubscribe`, without leaving the group before the next poll.
   */
  subscribe(topics: Iterable<string> | RegExp, listener: RebalanceListener = {}): void {
    this.#checkOpen();
    const group = this.#needGroup();
    if (this.#settings.assignors.length === 0) {
      throw new Error(
        "Must configure at least one partition assigner class name to partition.assignment.strategy",
      );
    }
    const { subscription, connections } = this.#context;
    if (topics instanceof RegExp) subscription.subscribePattern(wholeName(topics));
    else subscription.subscribeTopics(checkedTopics(topics));
    group.callbacks.listener = listener;
    connections.requestUpdateNow();
  }

  /** Reads these partitions, without a group's doing; replaces earlier ones. */
  assign(partitions: Iterable<TopicPartition>): void {
    this.#checkOpen();
    const { subscription, connections } = this.#context;
    if (this.#group !== null && subscription.isByUser) this.#group.commits.autoCommit(true);
    subscription.assignByUser(partitions);
    connections.requestUpdateNow();
  }

  /** Gives up topics or partitions; a group member leaves its group. */
  async unsubscribe(): Promise<void> {
    this.#checkOpen();
    const reason = "the consumer unsubscribed from all topics";
    try {
      if (this.#group !== null && this.#context.subscription.isByGroup) {
        await this.#group.leave(reason, this.#settings.requestTimeoutMs);
      }
    } finally {
      this.#context.subscription.unsubscribe();
    }
  }

  /** Subscribed topics; with a pattern, those that match it. */
  subscription(): ReadonlySet<string> {
    return new Set(this.#context.subscription.topics);
  }

  assignment(): TopicPartition[] {
    return [...this.#context.subscription.partitions].map(({ topic, partition }) => ({ topic, partition }));
  }

  /**
   * Records behind the positions, at most `max.poll.records`; none when there are none within `timeoutMs`.
   * Rebalance callbacks run in here. Rejects with `KafkaError`, or with `WakeupError` after `wakeup`.
   */
  poll(timeoutMs: number): Promise<ConsumerRecords> {
    this.#checkOpen();
    if (this.#context.subscription.isNone) {
      throw new Error("Consumer is not subscribed to any topics or assigned any partitions");
    }
    return this.#poll.poll(timeoutMs);
  }

  /** Commits offsets, or all positions, and waits for it; tried again until it is done or fails for good. */
  async commit(offsets?: PartitionEntries<OffsetAndMetadata>, options: CallOptions = {}): Promise<void> {
    this.#checkOpen();
    const { commits } = this.#needGroup();
    const wanted = offsets === undefined ? commits.consumed() : checkedOffsets(offsets);
    this.#poll.checkWakeup();
    const { connections, metrics } = this.#context;
    const startMs = connections.nowMs();
    try {
      await commits.commitUntil(wanted, this.#deadlineMs(options), () => this.#poll.checkWakeup());
    } finally {
      metrics.committedSync(connections.nowMs() - startMs);
    }
  }

  /** One attempt to commit offsets, or all positions; `done` is told in a later turn. */
  commitAsync(
    offsets?: PartitionEntries<OffsetAndMetadata> | null,
    done?: (error: KafkaError | null, offsets: TopicPartitionMap<OffsetAndMetadata>) => void,
  ): void {
    this.#checkOpen();
    const { commits } = this.#needGroup();
    const wanted = offsets === undefined || offsets === null ? commits.consumed() : checkedOffsets(offsets);
    commits.commitInTurn(wanted, this.#deadlineMs({}), (error) => done?.(error, wanted));
  }

  /** The group's committed offsets; null where there is none. */
  async committed(
    partitions: Iterable<TopicPartition>,
    options: CallOptions = {},
  ): Promise<TopicPartitionMap<CommittedOffset | null>> {
    this.#checkOpen();
    this.#needGroup();
    const coordinator = this.#coordinator!;
    const list = [...partitions];
    if (list.length === 0) return new TopicPartitionMap();
    const deadlineMs = this.#deadlineMs(options);
    const names = list.map(partitionKey).join(", ");
    const what = `the last committed offset for partitions [${names}] could be determined`;
    const { connections, metrics } = this.#context;
    const startMs = connections.nowMs();
    for (let failures = 0; ; failures++) {
      await this.#until(() => coordinator.ensureKnown(), deadlineMs, what, true);
      const result = await new Promise<CommittedOffsets | KafkaError>((resolve) =>
        fetchCommitted(this.#context, coordinator, list, resolve),
      );
      if (!(result instanceof KafkaError)) {
        metrics.askedCommitted(connections.nowMs() - startMs);
        return result;
      }
      if (!result.isRetriable) throw result;
      const remainingMs = deadlineMs - connections.nowMs();
      if (remainingMs <= 0) {
        const text = `Timeout of ${Math.round(deadlineMs - startMs)}ms expired before ${what}`;
        throw new TimeoutError(text, { cause: result });
      }
      const delayMs = Math.min(remainingMs, connections.retryBackOff.delayMs(failures));
      await new Promise<void>((resolve) => connections.ports.timers.set(delayMs, resolve));
    }
  }

  /** The offset of the next record; looked for when it is not known yet. */
  async position(partition: TopicPartition, options: CallOptions = {}): Promise<number> {
    this.#checkOpen();
    const state = this.#assigned(
      partition,
      "You can only check the position for partitions assigned to this consumer.",
    );
    const isFound = (): boolean => {
      if (state.hasValidPosition) return true;
      this.#poll.findPositions();
      return state.hasValidPosition;
    };
    const what = `the position for partition ${state.key} could be determined`;
    await this.#until(isFound, this.#deadlineMs(options), what, true);
    return state.position ?? 0;
  }

  /** The next poll reads from `offset`. */
  seek(partition: TopicPartition, offset: number | OffsetAndMetadata): void {
    this.#checkOpen();
    const to = typeof offset === "number" ? { offset } : offset;
    if (!Number.isSafeInteger(to.offset) || to.offset < 0) {
      throw new RangeError("seek offset must not be a negative number");
    }
    const state = this.#assigned(partition, `No current assignment for partition ${partitionKey(partition)}`);
    this.#context.logger.info(`Seeking to offset ${to.offset} for partition ${state.key}`, ORIGIN);
    state.seek(to.offset, to.leaderEpoch ?? null);
    state.needsValidation = state.positionEpoch !== null;
    this.#context.signal.notify();
  }

  /** Reads from the first record; of all assigned partitions, if none are named. */
  seekToBeginning(partitions: Iterable<TopicPartition> = []): void {
    for (const state of this.#statesOf(partitions)) state.requestReset({ kind: "earliest" });
    this.#context.signal.notify();
  }

  /** Reads from the end; of all assigned partitions, if none are named. */
  seekToEnd(partitions: Iterable<TopicPartition> = []): void {
    for (const state of this.#statesOf(partitions)) state.requestReset({ kind: "latest" });
    this.#context.signal.notify();
  }

  /** Gives no records of these partitions until `resume`; a rebalance forgets it for those that go. */
  pause(partitions: Iterable<TopicPartition>): void {
    this.#checkOpen();
    for (const state of this.#namedStates(partitions)) state.isPaused = true;
  }

  resume(partitions: Iterable<TopicPartition>): void {
    this.#checkOpen();
    for (const state of this.#namedStates(partitions)) state.isPaused = false;
    this.#context.signal.notify();
  }

  paused(): TopicPartition[] {
    const paused = [...this.#context.subscription.partitions].filter(({ isPaused }) => isPaused);
    return paused.map(({ topic, partition }) => ({ topic, partition }));
  }

  /** For each partition the first record that is not older than its timestamp (ms); null: there is none. */
  offsetsForTimes(
    timestamps: PartitionEntries<number>,
    options: CallOptions = {},
  ): Promise<TopicPartitionMap<FoundOffset | null>> {
    const list = [...timestamps];
    for (const [partition, timestamp] of list) {
      if (timestamp >= 0) continue;
      const text = `The target time for partition ${partitionKey(partition)} is ${timestamp}. `;
      throw new RangeError(`${text}The target time cannot be negative.`);
    }
    return this.#offsetsByTime(list, options);
  }

  async beginningOffsets(
    partitions: Iterable<TopicPartition>,
    options: CallOptions = {},
  ): Promise<TopicPartitionMap<number>> {
    return offsetsOnly(await this.#offsetsByTime(sameTimestamp(partitions, EARLIEST_TIMESTAMP), options));
  }

  /** Offsets behind the last records; with read_committed, behind the last that can be read. */
  async endOffsets(
    partitions: Iterable<TopicPartition>,
    options: CallOptions = {},
  ): Promise<TopicPartitionMap<number>> {
    return offsetsOnly(await this.#offsetsByTime(sameTimestamp(partitions, LATEST_TIMESTAMP), options));
  }

  /** Records behind the position as of the last fetch; null while that is not known. */
  currentLag(partition: TopicPartition): number | null {
    const state = this.#assigned(partition, `No current assignment for partition ${partitionKey(partition)}`);
    const end = this.#settings.isReadCommitted ? state.lastStableOffset : state.highWatermark;
    return end === null || state.position === null ? null : Math.max(0, end - state.position);
  }

  /** The partitions of a topic. Rejects with UNKNOWN_TOPIC_OR_PARTITION when there is no such topic. */
  async partitionsFor(topic: string, options: CallOptions = {}): Promise<PartitionInfo[]> {
    this.#checkOpen();
    const partitions = await this.#withTopics([topic], () => this.#learnOf(topic, options));
    return partitions.flatMap((each) =>
      each === undefined
        ? []
        : [
            {
              topic,
              partition: each.partition,
              leader: each.leaderId,
              replicas: each.replicas,
              inSyncReplicas: each.isr,
              offlineReplicas: each.offlineReplicas,
            },
          ],
    );
  }

  /** Everything that is measured, under Apache Kafka's names. */
  metrics(): readonly ClientMetric[] {
    const { metrics, subscription } = this.#context;
    return metrics.list(subscription, this.#group !== null);
  }

  groupMetadata(): ConsumerGroupMetadata {
    const { membership } = this.#needGroup();
    const { generationId, memberId } = membership.generation;
    const { groupId, groupInstanceId } = this.#settings;
    return { groupId: groupId ?? "", generationId, memberId, groupInstanceId };
  }

  /** The next poll starts a rebalance of the group. */
  enforceRebalance(reason = "rebalance enforced by user"): void {
    this.#needGroup().membership.requestRejoin(reason);
  }

  /** Ends the poll or call that waits, or the next one, with `WakeupError`. */
  wakeup(): void {
    this.#poll.wakeup();
  }

  /** Commits if that is automatic, leaves the group and closes all connections; safe to call again. */
  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  async #close({ timeoutMs = CLOSE_TIMEOUT_MS, groupMembershipOperation }: CloseOptions): Promise<void> {
    const { connections, subscription, signal } = this.#context;
    const deadlineMs = connections.nowMs() + timeoutMs;
    const remainingMs = (): number => Math.max(0, deadlineMs - connections.nowMs());
    this.#poll.close();
    try {
      const operation = groupMembershipOperation ?? "default";
      if (this.#group !== null) await this.#closeGroup(this.#group, operation, remainingMs);
    } finally {
      subscription.unsubscribe();
      this.#group?.membership.close();
      await new Promise<void>((resolve) => this.#poll.fetcher.close(remainingMs(), resolve));
      connections.close();
      signal.close();
    }
  }

  async #closeGroup(
    group: GroupRebalance,
    operation: GroupMembershipOperation,
    remainingMs: () => number,
  ): Promise<void> {
    const { connections, subscription, signal, logger } = this.#context;
    const { commits } = group;
    if (this.#settings.isAutoCommit && this.#coordinator?.isKnown === true) {
      try {
        await commits.commitUntil(commits.consumed(), connections.nowMs() + remainingMs());
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        logger.warn(`Commit at close failed: ${error.message}`, ORIGIN);
      }
    }
    while (commits.underWay > 0 && remainingMs() > 0) await signal.wait(signal.version, remainingMs());
    if (!subscription.isByGroup) return;
    await group.leave("the consumer is being closed", remainingMs(), operation);
  }

  async #offsetsByTime(
    timestamps: readonly (readonly [TopicPartition, number])[],
    options: CallOptions,
  ): Promise<TopicPartitionMap<FoundOffset | null>> {
    this.#checkOpen();
    const topics = new Set(timestamps.map(([{ topic }]) => topic));
    const timeoutMs = options.timeoutMs ?? this.#settings.apiTimeoutMs;
    return await this.#withTopics(topics, () => offsetsByTime(this.#context, timestamps, timeoutMs));
  }

  /** Waits for the topic's metadata. */
  async #learnOf(topic: string, options: CallOptions): Promise<TopicMetadata["partitions"]> {
    const { metadata } = this.#context.connections;
    let version = metadata.topic(topic) === null ? metadata.version : -1;
    if (version >= 0) this.#context.connections.requestUpdateNow();
    await this.#until(
      () => {
        if (metadata.topic(topic) !== null) return true;
        if (metadata.version === version) return false;
        version = metadata.version;
        const error = metadata.topicError(topic);
        if (error !== null && !this.#settings.allowsAutoTopicCreation) throw new KafkaError(error);
        if (error !== null && !error.retriable) throw new KafkaError(error);
        return false;
      },
      this.#deadlineMs(options),
      "fetching topic metadata",
    );
    return metadata.topic(topic)?.partitions ?? [];
  }

  /** Metadata tells of `topics` while `call` is under way. */
  async #withTopics<Value>(topics: Iterable<string>, call: () => Promise<Value>): Promise<Value> {
    const list = [...topics];
    for (const topic of list) this.#otherTopics.set(topic, (this.#otherTopics.get(topic) ?? 0) + 1);
    try {
      return await call();
    } finally {
      for (const topic of list) {
        const left = (this.#otherTopics.get(topic) ?? 1) - 1;
        if (left > 0) this.#otherTopics.set(topic, left);
        else this.#otherTopics.delete(topic);
      }
    }
  }

  /** Null is all topics, which a pattern needs. */
  #metadataTopics(): Iterable<string> | null {
    const { subscription } = this.#context;
    if (subscription.pattern !== null) return null;
    return new Set([...subscription.metadataTopics, ...this.#otherTopics.keys()]);
  }

  #deadlineMs({ timeoutMs }: CallOptions): number {
    return this.#context.connections.nowMs() + (timeoutMs ?? this.#settings.apiTimeoutMs);
  }

  async #until(isDone: () => boolean, deadlineMs: number, what: string, isBefore = false): Promise<void> {
    const { connections, signal } = this.#context;
    const startMs = connections.nowMs();
    for (;;) {
      this.#poll.checkWakeup();
      const seen = signal.version;
      if (isDone()) return;
      const remainingMs = deadlineMs - connections.nowMs();
      if (remainingMs <= 0) {
        const text = `Timeout of ${Math.round(deadlineMs - startMs)}ms expired`;
        throw new TimeoutError(isBefore ? `${text} before ${what}` : `${text} while waiting for ${what}`);
      }
      await signal.wait(seen, remainingMs);
      if (this.#closing !== null) throw new Error("This consumer has already been closed.");
    }
  }

  #statesOf(partitions: Iterable<TopicPartition>): PartitionState[] {
    this.#checkOpen();
    const list = [...partitions];
    return list.length === 0 ? [...this.#context.subscription.partitions] : this.#namedStates(list);
  }

  #namedStates(partitions: Iterable<TopicPartition>): PartitionState[] {
    return [...partitions].map((partition) =>
      this.#assigned(partition, `No current assignment for partition ${partitionKey(partition)}`),
    );
  }

  #assigned(partition: TopicPartition, text: string): PartitionState {
    const state = this.#context.subscription.find(partition);
    if (state === null) throw new Error(text);
    return state;
  }

  #needGroup(): GroupRebalance {
    if (this.#group === null) throw new KafkaError(errors.INVALID_GROUP_ID, NO_GROUP_ID);
    return this.#group;
  }

  #checkOpen(): void {
    if (this.#closing !== null) throw new Error("This consumer has already been closed.");
  }
}

function wholeName({ source, flags }: RegExp): RegExp {
  return new RegExp(`^(?:${source})$`, flags.replace(/[gy]/g, ""));
}

function checkedTopics(topics: Iterable<string>): string[] {
  const list = [...topics];
  if (list.some((topic) => topic.trim() === "")) {
    throw new TypeError("Topic collection to subscribe to cannot contain null or empty topic");
  }
  return list;
}

function checkedOffsets(offsets: PartitionEntries<OffsetAndMetadata>): TopicPartitionMap<OffsetAndMetadata> {
  const map = new TopicPartitionMap(offsets);
  for (const [, { offset }] of map) {
    if (!Number.isSafeInteger(offset) || offset < 0) throw new RangeError("Invalid negative offset");
  }
  return map;
}

function offsetsOnly(found: TopicPartitionMap<FoundOffset | null>): TopicPartitionMap<number> {
  const offsets = new TopicPartitionMap<number>();
  for (const [partition, each] of found) if (each !== null) offsets.set(partition, each.offset);
  return offsets;
}
