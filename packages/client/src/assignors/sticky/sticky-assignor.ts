// Assignor `sticky`: as even as possible, and as much as possible stays where it was. Eager: members revoke
// everything before they join, so what a member had travels in its user data.
//
//   topic count int32 │ (topic string, partition count int32, partition int32 …)* │ generation int32
// Old members send it without the generation.
import { DecodeError, Reader, Writer } from "@ottla/protocol";
import type { Assignor } from "../assignor.ts";
import type { MemberSubscription } from "../subscription.ts";
import { groupByTopic, type TopicPartition } from "../topic-partition.ts";
import { assignSticky } from "./assign-sticky.ts";
import { type MemberClaim, NO_GENERATION } from "./previous-owners.ts";

const TOPIC_BYTES_MIN = 6;
const PARTITION_BYTES = 4;

/** The user data of a member that had `partitions` in `generation`. */
function encodeStickyUserData(partitions: readonly TopicPartition[], generation: number): Uint8Array {
  const writer = new Writer();
  const topics = groupByTopic(partitions);
  writer.arrayLength(topics.length);
  for (const topic of topics) {
    writer.string(topic.topic);
    writer.arrayLength(topic.partitions.length);
    for (const partition of topic.partitions) writer.int32(partition);
  }
  writer.int32(generation);
  return writer.toBytes();
}

/** What cannot be read is no claim: the member loses its stickiness, the group goes on. */
function decodeStickyUserData(userData: Uint8Array | null): MemberClaim {
  if (userData === null || userData.length === 0) return { partitions: [], generation: null };
  try {
    const reader = new Reader(userData);
    const partitions: TopicPartition[] = [];
    for (let topics = reader.arrayLength(TOPIC_BYTES_MIN); topics > 0; topics--) {
      const topic = reader.string();
      for (let left = reader.arrayLength(PARTITION_BYTES); left > 0; left--) {
        partitions.push({ topic, partition: reader.int32() });
      }
    }
    return { partitions, generation: reader.remaining >= PARTITION_BYTES ? reader.int32() : null };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { partitions: [], generation: NO_GENERATION };
  }
}

export const stickyAssignor: Assignor = {
  name: "sticky",
  protocols: ["eager"],
  userData({ partitions, generationId }) {
    return generationId < 0 ? null : encodeStickyUserData(partitions, generationId);
  },
  assign(topics, subscriptions) {
    const claimOf = ({ userData }: MemberSubscription): MemberClaim => decodeStickyUserData(userData);
    return assignSticky(topics, subscriptions, claimOf);
  },
};
