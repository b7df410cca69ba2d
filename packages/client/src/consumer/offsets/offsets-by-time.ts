// The user's own look-ups of offsets (offsetsForTimes, beginningOffsets, endOffsets): asked of the leaders
// until every partition is answered or the time is over.
import type { TopicPartition } from "../../assignors/topic-partition.ts";
import { delay, nextMetadata } from "../../cluster/call.ts";
import { KafkaError, TimeoutError } from "../../errors/kafka-error.ts";
import type { ConsumerContext } from "../consumer-context.ts";
import { type PartitionEntries, TopicPartitionMap } from "../topic-partition-map.ts";
import { type FoundOffset, isWorthAskingAgain, lookUpOffsets, type OffsetQuery } from "./offset-lookup.ts";

/**
 * Offsets by timestamp; null where no record is so new. Rejects with `KafkaError`, with `TimeoutError` after
 * `timeoutMs`. The topics must be among those whose metadata is kept.
 */
export async function offsetsByTime(
  context: ConsumerContext,
  timestamps: PartitionEntries<number>,
  timeoutMs: number,
): Promise<TopicPartitionMap<FoundOffset | null>> {
  const { connections } = context;
  const deadlineMs = connections.nowMs() + timeoutMs;
  const found = new TopicPartitionMap<FoundOffset | null>();
  let left: OffsetQuery[] = [...timestamps].map(([{ topic, partition }, timestamp]) => ({
    topic,
    partition,
    timestamp,
  }));
  let failures = 0;
  while (left.length > 0) {
    const remainingMs = deadlineMs - connections.nowMs();
    if (remainingMs <= 0) throw new TimeoutError(`Failed to get offsets by times in ${timeoutMs}ms`);
    const unknown = left.some(
      ({ topic, partition }) => connections.metadata.leader(topic, partition) === null,
    );
    if (unknown && failures === 0) await freshMetadata(context, remainingMs);
    left = await attempt(context, left, found, Math.max(0, deadlineMs - connections.nowMs()));
    if (left.length === 0) break;
    const delayMs = connections.retryBackOff.delayMs(failures);
    failures += 1;
    await delay(connections, Math.max(0, Math.min(delayMs, deadlineMs - connections.nowMs())));
  }
  return found;
}

async function freshMetadata(context: ConsumerContext, timeoutMs: number): Promise<void> {
  const arrived = nextMetadata(context.connections, timeoutMs);
  context.connections.requestUpdateNow();
  await arrived;
}

/** One attempt; resolves with the queries to be tried again. */
function attempt(
  context: ConsumerContext,
  queries: readonly OffsetQuery[],
  found: TopicPartitionMap<FoundOffset | null>,
  timeoutMs: number,
): Promise<OffsetQuery[]> {
  return new Promise((resolve, reject) => {
    const left = new Set<OffsetQuery>(queries);
    const retry: OffsetQuery[] = [];
    const { timers } = context.connections.ports;
    const timer = timers.set(timeoutMs, () => resolve([...retry, ...left]));
    const settle = (act: () => void): void => {
      timers.clear(timer);
      act();
    };
    lookUpOffsets(context, queries, (query, answer) => {
      left.delete(query);
      if (!(answer instanceof KafkaError)) found.set(query, answer);
      else if (isWorthAskingAgain(answer)) retry.push(query);
      else settle(() => reject(answer));
      if (left.size === 0) settle(() => resolve(retry));
    });
  });
}

/** One timestamp for all of `partitions`. */
export function sameTimestamp(
  partitions: Iterable<TopicPartition>,
  timestamp: number,
): (readonly [TopicPartition, number])[] {
  return [...partitions].map((partition) => [partition, timestamp]);
}
