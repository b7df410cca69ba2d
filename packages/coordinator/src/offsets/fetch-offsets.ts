// OffsetFetch of one group, from what is committed. With `requireStable`, from everything decided, and the
// answer waits for its commit; partitions that a transaction has an offset for are answered
// UNSTABLE_OFFSET_COMMIT (KIP-447).
import {
  errors,
  makeOffsetFetchResponseOffsetFetchResponseGroup,
  makeOffsetFetchResponseOffsetFetchResponsePartitions,
  makeOffsetFetchResponseOffsetFetchResponseTopics,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
} from "@ottla/protocol";
import type { GroupServices } from "../group/group-services.ts";
import type { OffsetAndMetadata } from "./offset-and-metadata.ts";

type Group = OffsetFetchResponse.OffsetFetchResponseGroup;
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
    const all = Array.from(offsets.committed.topics(groupId, committedOffset), ({ topic, partitions }) =>
      makeOffsetFetchResponseOffsetFetchResponseTopics({
        name: topic,
        partitions: Array.from(partitions, ([partition, offset]) => answer(topic, partition, offset)),
      }),
    );
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
  if (isUnstable || offset === undefined) {
    return makeOffsetFetchResponseOffsetFetchResponsePartitions({
      partitionIndex,
      committedOffset: -1n,
      committedLeaderEpoch: -1,
      metadata: "",
      errorCode: (isUnstable ? errors.UNSTABLE_OFFSET_COMMIT : errors.NONE).code,
    });
  }
  return makeOffsetFetchResponseOffsetFetchResponsePartitions({
    partitionIndex,
    committedOffset: BigInt(offset.offset),
    committedLeaderEpoch: offset.leaderEpoch,
    metadata: offset.metadata,
  });
}
