// The group coordinator of a broker in its place: made of the broker's parts, its turn of the loop before the
// logs', the partitions of `__consumer_offsets` it gets, and the topics whose deletion takes their offsets
// along. Not here: groups (package coordinator).
import type { BrokerConfig } from "@ottla/config";
import { createGroupCoordinator, type LocalGroupCoordinator } from "@ottla/coordinator";
import type { MetadataDelta, MetadataImage, MetadataPublisher } from "@ottla/metadata";
import type { Logger, Ports, Slices } from "@ottla/ports";
import { internalTopics } from "@ottla/protocol";
import type { MetadataCache } from "../broker-services.ts";
import type { MetricSample } from "../metrics/metric.ts";
import type { PartitionRegistry } from "../partition/partition-registry.ts";
import type { TurnEnd } from "../turn-end.ts";
import { CoordinatedPartitions } from "./coordinated-partitions.ts";
import { groupSamples } from "./group-metrics.ts";

/** What it is made of. */
export interface GroupCoordinationOptions {
  readonly ports: Ports;
  readonly slices: Slices;
  readonly config: BrokerConfig;
  readonly partitions: PartitionRegistry;
  readonly turnEnd: TurnEnd;
  readonly logger: Logger;
  readonly metadata: MetadataCache;
}

/** The group coordinator and what connects it. */
export class GroupCoordination implements MetadataPublisher {
  readonly name = "group coordinator";
  readonly coordinator: LocalGroupCoordinator;
  readonly #partitions: CoordinatedPartitions;

  constructor(options: GroupCoordinationOptions) {
    const { ports, slices, config, partitions, turnEnd, logger, metadata } = options;
    const topic = internalTopics.consumerOffsets;
    this.coordinator = createGroupCoordinator({
      ports,
      slices,
      config,
      logger,
      requestTurnEnd: turnEnd.request,
      partitionCount: () =>
        metadata.image.topics.byName(topic)?.partitions.length ?? config.offsetsTopicNumPartitions,
    });
    const { turn } = ports;
    const { coordinator } = this;
    this.#partitions = new CoordinatedPartitions({ topic, coordinator, partitions, turn });
    turnEnd.onPhase("coordinators", () => coordinator.flush());
  }

  /** After the partitions were told. */
  onMetadataUpdate(delta: MetadataDelta, image: MetadataImage): void {
    this.#partitions.onMetadataUpdate(delta, image);
    const deleted = [...delta.topics.deleted.values()].map(({ name }) => name);
    if (deleted.length > 0) this.coordinator.topicsDeleted(deleted);
  }

  /** About twice a second. */
  tick(): void {
    this.#partitions.tick();
  }

  samples(): MetricSample[] {
    return groupSamples(this.coordinator.metrics, this.#partitions.counts);
  }

  close(): void {
    this.coordinator.close();
  }
}
