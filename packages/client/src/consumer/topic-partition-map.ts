// A map by topic and partition, whichever objects name them. Results that are "per partition" are of this
// type; arguments may be any list of pairs, so a plain Map will do.
import type { TopicPartition } from "../assignors/topic-partition.ts";

/** Pairs of a partition and what belongs to it. */
export type PartitionEntries<Value> = Iterable<readonly [TopicPartition, Value]>;

/** The text that names a partition in maps: the last dash ends the topic's name. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

export class TopicPartitionMap<Value> {
  readonly #entries = new Map<string, readonly [TopicPartition, Value]>();

  constructor(entries: PartitionEntries<Value> = []) {
    for (const [partition, value] of entries) this.set(partition, value);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(partition: TopicPartition): Value | undefined {
    return this.#entries.get(partitionKey(partition))?.[1];
  }

  has(partition: TopicPartition): boolean {
    return this.#entries.has(partitionKey(partition));
  }

  set({ topic, partition }: TopicPartition, value: Value): this {
    this.#entries.set(partitionKey({ topic, partition }), [{ topic, partition }, value]);
    return this;
  }

  delete(partition: TopicPartition): boolean {
    return this.#entries.delete(partitionKey(partition));
  }

  keys(): TopicPartition[] {
    return [...this.#entries.values()].map(([partition]) => partition);
  }

  values(): Value[] {
    return [...this.#entries.values()].map(([, value]) => value);
  }

  [Symbol.iterator](): Iterator<readonly [TopicPartition, Value]> {
    return this.#entries.values();
  }
}
