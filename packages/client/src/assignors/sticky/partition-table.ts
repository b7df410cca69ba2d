// The partitions of an assignment as small integers: topics in order of name, partitions of a topic in a
// row. So sorting ids sorts by topic and partition, and what is known of a partition lies in plain arrays.
import type { AssignableTopics } from "../assignor.ts";
import type { TopicPartition } from "../topic-partition.ts";

export class PartitionTable {
  readonly count: number;
  readonly topics: readonly string[];
  readonly #bases = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  readonly #partitions: TopicPartition[] = [];
  readonly #racks: (readonly string[])[] = [];

  /** Only topics in `subscribed` have a place. */
  constructor(topics: AssignableTopics, subscribed: ReadonlySet<string>) {
    this.topics = [...topics.keys()].filter((topic) => subscribed.has(topic)).sort();
    for (const topic of this.topics) {
      const racks = topics.get(topic) ?? [];
      this.#bases.set(topic, this.#partitions.length);
      this.#counts.set(topic, racks.length);
      for (const [partition, names] of racks.entries()) {
        this.#partitions.push({ topic, partition });
        this.#racks.push(names);
      }
    }
    this.count = this.#partitions.length;
  }

  /** Null when there is no such partition (any more). */
  idOf({ topic, partition }: TopicPartition): number | null {
    const count = this.#counts.get(topic) ?? 0;
    return partition >= 0 && partition < count ? (this.#bases.get(topic) ?? 0) + partition : null;
  }

  partition(id: number): TopicPartition {
    return this.#partitions[id]!;
  }

  topicOf(id: number): string {
    return this.#partitions[id]!.topic;
  }

  /** Racks of the partition's replicas. */
  racks(id: number): readonly string[] {
    return this.#racks[id]!;
  }

  partitionCount(topic: string): number {
    return this.#counts.get(topic) ?? 0;
  }

  /** The ids of a topic's partitions, in order. */
  idsOf(topic: string): number[] {
    const base = this.#bases.get(topic) ?? 0;
    return Array.from({ length: this.partitionCount(topic) }, (_, partition) => base + partition);
  }
}
