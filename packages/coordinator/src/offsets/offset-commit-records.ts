// What an accepted OffsetCommit writes and answers: it follows from the request and the time alone, so that
// for a large request it is made, and encoded, in pieces before the group is asked. Partitions with too long
// metadata are refused one by one. Not here: who may commit (commit-offsets.ts).
import type { GroupCoordinatorConfig } from "@ottla/config";
import { endsPiece, type Pieces } from "@ottla/ports";
import {
  type ErrorSpec,
  errors,
  fromTimestampMs,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  type TimestampMs,
  toOffset,
} from "@ottla/protocol";
import type { GroupRecord } from "../group/group-record.ts";
import type { EncodedRecord, RecordCodec } from "../runtime/coordinator-shard.ts";

/** The broker's retention holds. */
const DEFAULT_RETENTION = -1n;
const NO_EXPIRY = -1n;
const INT64_MAX = 2n ** 63n - 1n;

type Topic = OffsetCommitRequest.OffsetCommitRequestTopic;
type Partition = OffsetCommitRequest.OffsetCommitRequestPartition;
type ResponseTopic = OffsetCommitResponse.OffsetCommitResponseTopic;
type ResponsePartition = OffsetCommitResponse.OffsetCommitResponsePartition;

/** Records and answer of one request, as they come together. */
export class OffsetCommitRecords {
  readonly records: GroupRecord[] = [];
  /** The encoded form of `records`, when it was made in advance. */
  encoded: readonly EncodedRecord[] | null = null;
  readonly #groupId: string;
  readonly #metadataBytesMax: number;
  readonly #commitTimestamp: bigint;
  readonly #expireTimestamp: bigint;
  readonly #topics: ResponseTopic[] = [];

  constructor(config: GroupCoordinatorConfig, request: OffsetCommitRequest, wallMs: number) {
    this.#groupId = request.groupId;
    this.#metadataBytesMax = config.offsetMetadataMaxBytes;
    this.#commitTimestamp = fromTimestampMs(wallMs as TimestampMs);
    this.#expireTimestamp = expiry(request.retentionTimeMs, this.#commitTimestamp);
  }

  get response(): OffsetCommitResponse {
    return commitResponse(this.#topics);
  }

  /** The next topic of the request; gives what `addPartition` is to fill. */
  beginTopic({ name, topicId }: Topic): ResponsePartition[] {
    const partitions: ResponsePartition[] = [];
    this.#topics.push({ name, topicId, partitions });
    return partitions;
  }

  addPartition(answered: ResponsePartition[], { name, topicId }: Topic, partition: Partition): void {
    const error = this.#problem(partition);
    answered.push(partitionResponse(partition, error));
    if (error !== errors.NONE) return;
    const value = {
      offset: partition.committedOffset,
      leaderEpoch: partition.committedLeaderEpoch,
      metadata: partition.committedMetadata ?? "",
      commitTimestamp: this.#commitTimestamp,
      expireTimestamp: this.#expireTimestamp,
      topicId,
    };
    const key = { group: this.#groupId, topic: name, partition: partition.partitionIndex };
    this.records.push({ kind: "offset-commit", key, value });
  }

  #problem(partition: Partition): ErrorSpec {
    if ((partition.committedMetadata?.length ?? 0) > this.#metadataBytesMax) {
      return errors.OFFSET_METADATA_TOO_LARGE;
    }
    // Offsets beyond 2^53 do not exist; Kafka would keep them.
    return toOffset(partition.committedOffset) === null ? errors.INVALID_COMMIT_OFFSET_SIZE : errors.NONE;
  }
}

/** All of a request at once. */
export function offsetCommitRecords(
  config: GroupCoordinatorConfig,
  request: OffsetCommitRequest,
  wallMs: number,
): OffsetCommitRecords {
  const made = new OffsetCommitRecords(config, request, wallMs);
  for (const topic of request.topics) {
    const answered = made.beginTopic(topic);
    for (const partition of topic.partitions) made.addPartition(answered, topic, partition);
  }
  return made;
}

/** The same in pieces, with the records encoded. */
export function* offsetCommitRecordsInPieces(
  config: GroupCoordinatorConfig,
  codec: RecordCodec<GroupRecord>,
  request: OffsetCommitRequest,
  wallMs: number,
): Pieces<OffsetCommitRecords> {
  const made = new OffsetCommitRecords(config, request, wallMs);
  let items = 0;
  for (const topic of request.topics) {
    const answered = made.beginTopic(topic);
    if (endsPiece(++items)) yield;
    for (const partition of topic.partitions) {
      made.addPartition(answered, topic, partition);
      if (endsPiece(++items)) yield;
    }
  }
  const encoded: EncodedRecord[] = [];
  for (const record of made.records) {
    encoded.push(codec.encode(record));
    if (endsPiece(encoded.length)) yield;
  }
  made.encoded = encoded;
  return made;
}

// Literals: the generated makers, which merge into defaults, cost more than the decision.
export function commitResponse(topics: ResponseTopic[]): OffsetCommitResponse {
  return { throttleTimeMs: 0, topics };
}

export function partitionResponse(
  { partitionIndex }: Partition,
  { code: errorCode }: ErrorSpec,
): ResponsePartition {
  return { partitionIndex, errorCode };
}

function expiry(retentionTimeMs: bigint, commitTimestamp: bigint): bigint {
  if (retentionTimeMs === DEFAULT_RETENTION) return NO_EXPIRY;
  const expireTimestamp = commitTimestamp + retentionTimeMs;
  return expireTimestamp > INT64_MAX ? INT64_MAX : expireTimestamp;
}
