// OffsetFetch of one group, from what is committed. With `requireStable`, from everything decided, and the
// answer waits for its commit; partitions that a transaction has an offset for are answered
// UNSTABLE_OFFSET_COMMIT (KIP-447).
import {
  errors,
  makeOffsetFetchResponseOffsetFetchResponseGroup,
  makeOffsetFetchResponseOffsetFetchResponseTopics,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
  ZERO_UUID,
} from "@ottla/protocol";
import type { GroupServices } from "../group/group-services.ts";
import type { OffsetAndMetadata } from "./offset-and-metadata.ts";

type Group = OffsetFetchResponse.OffsetFetchResponseGroup;
type Topics = OffsetFetchResponse.OffsetFetchResponseTopics;
type Partitions = OffsetFetchResponse.OffsetFetchResponsePartitions;

/** `committedOffset`: the state to read; undefined for the newest, where offsets must be stable. */
export function fetchOffsets(
  services: GroupServices,
  { groupId, topics }: OffsetFetchRequest.OffsetFetchRequestGroup,
  committedOffset: number | undefined,
): Group {
  const { offsets } = services;
  const answer = (topic: string, partition: number, offset: OffsetAndMetadata | undefined): Partitions => {
    const isUnstable = committedOffset === undefined && offsets.hasPending(groupId, topic, partition);
    return partitionResponse(partition, offset, isUnstable);
  };
  if (topics === null) {
    const all: Topics[] = [];
    for (const { topic, partitions } of offsets.committed.topics(groupId, committedOffset)) {
      const answered: Partitions[] = [];
      for (const [partition, offset] of partitions) answered.push(answer(topic, partition, offset));
      all.push({ name: topic, topicId: ZERO_UUID, partitions: answered });
    }
    return makeOffsetFetchResponseOffsetFetchResponseGroup({ groupId, topics: all });
  }
  const asked = topics.map(({ name, topicId, partitionIndexes }) =>
    makeOffsetFetchResponseOffsetFetchResponseTopics({
      name,
      topicId,
      partitions: partitionIndexes.map((partition) =>
        answer(name, partition, offsets.committed.get(groupId, name, partition, committedOffset)),
      ),
    }),
  );
  return makeOffsetFetchResponseOffsetFetchResponseGroup({ groupId, topics: asked });
}

function partitionResponse(
  partitionIndex: number,
  offset: OffsetAndMetadata | undefined,
  isUnstable: boolean,
): Partitions {
  // Literals: the generated makers, which merge into defaults, would be most of an answer's time.
  if (isUnstable || offset === undefined) {
    return {
      partitionIndex,
      committedOffset: -1n,
      committedLeaderEpoch: -1,
      metadata: "",
      errorCode: (isUnstable ? errors.UNSTABLE_OFFSET_COMMIT : errors.NONE).code,
    };
  }
  return {
    partitionIndex,
    committedOffset: BigInt(offset.offset),
    committedLeaderEpoch: offset.leaderEpoch,
    metadata: offset.metadata,
    errorCode: errors.NONE.code,
  };
}
