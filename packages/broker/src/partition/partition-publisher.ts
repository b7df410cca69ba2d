// Turns new metadata into partitions: replicas that this broker got are opened, those it leads or follows
// learn their role, those it lost are deleted, and settings reach their logs, in pieces where there are many.
// Invariant: at the end of a call's work the registry has exactly the image's replicas of this broker; until
// then a partition that is not there yet, or no longer, answers as on a broker that is behind. Not here: what
// a role means (partition.ts).
import { type BrokerConfig, type LogConfig, resolveLogConfig } from "@ottla/config";
import type { LogManager, PartitionLog } from "@ottla/log";
import {
  configResourceTypes,
  type MetadataDelta,
  type MetadataImage,
  type MetadataPublisher,
  type PartitionRegistration,
  type TopicImage,
} from "@ottla/metadata";
import { DiskError, type Logger, type Pieces, runWhole } from "@ottla/ports";
import type { NodeId, Uuid } from "@ottla/protocol";
import { partitionLimits } from "../limits.ts";
import { Partition } from "./partition.ts";
import type { PartitionRegistry } from "./partition-registry.ts";

/** What the publisher works on. */
export interface PartitionPublisherOptions {
  readonly config: BrokerConfig;
  readonly partitions: PartitionRegistry;
  readonly logs: LogManager;
  readonly logger: Logger;
}

/** Keeps partitions in step with the metadata. */
export class PartitionPublisher implements MetadataPublisher {
  readonly name = "partitions";
  readonly #config: BrokerConfig;
  readonly #partitions: PartitionRegistry;
  readonly #logs: LogManager;
  readonly #logger: Logger;
  /** Those whose log could not be made, with the directory it shall have. */
  readonly #withoutLog = new Map<Partition, Uuid | undefined>();
  #image: MetadataImage | null = null;

  constructor(options: PartitionPublisherOptions) {
    this.#config = options.config;
    this.#partitions = options.partitions;
    this.#logs = options.logs;
    this.#logger = options.logger;
  }

  *onMetadataUpdate(delta: MetadataDelta, image: MetadataImage): Pieces<void> {
    this.#image = image;
    // Before the new ones: a topic may have been deleted and created again under its name.
    if (delta.topics.previous.size === 0) yield* this.#deleteUnknown(image);
    for (const topic of delta.topics.deleted.values()) yield* this.#deleteTopic(topic);
    for (const change of delta.topics.changed.values()) {
      const topic = image.topics.byId(change.id);
      if (topic === null) continue;
      // Resolved once for all partitions of the topic, and only where one is to be opened.
      let resolved: LogConfig | null = null;
      const config = (): LogConfig => {
        resolved ??= this.logConfig(image, topic.name);
        return resolved;
      };
      for (const [index, state] of change.partitionChanges) {
        yield* this.#applyPartition(topic, index, state, config);
        yield;
      }
    }
    for (const resource of delta.changedConfigs.values()) {
      if (resource.type !== configResourceTypes.TOPIC) continue;
      this.#configureTopic(image, resource.name);
      yield;
    }
  }

  /** Settings of a topic as the image has them. */
  logConfig(image: MetadataImage, topic: string): LogConfig {
    return resolveLogConfig(
      image.configs.of(configResourceTypes.TOPIC, topic),
      this.#config.logDefaults,
      (message) => this.#logger.warn("a topic's setting is left out", { topic, message }),
    );
  }

  *#applyPartition(
    topic: TopicImage,
    index: number,
    state: PartitionRegistration,
    config: () => LogConfig,
  ): Pieces<void> {
    const found = this.#partitions.find(topic.name, index);
    const isReplica = state.replicas.includes(this.#config.nodeId as NodeId);
    if (!isReplica) {
      if (found !== null) this.#delete(found);
      return;
    }
    const partition = found ?? (yield* this.#open(topic, index, config(), state));
    if (state.leader === this.#config.nodeId) partition.becomeLeader(state);
    else partition.becomeFollower(state);
  }

  *#open(
    topic: TopicImage,
    index: number,
    config: LogConfig,
    state: PartitionRegistration,
  ): Pieces<Partition> {
    const where = { topic: topic.name, topicId: topic.id, index };
    const directoryId = state.directories[state.replicas.indexOf(this.#config.nodeId as NodeId)];
    const log = yield* this.#openLog(where, config, { directoryId, isWhole: false });
    const partition = new Partition(this.#partitions, where, log instanceof DiskError ? null : log);
    this.#partitions.add(partition);
    if (log instanceof DiskError) {
      this.#logger.error("a partition's log cannot be made; it is tried again", {
        topic: topic.name,
        partition: index,
        error: log.message,
      });
      this.#withoutLog.set(partition, directoryId);
    }
    return partition;
  }

  /** Called about once a second: a disk that had no room for a log may have it now. */
  retryLogs(): void {
    if (this.#withoutLog.size === 0 || this.#image === null) return;
    if (this.#logs.directories.every(({ isOnline, room }) => !isOnline || room.isFull)) return;
    let tries = 0;
    for (const [partition, directoryId] of this.#withoutLog) {
      if (++tries > partitionLimits.logsTriedPerTick) return;
      const { topic, topicId, index } = partition;
      const config = this.logConfig(this.#image, topic);
      const how = { directoryId, isWhole: true };
      const log = runWhole(this.#openLog({ topic, topicId, index }, config, how));
      // Those that follow wait for the same.
      if (log instanceof DiskError) return;
      this.#withoutLog.delete(partition);
      partition.logMade(log);
    }
  }

  // A log that cannot be made leaves the partition offline: it answers KAFKA_STORAGE_ERROR, and the broker
  // goes on. `isWhole`: nothing is waited for.
  *#openLog(
    where: { readonly topic: string; readonly topicId: Uuid; readonly index: number },
    config: LogConfig,
    { directoryId, isWhole }: { readonly directoryId: Uuid | undefined; readonly isWhole: boolean },
  ): Pieces<PartitionLog | DiskError> {
    const { topic, topicId, index: partition } = where;
    try {
      const present = this.#logs.log(topic, partition);
      if (present !== null && present.topicId !== topicId) this.#logs.deleteLog(topic, partition);
      const placed = directoryId === undefined ? {} : { directoryId };
      const wanted = { topic, topicId, partition, config, ...placed };
      const log = isWhole ? this.#logs.createLog(wanted) : yield* this.#logs.createLogInPieces(wanted);
      log.updateConfig(config);
      return log;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      return error;
    }
  }

  *#deleteTopic(topic: TopicImage): Pieces<void> {
    for (const partition of [...this.#partitions.ofTopic(topic.name)]) {
      if (partition.topicId !== topic.id) continue;
      this.#delete(partition);
      yield;
    }
  }

  /** After a snapshot the delta does not name what is gone. */
  *#deleteUnknown(image: MetadataImage): Pieces<void> {
    for (const partition of [...this.#partitions.all()]) {
      yield;
      const state = image.topics.partition(partition.topicId, partition.index);
      if (state === null || !state.replicas.includes(this.#config.nodeId as NodeId)) this.#delete(partition);
    }
  }

  #delete(partition: Partition): void {
    partition.delete();
    this.#withoutLog.delete(partition);
    this.#partitions.remove(partition);
    this.#logs.deleteLog(partition.topic, partition.index);
  }

  #configureTopic(image: MetadataImage, topic: string): void {
    const config = this.logConfig(image, topic);
    for (const partition of this.#partitions.ofTopic(topic)) partition.log?.updateConfig(config);
  }
}
