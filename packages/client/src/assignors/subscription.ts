// The consumer protocol inside JoinGroup and SyncGroup: what a member subscribes to and what it gets. An
// int16 version stands before each message; a newer version than known is read as the newest known, since
// versions only add fields. Bytes of foreign members are hostile: decoding throws DecodeError, never more.
import {
  DecodeError,
  decodeConsumerProtocolAssignment,
  decodeConsumerProtocolSubscription,
  encodeConsumerProtocolAssignment,
  encodeConsumerProtocolSubscription,
  Reader,
  Writer,
} from "@ottla/protocol";
import { groupByTopic, type TopicPartition } from "./topic-partition.ts";

const SUBSCRIPTION_VERSION_MAX = 3;
const ASSIGNMENT_VERSION_MAX = 3;

/** A member's subscription, as the leader of the group sees it. */
export interface MemberSubscription {
  readonly topics: readonly string[];
  readonly ownedPartitions: readonly TopicPartition[];
  /** Generation in which `ownedPartitions` were owned; −1 is none. */
  readonly generationId: number;
  readonly rackId: string | null;
  /** From the JoinGroup answer, not from the subscription's bytes. */
  readonly groupInstanceId: string | null;
  readonly userData: Uint8Array | null;
}

/** What a member gets. */
export interface MemberAssignment {
  readonly partitions: readonly TopicPartition[];
  readonly userData: Uint8Array | null;
}

/** The newest version: owned partitions are grouped by topic. */
export function encodeSubscription(subscription: MemberSubscription): Uint8Array {
  const writer = new Writer();
  writer.int16(SUBSCRIPTION_VERSION_MAX);
  const message = {
    topics: [...subscription.topics],
    userData: subscription.userData,
    ownedPartitions: groupByTopic(subscription.ownedPartitions),
    generationId: subscription.generationId,
    rackId: subscription.rackId,
  };
  encodeConsumerProtocolSubscription(writer, message, SUBSCRIPTION_VERSION_MAX);
  return writer.toBytes();
}

/** Throws `DecodeError`. `groupInstanceId` is the member's, from the JoinGroup answer. */
export function decodeSubscription(bytes: Uint8Array, groupInstanceId: string | null): MemberSubscription {
  const reader = new Reader(bytes);
  const version = readVersion(reader, SUBSCRIPTION_VERSION_MAX);
  const message = decodeConsumerProtocolSubscription(reader, version);
  return {
    topics: message.topics,
    ownedPartitions: flatten(message.ownedPartitions),
    generationId: message.generationId,
    rackId: message.rackId === "" ? null : message.rackId,
    groupInstanceId,
    userData: message.userData,
  };
}

export function encodeAssignment(assignment: MemberAssignment): Uint8Array {
  const writer = new Writer();
  writer.int16(ASSIGNMENT_VERSION_MAX);
  const message = {
    assignedPartitions: groupByTopic(assignment.partitions),
    userData: assignment.userData,
  };
  encodeConsumerProtocolAssignment(writer, message, ASSIGNMENT_VERSION_MAX);
  return writer.toBytes();
}

/** Throws `DecodeError`. No bytes at all are an empty assignment, which a leader may send. */
export function decodeAssignment(bytes: Uint8Array): MemberAssignment {
  if (bytes.length === 0) return { partitions: [], userData: null };
  const reader = new Reader(bytes);
  const version = readVersion(reader, ASSIGNMENT_VERSION_MAX);
  const message = decodeConsumerProtocolAssignment(reader, version);
  return { partitions: flatten(message.assignedPartitions), userData: message.userData };
}

function readVersion(reader: Reader, versionMax: number): number {
  const version = reader.int16();
  if (version < 0) throw new DecodeError(`the consumer protocol has no version ${version}`);
  return Math.min(version, versionMax);
}

function flatten(topics: readonly { topic: string; partitions: number[] }[]): TopicPartition[] {
  return topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
}
