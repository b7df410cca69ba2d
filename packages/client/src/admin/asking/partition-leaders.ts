// Calls that each partition's leader must answer: leaders are looked up, each is asked about its partitions,
// and what moved meanwhile is looked up again until the time is over.
import {
  errorForCode,
  errors,
  makeMetadataRequest,
  makeMetadataRequestMetadataRequestTopic,
} from "@ottla/protocol";
import type { TopicPartition } from "../../assignors/topic-partition.ts";
import { metadataApi } from "../../cluster/apis.ts";
import { delay } from "../../cluster/call.ts";
import { TopicPartitionMap } from "../../consumer/topic-partition-map.ts";
import { KafkaError, TimeoutError } from "../../errors/kafka-error.ts";
import { type AdminContext, anyNode } from "../admin-context.ts";

/** The question to one leader. The answer may leave partitions out; those count as unknown. */
export type AskLeader<Value> = (
  nodeId: number,
  partitions: readonly TopicPartition[],
  deadlineMs: number,
) => Promise<TopicPartitionMap<Value | KafkaError>>;

interface Progress<Value> {
  readonly results: TopicPartitionMap<Value | KafkaError>;
  /** Why each partition that is still open has no result yet. */
  readonly open: TopicPartitionMap<KafkaError | null>;
}

/** Results by partition; those without a leader in time have a `TimeoutError`. */
export async function askLeaders<Value>(
  context: AdminContext,
  name: string,
  partitions: Iterable<TopicPartition>,
  deadlineMs: number,
  ask: AskLeader<Value>,
): Promise<TopicPartitionMap<Value | KafkaError>> {
  const progress: Progress<Value> = { results: new TopicPartitionMap(), open: new TopicPartitionMap() };
  for (const partition of partitions) progress.open.set(partition, null);
  for (let round = 0; progress.open.size > 0; round += 1) {
    if (round > 0) {
      const delayMs = context.connections.retryBackOff.delayMs(round - 1);
      await delay(context.connections, Math.min(delayMs, context.remainingMs(deadlineMs)));
    }
    if (context.remainingMs(deadlineMs) <= 0 || context.connections.isClosed) {
      timeOut(context, `${name}(api=METADATA)`, progress, deadlineMs, round);
      break;
    }
    try {
      const leaders = await findLeaders(context, name, progress, deadlineMs);
      await Promise.all(
        Array.from(leaders, ([nodeId, own]) => askOne(progress, ask, nodeId, own, deadlineMs)),
      );
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      for (const partition of progress.open.keys()) progress.results.set(partition, error);
      break;
    }
  }
  return progress.results;
}

function settle<Value>(
  progress: Progress<Value>,
  partition: TopicPartition,
  value: Value | KafkaError,
): void {
  if (value instanceof KafkaError && value.isRetriable) {
    progress.open.set(partition, value);
    return;
  }
  progress.open.delete(partition);
  progress.results.set(partition, value);
}

async function askOne<Value>(
  progress: Progress<Value>,
  ask: AskLeader<Value>,
  nodeId: number,
  partitions: readonly TopicPartition[],
  deadlineMs: number,
): Promise<void> {
  try {
    const answers = await ask(nodeId, partitions, deadlineMs);
    for (const partition of partitions) {
      const answer = answers.get(partition);
      const missing = answer === undefined ? new KafkaError(errors.UNKNOWN_TOPIC_OR_PARTITION) : answer;
      settle(progress, partition, missing);
    }
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    for (const partition of partitions) {
      if (error instanceof TimeoutError) {
        progress.open.delete(partition);
        progress.results.set(partition, error);
      } else settle(progress, partition, error);
    }
  }
}

/** Open partitions by leader; errors that no time cures become results. */
async function findLeaders<Value>(
  context: AdminContext,
  name: string,
  progress: Progress<Value>,
  deadlineMs: number,
): Promise<Map<number, TopicPartition[]>> {
  const topics = [...new Set(progress.open.keys().map(({ topic }) => topic))];
  const response = await context.run(
    {
      name: `${name}(api=METADATA)`,
      target: anyNode,
      api: metadataApi,
      request: () =>
        makeMetadataRequest({
          topics: topics.map((topic) => makeMetadataRequestMetadataRequestTopic({ name: topic })),
          allowAutoTopicCreation: false,
        }),
      handle: (answer) => answer,
    },
    deadlineMs,
  );
  context.connections.metadata.addNodes(
    response.brokers.map(({ nodeId: id, host, port, rack }) => ({ id, host, port, rack })),
  );
  const byTopic = new Map(response.topics.map((topic) => [topic.name, topic]));
  const leaders = new Map<number, TopicPartition[]>();
  for (const key of progress.open.keys()) {
    const topic = byTopic.get(key.topic);
    const partition = topic?.partitions.find(({ partitionIndex }) => partitionIndex === key.partition);
    const topicError = errorForCode(topic?.errorCode ?? errors.UNKNOWN_TOPIC_OR_PARTITION.code);
    const spec =
      topicError === errors.NONE
        ? errorForCode(partition?.errorCode ?? errors.UNKNOWN_TOPIC_OR_PARTITION.code)
        : topicError;
    if (spec !== errors.NONE && spec !== errors.REPLICA_NOT_AVAILABLE) {
      settle(progress, key, new KafkaError(spec));
    } else if (partition === undefined || partition.leaderId < 0) {
      settle(progress, key, new KafkaError(errors.LEADER_NOT_AVAILABLE));
    } else {
      const own = leaders.get(partition.leaderId);
      if (own === undefined) leaders.set(partition.leaderId, [key]);
      else own.push(key);
    }
  }
  return leaders;
}

function timeOut<Value>(
  context: AdminContext,
  name: string,
  progress: Progress<Value>,
  deadlineMs: number,
  tries: number,
): void {
  const wallMs = Math.round(context.connections.ports.clock.wallMs());
  const deadlineWallMs = Math.round(wallMs + deadlineMs - context.connections.nowMs());
  const call = `Call(callName=${name}, deadlineMs=${deadlineWallMs}, tries=${tries}, nextAllowedTryMs=${wallMs})`;
  for (const [partition, cause] of progress.open) {
    const message = `${call} timed out at ${wallMs} after ${tries} attempt(s)`;
    progress.results.set(partition, new TimeoutError(message, { cause }));
  }
}
