// A Produce that names a partition more than once. No client does; Apache Kafka then appends the records
// named last and answers the partition once, and so do we, since two answers for one partition cannot be told
// apart.
import { endsPiece, type Pieces, runWhole } from "@ottla/ports";
import { makeProduceRequestTopicProduceData, type ProduceRequest } from "@ottla/protocol";

type Topic = ProduceRequest.TopicProduceData;
type PartitionRecords = ProduceRequest.PartitionProduceData;

/**
 * The request's topics, each named once with each partition once; the very same array when they are already.
 */
export function withoutRepeats(topics: readonly Topic[]): readonly Topic[] {
  // Most requests name one partition: nothing is allocated for those.
  if (topics.length === 1 && topics[0]?.partitionData.length === 1) return topics;
  return runWhole(withoutRepeatsInPieces(topics));
}

/** The same in pieces. */
export function* withoutRepeatsInPieces(topics: readonly Topic[]): Pieces<readonly Topic[]> {
  if (!(yield* hasRepeats(topics))) return topics;
  const merged = new Map<
    string,
    { readonly topic: Topic; readonly partitions: Map<number, PartitionRecords> }
  >();
  let items = 0;
  for (const topic of topics) {
    const key = topicKey(topic);
    let into = merged.get(key);
    if (into === undefined) {
      into = { topic, partitions: new Map() };
      merged.set(key, into);
    }
    for (const partition of topic.partitionData) {
      into.partitions.set(partition.index, partition);
      if (endsPiece(++items)) yield;
    }
  }
  return [...merged.values()].map(({ topic: { name, topicId }, partitions }) =>
    makeProduceRequestTopicProduceData({ name, topicId, partitionData: [...partitions.values()] }),
  );
}

function* hasRepeats(topics: readonly Topic[]): Pieces<boolean> {
  const names = new Set<string>();
  let items = 0;
  for (const topic of topics) {
    const key = topicKey(topic);
    if (names.has(key)) return true;
    names.add(key);
    if (endsPiece(++items)) yield;
    if (topic.partitionData.length === 1) continue;
    const indexes = new Set<number>();
    for (const { index } of topic.partitionData) {
      if (indexes.has(index)) return true;
      indexes.add(index);
      if (endsPiece(++items)) yield;
    }
  }
  return false;
}

/** Either the name or the id is empty, by version. */
function topicKey(topic: Topic): string {
  return `${topic.name}/${topic.topicId}`;
}
