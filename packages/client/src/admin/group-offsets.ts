// Admin calls about the committed offsets of groups.
import {
  errors,
  makeOffsetCommitRequest,
  makeOffsetCommitRequestOffsetCommitRequestPartition,
  makeOffsetCommitRequestOffsetCommitRequestTopic,
  makeOffsetDeleteRequest,
  makeOffsetDeleteRequestOffsetDeleteRequestPartition,
  makeOffsetDeleteRequestOffsetDeleteRequestTopic,
  makeOffsetFetchRequest,
  makeOffsetFetchRequestOffsetFetchRequestGroup,
  makeOffsetFetchRequestOffsetFetchRequestTopic,
  makeOffsetFetchRequestOffsetFetchRequestTopics,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
} from "@ottla/protocol";
import { groupByTopic, type TopicPartition } from "../assignors/topic-partition.ts";
import { type PartitionEntries, TopicPartitionMap } from "../consumer/topic-partition-map.ts";
import { KafkaError, kafkaErrorOf } from "../errors/kafka-error.ts";
import type { AdminContext } from "./admin-context.ts";
import type { CallOptions, CommittedOffset, OffsetToCommit } from "./admin-types.ts";
import { offsetCommitApi, offsetDeleteApi, offsetFetchApi } from "./apis.ts";
import { askCoordinator, askCoordinators, isCoordinatorBusy } from "./asking/group-coordinators.ts";

/** From the next version on the wire names topics by id, which an admin may not know. */
const VERSION_WITH_NAMES_MAX = 9;
const VERSION_WITH_GROUPS = 8;

/** Offsets of a group by partition; null where nothing is committed. */
export type GroupOffsets = TopicPartitionMap<CommittedOffset | null>;

/** Committed offsets by group; null instead of partitions: all. */
export function listConsumerGroupOffsets(
  context: AdminContext,
  groups: ReadonlyMap<string, readonly TopicPartition[] | null>,
  options: CallOptions & { readonly requireStable?: boolean } = {},
): Promise<Map<string, GroupOffsets | KafkaError>> {
  const deadlineMs = context.deadlineMs(options);
  return askCoordinators(groups.keys(), (groupId) =>
    askCoordinator(context, "listConsumerGroupOffsets", groupId, deadlineMs, (node) =>
      context.runOnce(
        {
          name: "listConsumerGroupOffsets(api=OFFSET_FETCH)",
          target: context.node(node.id),
          api: offsetFetchApi,
          versionMax: VERSION_WITH_NAMES_MAX,
          request: (version: number) =>
            fetchRequest(version, groupId, groups.get(groupId) ?? null, options.requireStable ?? false),
          handle: (response: OffsetFetchResponse, version: number) =>
            fetchedOffsets(response, version, groupId),
        },
        deadlineMs,
      ),
    ),
  );
}

function fetchRequest(
  version: number,
  groupId: string,
  partitions: readonly TopicPartition[] | null,
  wantsStable: boolean,
): OffsetFetchRequest {
  const requireStable = version >= 7 && wantsStable;
  const topics =
    partitions?.length === 0
      ? []
      : partitions === null
        ? null
        : groupByTopic(partitions).map(({ topic: name, partitions: partitionIndexes }) => ({
            name,
            partitionIndexes,
          }));
  if (version < VERSION_WITH_GROUPS) {
    const named = topics?.map(makeOffsetFetchRequestOffsetFetchRequestTopic) ?? null;
    return makeOffsetFetchRequest({ groupId, topics: named, requireStable });
  }
  const named = topics?.map(makeOffsetFetchRequestOffsetFetchRequestTopics) ?? null;
  const group = makeOffsetFetchRequestOffsetFetchRequestGroup({ groupId, topics: named });
  return makeOffsetFetchRequest({ groups: [group], requireStable });
}

