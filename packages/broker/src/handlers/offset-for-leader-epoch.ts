// OffsetForLeaderEpoch (key 23), versions 2 to 4.
// - For each partition: the largest leader epoch not above the one asked for, and the offset at which it
// ended; for the present epoch
//   that is the log end. -1 and -1 without error when the log does not know. Only the leader answers
//   (KIP-101, KIP-279, KIP-320).
// - For brokers (CLUSTER_ACTION) and for whoever may describe the topic.
// v3 replica id · v4 flexible
import { endsPiece, type Pieces } from "@ottla/ports";
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
import { clusterResourceName, type RequestContext } from "../dispatch/request-context.ts";
import { findPartition } from "../partition/find-partition.ts";

type Asked = OffsetForLeaderEpochRequest.OffsetForLeaderPartition;
type Answer = OffsetForLeaderEpochResponse.EpochEndOffset;

export const handleOffsetForLeaderEpoch: Handler<
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse
> = (broker, context, request, reply) => {
  context.inSlices(lookUpAll(broker, context, request), (topics) =>
    reply(makeOffsetForLeaderEpochResponse({ topics })),
  );
};

function* lookUpAll(
  broker: BrokerServices,
  context: RequestContext,
  request: OffsetForLeaderEpochRequest,
): Pieces<OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult[]> {
  const isFollower = context.isAllowed("CLUSTER_ACTION", "CLUSTER", clusterResourceName);
  const answered: OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult[] = [];
  const refused: OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult[] = [];
  let items = 0;
  for (const { topic, partitions } of request.topics) {
    const isAllowed = isFollower || context.isAllowed("DESCRIBE", "TOPIC", topic);
    const result = makeOffsetForLeaderEpochResponseOffsetForLeaderTopicResult({ topic });
    (isAllowed ? answered : refused).push(result);
    for (const asked of partitions) {
      const answer = isAllowed
        ? lookUp(broker, topic, asked)
        : failed(asked, errors.TOPIC_AUTHORIZATION_FAILED);
      result.partitions.push(answer);
      if (endsPiece(++items)) yield;
    }
    if (endsPiece(++items)) yield;
  }
  // Refused topics come last, as in Apache Kafka.
  for (const result of refused) {
    answered.push(result);
    if (endsPiece(answered.length)) yield;
  }
  return answered;
}

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
