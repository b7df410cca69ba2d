// The two messages inside a consumer's group requests: what a member subscribes to and owns, and what it is
// assigned. The user data carries how many partitions the member knows of, so that news of a grown topic
// changes the subscription.
import {
  decodeConsumerProtocolAssignment,
  decodeConsumerProtocolSubscription,
  encodeConsumerProtocolAssignment,
  encodeConsumerProtocolSubscription,
  makeConsumerProtocolAssignment,
  makeConsumerProtocolAssignmentTopicPartition,
  makeConsumerProtocolSubscription,
  makeConsumerProtocolSubscriptionTopicPartition,
  Reader,
  Writer,
} from "@ottla/protocol";

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** What a member says when it joins. */
export interface Subscription {
  readonly topics: readonly string[];
  readonly owned: readonly TopicPartition[];
  readonly generation: number;
  /** Partitions of all topics that the member has heard of. */
  readonly partitionsKnown: number;
}

const SUBSCRIPTION_VERSION = 3;
const ASSIGNMENT_VERSION = 1;

export function encodeSubscription({ topics, owned, generation, partitionsKnown }: Subscription): Uint8Array {
  const userData = new Uint8Array(4);
  new DataView(userData.buffer).setInt32(0, partitionsKnown);
  const message = makeConsumerProtocolSubscription({
    topics: [...topics],
    userData,
    ownedPartitions: byTopic(owned).map(([topic, partitions]) =>
      makeConsumerProtocolSubscriptionTopicPartition({ topic, partitions }),
    ),
    generationId: generation,
  });
  return versioned(SUBSCRIPTION_VERSION, (writer) =>
    encodeConsumerProtocolSubscription(writer, message, SUBSCRIPTION_VERSION),
  );
}

export function decodeSubscription(bytes: Uint8Array): Subscription {
  const reader = new Reader(bytes);
  const { topics, userData, ownedPartitions, generationId } = decodeConsumerProtocolSubscription(
    reader,
    reader.int16(),
  );
  if (userData === null || reader.remaining > 0) throw new Error("a subscription came back changed");
  return {
    topics,
    owned: flat(ownedPartitions),
    generation: generationId,
    partitionsKnown: new DataView(userData.buffer, userData.byteOffset).getInt32(0),
  };
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Uint8Array {
  const message = makeConsumerProtocolAssignment({
    assignedPartitions: byTopic(partitions).map(([topic, of]) =>
      makeConsumerProtocolAssignmentTopicPartition({ topic, partitions: of }),
    ),
  });
  return versioned(ASSIGNMENT_VERSION, (writer) =>
    encodeConsumerProtocolAssignment(writer, message, ASSIGNMENT_VERSION),
  );
}

/** No bytes: the leader left the member out. */
export function decodeAssignment(bytes: Uint8Array): TopicPartition[] {
  if (bytes.length === 0) return [];
  const reader = new Reader(bytes);
  return flat(decodeConsumerProtocolAssignment(reader, reader.int16()).assignedPartitions);
}

function versioned(version: number, write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer();
  writer.int16(version);
  write(writer);
  const { parts, bytes } = writer.finish();
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function byTopic(partitions: readonly TopicPartition[]): [string, number[]][] {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const of = topics.get(topic);
    if (of === undefined) topics.set(topic, [partition]);
    else of.push(partition);
  }
  return [...topics];
}

function flat(
  topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
): TopicPartition[] {
  return topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
}
