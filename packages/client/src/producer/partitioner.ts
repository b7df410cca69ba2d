// Which partition a record goes to. With a key: by its murmur2 hash, as all of Kafka's clients. Without: one
// partition for a whole batch, then another one drawn at random (KIP-480, KIP-794), so that batches fill. A
// partition with many batches waiting is drawn less often, because its leader is slow.
import type { Random } from "@ottla/ports";
import { partitionForKey } from "@ottla/protocol";
import type { TopicMetadata } from "../cluster/metadata-cache.ts";
import type { ClientConfig } from "../config/client-config.ts";
import { ConfigError } from "../config/config-error.ts";

const ROUND_ROBIN = "org.apache.kafka.clients.producer.RoundRobinPartitioner";

/** The partition that records of one topic without a key stick to. */
export interface StickyPartition {
  partition: number;
  /** Bytes given to it since it was drawn. */
  bytes: number;
}

/** Batches of a topic's partition that wait to be sent. */
export type PartitionLoad = (partition: number) => number;

/** Chooses partitions for one producer. */
export class Partitioner {
  readonly #random: Random;
  readonly #stickyBytes: number;
  readonly #ignoresKeys: boolean;
  readonly #isRoundRobin: boolean;
  readonly #isAdaptive: boolean;

  constructor(config: ClientConfig, random: Random) {
    const name = config.textOrNull("partitioner.class");
    if (name !== null && name !== "" && name !== ROUND_ROBIN) {
      const message = `Invalid value ${name} for configuration partitioner.class: Class ${name} could not be found.`;
      throw new ConfigError("partitioner.class", message);
    }
    this.#isRoundRobin = name === ROUND_ROBIN;
    this.#random = random;
    this.#stickyBytes = Math.max(1, config.number("batch.size"));
    this.#isAdaptive = config.boolean("partitioner.adaptive.partitioning.enable");
    this.#ignoresKeys = config.boolean("partitioner.ignore.keys");
  }

  /** The partition, or −1 when the sticky one decides. */
  byKey(key: Uint8Array | null, partitionCount: number): number {
    if (key === null || this.#ignoresKeys || this.#isRoundRobin) return -1;
    return partitionForKey(key, partitionCount);
  }

  /** The first sticky partition of a topic. */
  begin(topic: TopicMetadata, load: PartitionLoad): StickyPartition {
    return { partition: this.#draw(topic, load, -1), bytes: 0 };
  }

  /**
   * A record of `bytes` went to the sticky partition. `isAtBatchEnd`: the batch there takes no more, so a
   * change wastes nothing.
   */
  appended(
    sticky: StickyPartition,
    topic: TopicMetadata,
    load: PartitionLoad,
    bytes: number,
    isAtBatchEnd: boolean,
  ): void {
    sticky.bytes += bytes;
    const isOver = sticky.bytes >= this.#stickyBytes && isAtBatchEnd;
    if (!this.#isRoundRobin && !isOver && sticky.bytes < 2 * this.#stickyBytes) return;
    sticky.partition = this.#draw(topic, load, sticky.partition);
    sticky.bytes = 0;
  }

  /** A partition with a leader if there is one, of all otherwise. */
  #draw(topic: TopicMetadata, load: PartitionLoad, present: number): number {
    const { partitions } = topic;
    const weighed = this.#isAdaptive && !this.#isRoundRobin ? this.#drawByLoad(topic, load) : null;
    if (weighed !== null) return weighed;
    const start = this.#isRoundRobin ? present + 1 : this.#random.below(partitions.length);
    for (let index = 0; index < partitions.length; index += 1) {
      const candidate = (start + index) % partitions.length;
      if ((partitions[candidate]?.leaderId ?? -1) >= 0) return candidate;
    }
    return start % partitions.length;
  }

  /**
   * Each partition with a leader by its weight, which is 1 for the longest queue and 1 more for each batch
   * that another is shorter. Null when all are alike.
   */
  #drawByLoad(topic: TopicMetadata, load: PartitionLoad): number | null {
    let [longest, shortest, count, sum] = [0, Number.POSITIVE_INFINITY, 0, 0];
    for (const [partition, each] of topic.partitions.entries()) {
      if ((each?.leaderId ?? -1) < 0) continue;
      const length = load(partition);
      longest = Math.max(longest, length);
      shortest = Math.min(shortest, length);
      sum += length;
      count += 1;
    }
    if (count < 2 || longest === shortest) return null;
    let left = this.#random.below(count * (longest + 1) - sum);
    for (const [partition, each] of topic.partitions.entries()) {
      if ((each?.leaderId ?? -1) < 0) continue;
      left -= longest + 1 - load(partition);
      if (left < 0) return partition;
    }
    return null;
  }
}
