// DeleteRecords, key 21, versions 0 to 2. Moves the log start of partitions up to an offset, -1 standing for
// the high watermark.
// - Only the leader; needs DELETE on the topic. OFFSET_OUT_OF_RANGE below 0 and beyond the high watermark,
// POLICY_VIOLATION for a topic that is only compacted, INVALID_TOPIC_EXCEPTION for an internal one.
// - Answered once the log starts are in the checkpoint on the disk, which Apache Kafka writes later, and the
// low watermark over the in-sync replicas has followed; REQUEST_TIMED_OUT if it does not in time.
// - A partition named twice: the last entry counts.
// - v2 flexible; v1 changes nothing.
import { endsPiece, type Pieces } from "@ottla/ports";
import {
  type DeleteRecordsRequest,
  type DeleteRecordsResponse,
  type ErrorSpec,
  errors,
  isInternalTopic,
  makeDeleteRecordsResponse,
  type Offset,
  toSafeNumber,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Reply } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";
import { findPartition } from "../partition/find-partition.ts";
import { type DeletedRecords, WaitingDeleteRecords } from "../waiting/waiting-delete-records.ts";

type Result = DeleteRecordsResponse.DeleteRecordsPartitionResult;
type TopicResult = DeleteRecordsResponse.DeleteRecordsTopicResult;

const noLowWatermark = -1n;

export function handleDeleteRecords(
  broker: BrokerServices,
  context: RequestContext,
  request: DeleteRecordsRequest,
  reply: Reply<DeleteRecordsResponse>,
): void {
  context.inSlices(deleteAll(broker, context, request), ({ topics, deleted }) => {
    const waiting = new WaitingDeleteRecords(() => reply(makeDeleteRecordsResponse({ topics })));
    context.whenGone(() => waiting.cancel());
    saveStarts(broker, deleted, (saved) => {
      for (const records of saved) waiting.await(records);
      waiting.start(request.timeoutMs, broker.waiting);
    });
  });
}

export function deleteRecordsErrorReply(
  request: DeleteRecordsRequest,
  error: ErrorSpec,
): DeleteRecordsResponse {
  const topics = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => result(partitionIndex, error)),
  }));
  return makeDeleteRecordsResponse({ topics });
}

function result(partitionIndex: number, error: ErrorSpec): Result {
  return { partitionIndex, lowWatermark: noLowWatermark, errorCode: error.code };
}

/** The answer so far, and the partitions whose log start moved. */
interface Deleted {
  readonly topics: TopicResult[];
  readonly deleted: readonly DeletedRecords[];
}

function* deleteAll(
  broker: BrokerServices,
  context: RequestContext,
  request: DeleteRecordsRequest,
): Pieces<Deleted> {
  const topics: TopicResult[] = [];
  const deleted: DeletedRecords[] = [];
  let items = 0;
  for (const [name, offsets] of yield* lastOffsets(request)) {
    const isAllowed = context.isAllowed("DELETE", "TOPIC", name);
    const topic: TopicResult = { name, partitions: [] };
    topics.push(topic);
    for (const [index, offset] of offsets) {
      const target = result(index, errors.NONE);
      topic.partitions.push(target);
      const outcome = isAllowed
        ? deleteBefore(broker, name, index, offset)
        : errors.TOPIC_AUTHORIZATION_FAILED;
      if ("code" in outcome) target.errorCode = outcome.code;
      else deleted.push({ ...outcome, target });
      if (endsPiece(++items)) yield;
    }
    if (endsPiece(++items)) yield;
  }
  return { topics, deleted };
}

/** What is asked for, by topic and partition. */
function* lastOffsets(request: DeleteRecordsRequest): Pieces<Map<string, Map<number, bigint>>> {
  const byTopic = new Map<string, Map<number, bigint>>();
  let items = 0;
  for (const { name, partitions } of request.topics) {
    if (endsPiece(++items)) yield;
    if (partitions.length === 0) continue;
    const offsets = byTopic.get(name) ?? new Map<number, bigint>();
    byTopic.set(name, offsets);
    for (const { partitionIndex, offset } of partitions) {
      offsets.set(partitionIndex, offset);
      if (endsPiece(++items)) yield;
    }
  }
  return byTopic;
}

function deleteBefore(
  broker: BrokerServices,
  topic: string,
  index: number,
  offset: bigint,
): Omit<DeletedRecords, "target"> | ErrorSpec {
  const partition = findPartition(broker, topic, index);
  if (partition === errors.UNKNOWN_TOPIC_OR_PARTITION) return partition;
  if (isInternalTopic(topic)) return errors.INVALID_TOPIC_EXCEPTION;
  if ("code" in partition) return partition;
  const wanted = toSafeNumber(offset);
  // No log reaches that far.
  if (wanted === null) return errors.OFFSET_OUT_OF_RANGE;
  const requiredOffset: Offset | ErrorSpec = partition.deleteRecordsBefore(wanted);
  return typeof requiredOffset === "object" ? requiredOffset : { partition, requiredOffset };
}

/** `done`, maybe before the return, with those whose log start survives a crash; the others are failed. */
function saveStarts(
  broker: BrokerServices,
  deleted: readonly DeletedRecords[],
  done: (saved: DeletedRecords[]) => void,
): void {
  const saved: DeletedRecords[] = [];
  let left = deleted.length;
  if (left === 0) done(saved);
  for (const records of deleted) {
    const settled = (isSaved: boolean): void => {
      if (isSaved) saved.push(records);
      else records.target.errorCode = errors.KAFKA_STORAGE_ERROR.code;
      left -= 1;
      if (left === 0) done(saved);
    };
    const { log } = records.partition;
    if (log === null) settled(false);
    else broker.logs.saveStart(log, (error) => settled(error === null));
  }
}
