// Topics as an image holds them, for tests of what clients are told.
import type { PartitionRegistration, TopicImage } from "@ottla/metadata";
import type { Uuid } from "@ottla/protocol";

/** A topic whose partitions all live on broker 1, which leads them. */
export function testTopic(
  name: string,
  id: Uuid,
  partitions = 1,
  changes: Partial<PartitionRegistration> = {},
): TopicImage {
  const partition = {
    replicas: [1],
    directories: ["AAAAAAAAAAAAAAAAAAAAAA"],
    isr: [1],
    elr: [],
    lastKnownElr: [],
    addingReplicas: [],
    removingReplicas: [],
    leader: 1,
    leaderRecoveryState: 0,
    leaderEpoch: 0,
    partitionEpoch: 0,
    ...changes,
  } as unknown as PartitionRegistration;
  return { name, id, partitions: Array.from({ length: partitions }, () => partition) };
}