function fetchedOffsets(response: OffsetFetchResponse, version: number, groupId: string): GroupOffsets {
  const group =
    version < VERSION_WITH_GROUPS ? response : response.groups.find((each) => each.groupId === groupId);
  if (group === undefined) throw new KafkaError(errors.GROUP_ID_NOT_FOUND);
  const failure = kafkaErrorOf(group.errorCode);
  if (failure !== null) throw failure;
  const results: GroupOffsets = new TopicPartitionMap();
  for (const { name: topic, partitions } of group.topics) {
    for (const each of partitions) {
      const error = kafkaErrorOf(each.errorCode);
      // A partition that the broker cannot tell about is left out, as Apache Kafka's Admin does.
      if (error !== null && error.spec !== errors.UNSTABLE_OFFSET_COMMIT) continue;
      if (error !== null) throw error;
      const committed =
        each.committedOffset < 0n
          ? null
          : {
              offset: Number(each.committedOffset),
              leaderEpoch: each.committedLeaderEpoch < 0 ? null : each.committedLeaderEpoch,
              metadata: each.metadata ?? "",
            };
      results.set({ topic, partition: each.partitionIndex }, committed);
    }
  }
  return results;
}

/** Commits for a group without members. Results by partition; null is good. */
export function alterConsumerGroupOffsets(
  context: AdminContext,
  groupId: string,
  offsets: PartitionEntries<OffsetToCommit>,
  options: CallOptions = {},
): Promise<TopicPartitionMap<KafkaError | null>> {
  const deadlineMs = context.deadlineMs(options);
  const wanted = new TopicPartitionMap(offsets);
  const topics = (version: number) =>
    groupByTopic(wanted.keys()).map(({ topic, partitions }) =>
      makeOffsetCommitRequestOffsetCommitRequestTopic({
        name: topic,
        partitions: partitions.map((partition) => {
          const { offset, leaderEpoch, metadata } = wanted.get({ topic, partition }) as OffsetToCommit;
          return makeOffsetCommitRequestOffsetCommitRequestPartition({
            partitionIndex: partition,
            committedOffset: BigInt(offset),
            committedLeaderEpoch: version >= 6 ? (leaderEpoch ?? -1) : -1,
            committedMetadata: metadata ?? "",
          });
        }),
      }),
    );
  return askCoordinator(context, "alterConsumerGroupOffsets", groupId, deadlineMs, (node) =>
    context.runOnce(
      {
        name: "alterConsumerGroupOffsets(api=OFFSET_COMMIT)",
        target: context.node(node.id),
        api: offsetCommitApi,
        versionMax: VERSION_WITH_NAMES_MAX,
        request: (version: number) => makeOffsetCommitRequest({ groupId, topics: topics(version) }),
        handle: (response: ReturnType<typeof offsetCommitApi.decodeResponse>) => {
          const results = new TopicPartitionMap<KafkaError | null>();
          for (const { name: topic, partitions } of response.topics) {
            for (const { partitionIndex: partition, errorCode } of partitions) {
              const error = kafkaErrorOf(errorCode);
              // One such partition asks for all again: a commit may be repeated. A topic that is not there is
              // an answer, though in other calls it may come.
              if (error !== null && isCoordinatorBusy(error)) throw error;
              results.set({ topic, partition }, error);
            }
          }
          return results;
        },
      },
      deadlineMs,
    ),
  );
}

/** Deletes committed offsets. Rejects when the group as a whole refuses. */
export function deleteConsumerGroupOffsets(
  context: AdminContext,
  groupId: string,
  partitions: readonly TopicPartition[],
  options: CallOptions = {},
): Promise<TopicPartitionMap<KafkaError | null>> {
  const deadlineMs = context.deadlineMs(options);
  const topics = groupByTopic(partitions).map(({ topic: name, partitions: indexes }) =>
    makeOffsetDeleteRequestOffsetDeleteRequestTopic({
      name,
      partitions: indexes.map((partitionIndex) =>
        makeOffsetDeleteRequestOffsetDeleteRequestPartition({ partitionIndex }),
      ),
    }),
  );
  return askCoordinator(context, "deleteConsumerGroupOffsets", groupId, deadlineMs, (node) =>
    context.runOnce(
      {
        name: "deleteConsumerGroupOffsets(api=OFFSET_DELETE)",
        target: context.node(node.id),
        api: offsetDeleteApi,
        request: () => makeOffsetDeleteRequest({ groupId, topics }),
        handle: (response: ReturnType<typeof offsetDeleteApi.decodeResponse>) => {
          const failure = kafkaErrorOf(response.errorCode);
          if (failure !== null) throw failure;
          const results = new TopicPartitionMap<KafkaError | null>();
          for (const { name: topic, partitions: answered } of response.topics) {
            for (const { partitionIndex: partition, errorCode } of answered) {
              results.set({ topic, partition }, kafkaErrorOf(errorCode));
            }
          }
          return results;
        },
      },
      deadlineMs,
    ),
  );
}
