// ListOffsets as a consumer needs it: offsets by timestamp for partitions of any leaders, one attempt. Each
// partition is answered once, with an offset, with "there is none", or with the error that stood in the way.
// Not here: trying again, which the two users of it do in different ways.
import {
  errorForCode,
  errors,
  type ListOffsetsRequest,
  makeListOffsetsRequest,
  makeListOffsetsRequestListOffsetsPartition,
} from "@ottla/protocol";
import type { TopicPartition } from "../../assignors/topic-partition.ts";
import { errorOfRpc, KafkaError } from "../../errors/kafka-error.ts";
import { listOffsetsApi } from "../consumer-apis.ts";
import type { ConsumerContext } from "../consumer-context.ts";
import { partitionKey } from "../topic-partition-map.ts";

/** Special timestamps: before the first record, and behind the last. */
export const EARLIEST_TIMESTAMP: number = -2;
export const LATEST_TIMESTAMP: number = -1;

/** A found offset. */
export interface FoundOffset {
  readonly offset: number;
  /** Of the record found; −1 for the special timestamps. */
  readonly timestamp: number;
  /** Null when unknown. */
  readonly leaderEpoch: number | null;
}

/** What to look for. */
export interface OffsetQuery extends TopicPartition {
  /** Milliseconds, or a special timestamp. */
  readonly timestamp: number;
}

/** Null: no record is so new. */
export type OffsetAnswer = FoundOffset | KafkaError | null;

/**
 * Whether the same question may be answered later. As in Apache Kafka a broker's unexpected error is asked
 * about again, though nothing says that it will pass.
 */
export function isWorthAskingAgain(error: KafkaError): boolean {
  return error.isRetriable || error.spec === errors.UNKNOWN_SERVER_ERROR;
}

/** `answered` runs once per query, in a later turn. */
export function lookUpOffsets<Query extends OffsetQuery>(
  context: ConsumerContext,
  queries: readonly Query[],
  answered: (query: Query, answer: OffsetAnswer) => void,
): void {
  const { connections } = context;
  const byLeader = new Map<number, Query[]>();
  for (const query of queries) {
    const leader = connections.metadata.leader(query.topic, query.partition);
    if (leader === null || leader.node === null) {
      const error = new KafkaError(leaderError(context, query.topic));
      connections.ports.turn.atEnd(() => answered(query, error));
      continue;
    }
    const list = byLeader.get(leader.leaderId);
    if (list === undefined) byLeader.set(leader.leaderId, [query]);
    else list.push(query);
  }
  for (const [leaderId, list] of byLeader) askLeader(context, leaderId, list, answered);
}

/** A topic that may not be read is an error for good; one that is not known yet may come. */
function leaderError(context: ConsumerContext, topic: string): typeof errors.LEADER_NOT_AVAILABLE {
  const error = context.connections.metadata.topicError(topic);
  return error !== null && !error.retriable ? error : errors.LEADER_NOT_AVAILABLE;
}

function askLeader<Query extends OffsetQuery>(
  context: ConsumerContext,
  leaderId: number,
  queries: readonly Query[],
  answered: (query: Query, answer: OffsetAnswer) => void,
): void {
  const { connections } = context;
  const build = (version: number): ListOffsetsRequest => requestOf(context, queries, version);
  connections.send({ lookUp: leaderId }, listOffsetsApi, build, {}, (result) => {
    if (result.kind === "failed") {
      const error = errorOfRpc(result.error);
      connections.requestUpdate();
      for (const query of queries) answered(query, error);
      return;
    }
    const answers = new Map<string, OffsetAnswer>();
    for (const { name: topic, partitions } of result.response.topics) {
      for (const each of partitions) {
        answers.set(partitionKey({ topic, partition: each.partitionIndex }), offsetAnswer(each));
      }
    }
    for (const query of queries) {
      const key = partitionKey(query);
      const answer = answers.has(key) ? answers.get(key)! : new KafkaError(errors.UNKNOWN_SERVER_ERROR);
      if (answer instanceof KafkaError && answer.spec.invalidatesMetadata) connections.requestUpdate();
      answered(query, answer);
    }
  });
}

function requestOf(
  context: ConsumerContext,
  queries: readonly OffsetQuery[],
  version: number,
): ListOffsetsRequest {
  const { settings, connections } = context;
  const topics = new Map<string, ListOffsetsRequest.ListOffsetsTopic>();
  for (const { topic, partition, timestamp } of queries) {
    const entry = topics.get(topic) ?? { name: topic, partitions: [] };
    topics.set(topic, entry);
    entry.partitions.push(
      makeListOffsetsRequestListOffsetsPartition({
        partitionIndex: partition,
        currentLeaderEpoch:
          version < 4 ? -1 : (connections.metadata.leader(topic, partition)?.leaderEpoch ?? -1),
        timestamp: BigInt(timestamp),
      }),
    );
  }
  return makeListOffsetsRequest({
    isolationLevel: version >= 2 && settings.isReadCommitted ? 1 : 0,
    topics: [...topics.values()],
    ...(version >= 10 ? { timeoutMs: settings.requestTimeoutMs } : {}),
  });
}

function offsetAnswer(answer: {
  readonly errorCode: number;
  readonly timestamp: bigint;
  readonly offset: bigint;
  readonly leaderEpoch: number;
}): OffsetAnswer {
  const { errorCode, timestamp, offset, leaderEpoch } = answer;
  if (errorCode !== errors.NONE.code) return new KafkaError(errorForCode(errorCode));
  if (offset < 0n) return null;
  return {
    offset: Number(offset),
    timestamp: Number(timestamp),
    leaderEpoch: leaderEpoch < 0 ? null : leaderEpoch,
  };
}
