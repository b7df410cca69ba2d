// The group coordinator of a broker in its place: made of the broker's parts, its turn of the loop before the
// logs', the partitions of `__consumer_offsets` it gets, and the topics whose deletion takes their offsets
// along. Not here: groups (package coordinator).
import type { BrokerConfig } from "@ottla/config";
import type { GroupCoordinator } from "@ottla/coordinator";
import type { MetadataDelta, MetadataImage, MetadataPublisher } from "@ottla/metadata";
import type { Ports } from "@ottla/ports";
import { internalTopics } from "@ottla/protocol";
import type { MetadataCache } from "../broker-services.ts";
import type { Logger } from "../logger.ts";
import type { PartitionRegistry } from "../partition/partition-registry.ts";
import type { TurnEnd } from "../turn-end.ts";
import { CoordinatedPartitions } from "./coordinated-partitions.ts";
import { CoordinatorMetrics } from "./coordinator-metrics.ts";
import { unavailableGroups } from "./unavailable-groups.ts";

/** What it is made of. */
export interface GroupCoordinationOptions {
  readonly ports: Ports;
  readonly config: BrokerConfig;
  readonly partitions: PartitionRegistry;
  readonly turnEnd: TurnEnd;
  readonly logger: Logger;
  readonly metadata: MetadataCache;
}

/** The group coordinator and what connects it. */
export class GroupCoordination implements MetadataPublisher {
  readonly name = "group coordinator";
  readonly coordinator: GroupCoordinator;
  readonly metrics: CoordinatorMetrics = new CoordinatorMetrics("group");
  readonly #partitions: CoordinatedPartitions;

  constructor(options: GroupCoordinationOptions) {
    const { ports, config, partitions, turnEnd, metadata } = options;
    const topic = internalTopics.consumerOffsets;
    this.coordinator = unavailableGroups(
      () => metadata.image.topics.byName(topic)?.partitions.length ?? config.offsetsTopicNumPartitions,
    );
    const { turn } = ports;
    const { coordinator, metrics } = this;
    this.#partitions = new CoordinatedPartitions({ topic, coordinator, partitions, turn, metrics });
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

  close(): void {
    this.coordinator.close();
  }
}
