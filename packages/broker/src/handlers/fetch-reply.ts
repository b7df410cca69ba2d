// The response of Fetch as the broker holds it, and how it is written: numbers instead of bigint, and records
// as the views that the log lent. Byte for byte what the generated encoder writes (a test compares them);
// only this side of Fetch is made by hand, as it carries every byte that consumers read. Invariant: written
// while the partitions still hold this poll's outcome; the records are the reply's own.
import type { LogSlice } from "@ottla/log";
import { endsPiece, type Pieces, runWhole } from "@ottla/ports";
import {
  type ApiCodec,
  apiCodecs,
  apiKeys,
  type ErrorSpec,
  errors,
  type FetchRequest,
  type Writer,
  ZERO_UUID,
} from "@ottla/protocol";
import type { BrokerNode } from "../cluster-view/nodes.ts";
import { fetchWish } from "../fetch-session/fetch-wish.ts";
import { PartitionFetch } from "../partition/partition-fetch.ts";

/** One response. */
export interface FetchReply {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly sessionId: number;
  /** Neighbours of one topic share an entry. */
  readonly partitions: readonly PartitionFetch[];
  /** The records of each partition. */
  readonly slices: readonly LogSlice[];
  /** Addresses of the leaders named by partitions. */
  readonly nodes: readonly BrokerNode[];
}

/** A reply; the records, taken from the partitions unless they were before, are its own from now on. */
export function fetchReply(
  fields: Omit<FetchReply, "throttleTimeMs" | "slices">,
  slices: readonly LogSlice[] = fields.partitions.map((partition) => partition.takeSlice()),
): FetchReply {
  return { ...fields, slices, throttleTimeMs: 0 };
}

const flexibleVersion = 12;
const topicIdVersion = 13;
const nodesVersion = 16;

/** Fetch with the hand-made response; requests and everything a client does are the generated ones. */
export const fetchCodec: ApiCodec<FetchRequest, FetchReply> = {
  ...(apiCodecs[apiKeys.Fetch] as unknown as ApiCodec<FetchRequest, FetchReply>),
  encodeResponse: encodeFetchReply,
};

export function encodeFetchReply(writer: Writer, reply: FetchReply, version: number): void {
  writeHead(writer, reply, version, runWhole(topicCount(reply.partitions)));
  let topic: PartitionFetch | null = null;
  for (let at = 0; at < reply.partitions.length; at += 1)
    topic = writeEntry(writer, reply, version, at, topic);
  writeEnd(writer, reply, version);
}

/** The same in pieces. */
export function* encodeFetchReplyInPieces(writer: Writer, reply: FetchReply, version: number): Pieces<void> {
  writeHead(writer, reply, version, yield* topicCount(reply.partitions));
  let topic: PartitionFetch | null = null;
  for (let at = 0; at < reply.partitions.length; at += 1) {
    topic = writeEntry(writer, reply, version, at, topic);
    if (endsPiece(at + 1)) yield;
  }
  writeEnd(writer, reply, version);
}

function writeHead(writer: Writer, reply: FetchReply, version: number, topics: number): void {
  writer.int32(reply.throttleTimeMs);
  if (version >= 7) {
    writer.int16(reply.errorCode);
    writer.int32(reply.sessionId);
  }
  writeArrayLength(writer, topics, version >= flexibleVersion);
}

/** Writes one partition, before it what its topic needs; returns the entry that its topic began with. */
function writeEntry(
  writer: Writer,
  reply: FetchReply,
  version: number,
  at: number,
  topic: PartitionFetch | null,
): PartitionFetch {
  const isFlexible = version >= flexibleVersion;
  const partition = reply.partitions[at] as PartitionFetch;
  const isSame = topic !== null && isSameTopic(topic, partition);
  if (!isSame) {
    if (topic !== null && isFlexible) writer.uvarint(0);
    writeTopic(writer, partition, version);
    writeArrayLength(writer, runLength(reply.partitions, at), isFlexible);
  }
  writePartition(writer, partition, reply.slices[at] as LogSlice, version);
  return isSame ? (topic as PartitionFetch) : partition;
}

function writeEnd(writer: Writer, reply: FetchReply, version: number): void {
  if (version < flexibleVersion) return;
  if (reply.partitions.length > 0) writer.uvarint(0);
  writeNodes(writer, version >= nodesVersion ? reply.nodes : []);
}

function writeTopic(writer: Writer, partition: PartitionFetch, version: number): void {
  if (version >= topicIdVersion) writer.uuid(partition.topicId);
  else if (version >= flexibleVersion) writer.compactString(partition.topic ?? "");
  else writer.string(partition.topic ?? "");
}

