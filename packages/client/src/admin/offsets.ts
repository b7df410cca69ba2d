// Admin calls about the offsets and records of partitions: each is answered by the partition's leader.
import {
  type DeleteRecordsResponse,
  type ListOffsetsResponse,
  makeDeleteRecordsRequest,
  makeDeleteRecordsRequestDeleteRecordsPartition,
  makeDeleteRecordsRequestDeleteRecordsTopic,
  makeListOffsetsRequest,
  makeListOffsetsRequestListOffsetsPartition,
  makeListOffsetsRequestListOffsetsTopic,
} from "@ottla/protocol";
import { groupByTopic, type TopicPartition } from "../assignors/topic-partition.ts";
import { type PartitionEntries, TopicPartitionMap } from "../consumer/topic-partition-map.ts";
import { type KafkaError, kafkaErrorOf } from "../errors/kafka-error.ts";
import type { AdminContext } from "./admin-context.ts";
import { type CallOptions, type ListedOffset, offsetSpecs } from "./admin-types.ts";
import { deleteRecordsApi, listOffsetsApi } from "./apis.ts";
import { askLeaders } from "./asking/partition-leaders.ts";

/** How offsets are looked up. */
export interface ListOffsetsOptions extends CallOptions {
  readonly isolationLevel?: "read_uncommitted" | "read_committed";
}

/** First version of ListOffsets that knows a special timestamp. */
const VERSION_BY_SPEC: ReadonlyMap<number, number> = new Map([
  [offsetSpecs.maxTimestamp, 7],
  [offsetSpecs.earliestLocal, 8],
  [offsetSpecs.latestTiered, 9],
  [offsetSpecs.earliestPendingUpload, 11],
]);

/** `specs`: one of `offsetSpecs`, or milliseconds, by partition. */
export function listOffsets(
  context: AdminContext,
  specs: PartitionEntries<number>,
  options: ListOffsetsOptions = {},
): Promise<TopicPartitionMap<ListedOffset | KafkaError>> {
  const wanted = new TopicPartitionMap(specs);
  const isolationLevel = options.isolationLevel === "read_committed" ? 1 : 0;
  const ask = (nodeId: number, partitions: readonly TopicPartition[], deadlineMs: number) => {
    const specOf = (key: TopicPartition) => wanted.get(key) ?? offsetSpecs.latest;
    const versionMin = Math.max(
      isolationLevel === 1 ? 2 : 0,
      ...partitions.map((key) => VERSION_BY_SPEC.get(specOf(key)) ?? 0),
    );
    const topics = groupByTopic(partitions).map(({ topic: name, partitions: indexes }) =>
      makeListOffsetsRequestListOffsetsTopic({
        name,
        partitions: indexes.map((partitionIndex) =>
          makeListOffsetsRequestListOffsetsPartition({
            partitionIndex,
            timestamp: BigInt(specOf({ topic: name, partition: partitionIndex })),
          }),
        ),
      }),
    );
    return context.runOnce(
      {
        name: "listOffsets(api=LIST_OFFSETS)",
        target: context.node(nodeId),
        api: listOffsetsApi,
        versionMin,
        request: (version: number) =>
          makeListOffsetsRequest({
            topics,
            isolationLevel,
            timeoutMs: version >= 10 ? context.remainingMs(deadlineMs) : 0,
          }),
        handle: listedOffsets,
      },
      deadlineMs,
    );
  };
  return askLeaders(context, "listOffsets", wanted.keys(), context.deadlineMs(options), ask);
}

function listedOffsets(response: ListOffsetsResponse): TopicPartitionMap<ListedOffset | KafkaError> {
  const results = new TopicPartitionMap<ListedOffset | KafkaError>();
  for (const { name: topic, partitions } of response.topics) {
    for (const each of partitions) {
      const listed = {
        offset: Number(each.offset),
        timestamp: Number(each.timestamp),
        leaderEpoch: each.leaderEpoch < 0 ? null : each.leaderEpoch,
      };
      results.set({ topic, partition: each.partitionIndex }, kafkaErrorOf(each.errorCode) ?? listed);
    }
  }
  return results;
}

/** Deletes what lies before an offset; −1 is the high watermark. Results are the new low watermarks. */
export function deleteRecords(
  context: AdminContext,
  beforeOffsets: PartitionEntries<number>,
  options: CallOptions = {},
): Promise<TopicPartitionMap<number | KafkaError>> {
  const wanted = new TopicPartitionMap(beforeOffsets);
  const ask = (nodeId: number, partitions: readonly TopicPartition[], deadlineMs: number) => {
    const topics = groupByTopic(partitions).map(({ topic: name, partitions: indexes }) =>
      makeDeleteRecordsRequestDeleteRecordsTopic({
        name,
        partitions: indexes.map((partitionIndex) =>
          makeDeleteRecordsRequestDeleteRecordsPartition({
            partitionIndex,
            offset: BigInt(wanted.get({ topic: name, partition: partitionIndex }) ?? 0),
          }),
        ),
      }),
    );
    return context.runOnce(
      {
        name: "deleteRecords(api=DELETE_RECORDS)",
        target: context.node(nodeId),
        api: deleteRecordsApi,
        request: () => makeDeleteRecordsRequest({ topics, timeoutMs: context.remainingMs(deadlineMs) }),
        handle: lowWatermarks,
      },
      deadlineMs,
    );
  };
  return askLeaders(context, "deleteRecords", wanted.keys(), context.deadlineMs(options), ask);
}

function lowWatermarks(response: DeleteRecordsResponse): TopicPartitionMap<number | KafkaError> {
  const results = new TopicPartitionMap<number | KafkaError>();
  for (const { name: topic, partitions } of response.topics) {
    for (const { partitionIndex, lowWatermark, errorCode } of partitions) {
      const key = { topic, partition: partitionIndex };
      results.set(key, kafkaErrorOf(errorCode) ?? Number(lowWatermark));
    }
  }
  return results;
}
