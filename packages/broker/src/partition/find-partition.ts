// From a name and an index to this broker's replica, or to the error that says why it cannot be used here.
import { type ErrorSpec, errors } from "@ottla/protocol";
import type { MetadataCache } from "../broker-services.ts";
import type { Partition } from "./partition.ts";
import type { PartitionRegistry } from "./partition-registry.ts";

/** What the look-up needs of a broker. */
export interface PartitionLookUp {
  readonly metadata: MetadataCache;
  readonly partitions: PartitionRegistry;
}

/** NOT_LEADER_OR_FOLLOWER when the partition exists elsewhere, so that clients refresh their metadata. */
export function findPartition(broker: PartitionLookUp, topic: string, index: number): Partition | ErrorSpec {
  const partition = broker.partitions.find(topic, index);
  if (partition !== null) return partition;
  return broker.metadata.image.topics.byName(topic)?.partitions[index] === undefined
    ? errors.UNKNOWN_TOPIC_OR_PARTITION
    : errors.NOT_LEADER_OR_FOLLOWER;
}