function writePartition(writer: Writer, partition: PartitionFetch, slice: LogSlice, version: number): void {
  const isFlexible = version >= flexibleVersion;
  writer.int32(partition.index);
  writer.int16(errorCode(partition.error, version));
  writeInt64(writer, partition.highWatermark);
  writeInt64(writer, partition.lastStableOffset);
  if (version >= 5) writeInt64(writer, partition.logStartOffset);
  const aborted = partition.abortedTransactions;
  writeArrayLength(writer, aborted?.length ?? -1, isFlexible);
  for (const { producerId, firstOffset } of aborted ?? []) {
    writeInt64(writer, producerId);
    writeInt64(writer, firstOffset);
    if (isFlexible) writer.uvarint(0);
  }
  // No preferred read replica.
  if (version >= 11) writer.int32(-1);
  if (isFlexible) writer.uvarint(slice.bytes + 1);
  else writer.int32(slice.bytes);
  for (const part of slice.parts) writer.raw(part);
  if (isFlexible) writePartitionTags(writer, partition, version);
}

function writePartitionTags(writer: Writer, partition: PartitionFetch, version: number): void {
  const hasDivergence = partition.divergingEpoch >= 0;
  const hasLeader = namesLeader(partition, version);
  writer.uvarint(Number(hasDivergence) + Number(hasLeader));
  if (hasDivergence) {
    const mark = writer.beginTag(0);
    writer.int32(partition.divergingEpoch);
    writeInt64(writer, partition.divergingEndOffset);
    writer.uvarint(0);
    writer.endTag(mark);
  }
  if (hasLeader) {
    const mark = writer.beginTag(1);
    writer.int32(partition.leaderId);
    writer.int32(partition.leaderEpoch);
    writer.uvarint(0);
    writer.endTag(mark);
  }
}

/** True when the partition's answer names the leader to ask instead (KIP-951). */
function namesLeader(partition: PartitionFetch, version: number): boolean {
  if (version < nodesVersion) return false;
  if (partition.error !== errors.NOT_LEADER_OR_FOLLOWER && partition.error !== errors.FENCED_LEADER_EPOCH)
    return false;
  return partition.leaderId !== -1 || partition.leaderEpoch !== -1;
}

function writeNodes(writer: Writer, nodes: readonly BrokerNode[]): void {
  writer.uvarint(nodes.length === 0 ? 0 : 1);
  if (nodes.length === 0) return;
  const mark = writer.beginTag(0);
  writer.compactArrayLength(nodes.length);
  for (const { nodeId, host, port, rack } of nodes) {
    writer.int32(nodeId);
    writer.compactString(host);
    writer.int32(port);
    writer.compactNullableString(rack);
    writer.uvarint(0);
  }
  writer.endTag(mark);
}

// Before v6 clients do not know KAFKA_STORAGE_ERROR and would not look for another leader.
function errorCode(error: ErrorSpec, version: number): number {
  const isUnknown = version <= 5 && error === errors.KAFKA_STORAGE_ERROR;
  return isUnknown ? errors.NOT_LEADER_OR_FOLLOWER.code : error.code;
}

function* topicCount(partitions: readonly PartitionFetch[]): Pieces<number> {
  let count = 0;
  let before: PartitionFetch | null = null;
  let items = 0;
  for (const partition of partitions) {
    if (before === null || !isSameTopic(before, partition)) count += 1;
    before = partition;
    if (endsPiece(++items)) yield;
  }
  return count;
}

function runLength(partitions: readonly PartitionFetch[], from: number): number {
  const first = partitions[from] as PartitionFetch;
  let end = from + 1;
  for (let next = partitions[end]; next !== undefined && isSameTopic(first, next); next = partitions[end])
    end += 1;
  return end - from;
}

function isSameTopic(left: PartitionFetch, right: PartitionFetch): boolean {
  return left.topicId === right.topicId && left.topic === right.topic;
}

function writeArrayLength(writer: Writer, count: number, isFlexible: boolean): void {
  if (isFlexible) writer.compactArrayLength(count);
  else writer.arrayLength(count);
}

/** A safe integer, or -1. */
function writeInt64(writer: Writer, value: number): void {
  writer.int32(Math.floor(value / 0x1_0000_0000));
  writer.uint32(value >>> 0);
}

/**
 * The answer when the whole request fails: it names the partitions as long as they have names, as Apache
 * Kafka does.
 */
export function fetchErrorReply(request: FetchRequest, error: ErrorSpec): FetchReply {
  const partitions: PartitionFetch[] = [];
  for (const topic of request.topics) {
    if (topic.topicId !== ZERO_UUID) continue;
    for (const wanted of topic.partitions) {
      const partition = new PartitionFetch(ZERO_UUID, topic.topic, wanted.partition, fetchWish(wanted));
      partition.refuse(error);
      partitions.push(partition);
    }
  }
  return fetchReply({ errorCode: error.code, sessionId: request.sessionId, partitions, nodes: [] });
}
