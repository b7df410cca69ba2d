// Gives a coordinator the partitions of its internal topic that this broker leads, and takes them back: on
// election, on resignation, when the topic goes, and when a log fails, since what it had not written is lost
// to it; such a partition is given again once its log reopened. Invariant: a coordinator holds a partition at
// most once, in the leader epoch the partition has. Not here: what a coordinator keeps in it (package
// coordinator).
import type { CoordinatorLog } from "@ottla/coordinator";
import type { MetadataDelta, MetadataImage, MetadataPublisher } from "@ottla/metadata";
import type { Turn } from "@ottla/ports";
import type { Partition, PartitionListener } from "../partition/partition.ts";
import type { PartitionRegistry } from "../partition/partition-registry.ts";
import type { HeldPartitions } from "./coordinator-metrics.ts";
import { PartitionCoordinatorLog } from "./partition-coordinator-log.ts";

/** What a coordinator is told of its partitions. */
export interface PartitionCoordinator {
  load(partition: number, leaderEpoch: number, log: CoordinatorLog): void;
  unload(partition: number, leaderEpoch: number): void;
  highWatermarkMoved(partition: number, highWatermark: number): void;
}

/** What it is made of. */
export interface CoordinatedPartitionsOptions {
  /** The internal topic. */
  readonly topic: string;
  readonly coordinator: PartitionCoordinator;
  readonly partitions: PartitionRegistry;
  readonly turn: Turn;
}

/** A partition that was given to the coordinator. */
interface Held {
  readonly partition: Partition;
  readonly leaderEpoch: number;
  /** The log failed: the coordinator lost it, and gets it back when the log is writable. */
  hasFailed: boolean;
}

/** Follows the metadata after the partitions did. */
export class CoordinatedPartitions implements MetadataPublisher {
  readonly name: string;
  readonly #options: CoordinatedPartitionsOptions;
  readonly #held = new Map<number, Held>();

  constructor(options: CoordinatedPartitionsOptions) {
    this.#options = options;
    this.name = `coordinator of ${options.topic}`;
  }

  onMetadataUpdate(delta: MetadataDelta, _image: MetadataImage): void {
    const { topic } = this.#options;
    const isAfterSnapshot = delta.topics.previous.size === 0;
    if (isAfterSnapshot || touches(delta, topic)) this.#align();
  }

  get counts(): HeldPartitions {
    let failed = 0;
    for (const { hasFailed } of this.#held.values()) if (hasFailed) failed += 1;
    return { held: this.#held.size - failed, failed };
  }

  /** About twice a second. */
  tick(): void {
    for (const [index, held] of this.#held) {
      if (!held.hasFailed || held.partition.log?.isWritable !== true) continue;
      held.hasFailed = false;
      this.#load(index, held);
    }
  }

  /** Whatever this broker leads now is held, and nothing else. */
  #align(): void {
    const { topic, partitions } = this.#options;
    for (const [index, held] of this.#held) {
      const { partition, leaderEpoch } = held;
      const isSame = partitions.find(topic, index) === partition;
      if (isSame && partition.isLeader && partition.leaderEpoch === leaderEpoch) continue;
      this.#held.delete(index);
      partition.listener = null;
      if (!held.hasFailed) this.#options.coordinator.unload(index, leaderEpoch);
    }
    for (const partition of partitions.ofTopic(topic)) {
      const { index, isLeader, leaderEpoch } = partition;
      if (!isLeader || this.#held.has(index)) continue;
      const held: Held = { partition, leaderEpoch, hasFailed: partition.log?.isWritable !== true };
      this.#held.set(index, held);
      partition.listener = this.#listen(index, held);
      if (!held.hasFailed) this.#load(index, held);
    }
  }

  #load(index: number, { partition, leaderEpoch }: Held): void {
    const { coordinator, turn } = this.#options;
    coordinator.load(index, leaderEpoch, new PartitionCoordinatorLog(partition, turn));
  }

  #listen(index: number, held: Held): PartitionListener {
    const { coordinator } = this.#options;
    return {
      highWatermarkMoved: (highWatermark) => {
        if (!held.hasFailed) coordinator.highWatermarkMoved(index, highWatermark);
      },
      logFailed: () => {
        if (held.hasFailed) return;
        held.hasFailed = true;
        coordinator.unload(index, held.leaderEpoch);
      },
    };
  }
}

function touches(delta: MetadataDelta, topic: string): boolean {
  for (const { name } of delta.topics.changed.values()) if (name === topic) return true;
  for (const { name } of delta.topics.deleted.values()) if (name === topic) return true;
  return false;
}
