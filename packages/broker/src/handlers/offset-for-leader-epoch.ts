// OffsetForLeaderEpoch (key 23), versions 2 to 4.
// - For each partition: the largest leader epoch not above the one asked for, and the offset at which it
// ended; for the present epoch
//   that is the log end. -1 and -1 without error when the log does not know. Only the leader answers
//   (KIP-101, KIP-279, KIP-320).
// - For brokers (CLUSTER_ACTION) and for whoever may describe the topic.
// v3 replica id · v4 flexible
import {
  type ErrorSpec,
  errors,
  makeOffsetForLeaderEpochResponse,
  makeOffsetForLeaderEpochResponseEpochEndOffset,
  makeOffsetForLeaderEpochResponseOffsetForLeaderTopicResult,
  type OffsetForLeaderEpochRequest,
  type OffsetForLeaderEpochResponse,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Handler } from "../dispatch/handler.ts";
import { clusterResourceName } from "../dispatch/request-context.ts";
import { findPartition } from "../partition/find-partition.ts";

type Asked = OffsetForLeaderEpochRequest.OffsetForLeaderPartition;
type Answer = OffsetForLeaderEpochResponse.EpochEndOffset;

export const handleOffsetForLeaderEpoch: Handler<
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse
> = (broker, context, request, reply) => {
  const names = request.topics.map(({ topic }) => topic);
  const allowed = context.isAllowed("CLUSTER_ACTION", "CLUSTER", clusterResourceName)
    ? new Set(names)
    : context.allowed("DESCRIBE", "TOPIC", names);
  // Refused topics come last, as in Apache Kafka.
  const topics = [...request.topics].sort(
    (a, b) => Number(!allowed.has(a.topic)) - Number(!allowed.has(b.topic)),
  );
  const response = makeOffsetForLeaderEpochResponse({
    topics: topics.map(({ topic, partitions }) =>
      makeOffsetForLeaderEpochResponseOffsetForLeaderTopicResult({
        topic,
        partitions: partitions.map((asked) =>
          allowed.has(topic)
            ? lookUp(broker, topic, asked)
            : failed(asked, errors.TOPIC_AUTHORIZATION_FAILED),
        ),
      }),
    ),
  });
  reply(response);
};

/** What every partition is answered when the whole request fails. */
export function offsetForLeaderEpochErrorReply(
  request: OffsetForLeaderEpochRequest,
  error: ErrorSpec,
): OffsetForLeaderEpochResponse {
  return makeOffsetForLeaderEpochResponse({
    topics: request.topics.map(({ topic, partitions }) =>
      makeOffsetForLeaderEpochResponseOffsetForLeaderTopicResult({
        topic,
        partitions: partitions.map((asked) => failed(asked, error)),
      }),
    ),
  });
}

function lookUp(broker: BrokerServices, topic: string, asked: Asked): Answer {
  const partition = findPartition(broker, topic, asked.partition);
  if ("code" in partition) return failed(asked, partition);
  const error = partition.checkAccess(asked.currentLeaderEpoch, true);
  if (error !== errors.NONE || partition.log === null) return failed(asked, error);
  const found = partition.log.endOffsetFor(asked.leaderEpoch);
  return makeOffsetForLeaderEpochResponseEpochEndOffset({
    partition: asked.partition,
    leaderEpoch: found.leaderEpoch,
    endOffset: BigInt(found.endOffset),
  });
}

function failed(asked: Asked, error: ErrorSpec): Answer {
  return makeOffsetForLeaderEpochResponseEpochEndOffset({
    partition: asked.partition,
    errorCode: error.code,
  });
}
