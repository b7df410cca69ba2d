// Which partition a record goes to. With a key: by its murmur2 hash, as all of Kafka's clients. Without: one
// partition for a whole batch, then another one drawn at random (KIP-480, KIP-794), so that batches fill. The
// draw is even; queue lengths do not weigh (partitioner.adaptive.partitioning.enable has no effect).
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

/** Chooses partitions for one producer. */
export class Partitioner {
  readonly #random: Random;
  readonly #stickyBytes: number;
  readonly #ignoresKeys: boolean;
  readonly #isRoundRobin: boolean;

  constructor(config: ClientConfig, random: Random) {
    const name = config.textOrNull("partitioner.class");
    if (name !== null && name !== "" && name !== ROUND_ROBIN) {
      const message = `Invalid value ${name} for configuration partitioner.class: Class ${name} could not be found.`;
      throw new ConfigError("partitioner.class", message);
    }
    this.#isRoundRobin = name === ROUND_ROBIN;
    this.#random = random;
    this.#stickyBytes = Math.max(1, config.number("batch.size"));
    this.#ignoresKeys = config.boolean("partitioner.ignore.keys");
  }

  /** The partition, or −1 when the sticky one decides. */
  byKey(key: Uint8Array | null, partitionCount: number): number {
    if (key === null || this.#ignoresKeys || this.#isRoundRobin) return -1;
    return partitionForKey(key, partitionCount);
  }

  /** The first sticky partition of a topic. */
  begin(topic: TopicMetadata): StickyPartition {
    return { partition: this.#draw(topic, -1), bytes: 0 };
  }

  /**
   * A record of `bytes` went to the sticky partition. `isAtBatchEnd`: the batch there takes no more, so a
   * change wastes nothing.
   */
  appended(sticky: StickyPartition, topic: TopicMetadata, bytes: number, isAtBatchEnd: boolean): void {
    sticky.bytes += bytes;
    const isOver = sticky.bytes >= this.#stickyBytes && isAtBatchEnd;
    if (this.#isRoundRobin || isOver || sticky.bytes >= 2 * this.#stickyBytes) this.change(sticky, topic);
  }

  /** Draws another partition. */
  change(sticky: StickyPartition, topic: TopicMetadata): void {
    sticky.partition = this.#draw(topic, sticky.partition);
    sticky.bytes = 0;
  }

  /** A partition with a leader if there is one, of all otherwise. */
  #draw(topic: TopicMetadata, present: number): number {
    const { partitions } = topic;
    const start = this.#isRoundRobin ? present + 1 : this.#random.below(partitions.length);
    for (let index = 0; index < partitions.length; index += 1) {
      const candidate = (start + index) % partitions.length;
      if ((partitions[candidate]?.leaderId ?? -1) >= 0) return candidate;
    }
    return start % partitions.length;
  }
}
