// The order in which Java's HashMap walks its keys, where Kafka's tools print one: scripts see the same lines
// in the same order.
import { javaStringHash } from "@ottla/protocol";

const CAPACITY_MIN = 16;
const LOAD_MAX = 0.75;

/** The hash of a topic's partition, as a key of Java's maps. */
export function javaPartitionHash(partition: { readonly topic: string; readonly partition: number }): number {
  return (Math.imul(31, 31 + partition.partition) + javaStringHash(partition.topic)) | 0;
}

/**
 * `items` in the order of a HashMap with these keys. `capacity` is what the map was made for; one that grew
 * by itself begins at 16.
 */
export function javaHashOrder<Item>(
  items: Iterable<Item>,
  hashOf: (item: Item) => number,
  capacity: number = CAPACITY_MIN,
): Item[] {
  const all = [...items];
  let buckets = 1;
  while (buckets < capacity) buckets *= 2;
  while (all.length > buckets * LOAD_MAX) buckets *= 2;
  const bucketOf = (item: Item): number => {
    const hash = hashOf(item);
    return (hash ^ (hash >>> 16)) & (buckets - 1);
  };
  // Stable: within a bucket keys stay in the order they came.
  return all.toSorted((left, right) => bucketOf(left) - bucketOf(right));
}

/** Names in the order of a HashMap. */
export function javaNameOrder(names: Iterable<string>, capacity?: number): string[] {
  return javaHashOrder(names, javaStringHash, capacity);
}
