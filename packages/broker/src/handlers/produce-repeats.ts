// A Produce that names a partition more than once. No client does; Apache Kafka then appends the records
// named last and answers the partition once, and so do we, since two answers for one partition cannot be told
// apart.
import { makeProduceRequestTopicProduceData, type ProduceRequest } from "@ottla/protocol";

type Topic = ProduceRequest.TopicProduceData;
type PartitionRecords = ProduceRequest.PartitionProduceData;

/**
 * The request's topics, each named once with each partition once; the very same array when they are already.
 */
export function topicsWithoutRepeats(topics: readonly Topic[]): readonly Topic[] {
  if (!hasRepeats(topics)) return topics;
  const merged = new Map<
    string,
    { readonly topic: Topic; readonly partitions: Map<number, PartitionRecords> }
  >();
  for (const topic of topics) {
    const key = topicKey(topic);
    let into = merged.get(key);
    if (into === undefined) {
      into = { topic, partitions: new Map() };
      merged.set(key, into);
    }
    for (const partition of topic.partitionData) into.partitions.set(partition.index, partition);
  }
  return [...merged.values()].map(({ topic: { name, topicId }, partitions }) =>
    makeProduceRequestTopicProduceData({ name, topicId, partitionData: [...partitions.values()] }),
  );
}

// Most requests name one partition, or few of few topics: nothing is allocated for those of one.
function hasRepeats(topics: readonly Topic[]): boolean {
  if (topics.length === 1 && topics[0]?.partitionData.length === 1) return false;
  const names = new Set<string>();
  for (const topic of topics) {
    const key = topicKey(topic);
    if (names.has(key)) return true;
    names.add(key);
    if (topic.partitionData.length === 1) continue;
    const indexes = new Set<number>();
    for (const { index } of topic.partitionData) {
      if (indexes.has(index)) return true;
      indexes.add(index);
    }
  }
  return false;
}

/** Either the name or the id is empty, by version. */
function topicKey(topic: Topic): string {
  return `${topic.name}/${topic.topicId}`;
}
