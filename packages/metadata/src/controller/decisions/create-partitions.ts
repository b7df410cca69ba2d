// CreatePartitions (37): more partitions for existing topics. Each topic alone. Existing partitions do not
// move.
import { endsPiece, type Pieces, runWhole } from "@ottla/ports";
import {
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
  errors,
  makeCreatePartitionsResponse,
} from "@ottla/protocol";
import { type PartitionRegistration, partitionRecord, type TopicImage } from "../../image/topics-image.ts";
import { DECISION_RECORDS_MAX } from "../../limits.ts";
import type { MetadataRecord } from "../../records/metadata-record.ts";
import type { Decision } from "../decision.ts";
import { runsByWeight } from "../request-parts.ts";
import { type Decider, type DecisionContext, type Refusal, refusal } from "./decision-context.ts";
import { assignedPartition, placedPartitions } from "./new-partitions.ts";

/** Of a topic, as many times that of a partition. */
const topicWeight = 4;

type PartitionsTopic = CreatePartitionsRequest.CreatePartitionsTopic;

export const createPartitions: Decider<CreatePartitionsRequest, CreatePartitionsResponse> = {
  decide: (context, request) => runWhole(decideCreatePartitions(context, request)),
  decideInPieces: decideCreatePartitions,
  failed: (request, error, message) =>
    makeCreatePartitionsResponse({
      results: request.topics.map(({ name }) => toResult(name, refusal(error, message))),
    }),
  parts: ({ state }) => ({
    cut: (request) => {
      const addedTo = ({ name, count }: PartitionsTopic): number =>
        Math.max(0, count - (state.image.topics.byName(name)?.partitions.length ?? count));
      const added = request.topics.reduce((sum, topic) => sum + addedTo(topic), 0);
      if (added > DECISION_RECORDS_MAX) return [request];
      return runsByWeight(request.topics, (topic) => topicWeight + addedTo(topic)).map((topics) => ({
        ...request,
        topics: [...topics],
      }));
    },
    join: (responses) => makeCreatePartitionsResponse({ results: responses.flatMap((part) => part.results) }),
  }),
};

function* decideCreatePartitions(
  context: DecisionContext,
  request: CreatePartitionsRequest,
): Pieces<Decision<CreatePartitionsResponse>> {
  const { topics } = context.state.image;
  const records: MetadataRecord[] = [];
  const results: CreatePartitionsResponse.CreatePartitionsTopicResult[] = [];
  for (const asked of request.topics) {
    const refused = yield* growTopic(context, asked, topics.byName(asked.name), records);
    results.push(toResult(asked.name, refused));
    if (endsPiece(results.length * topicWeight)) yield;
  }
  const response = makeCreatePartitionsResponse({ results });
  return { records: request.validateOnly ? [] : records, response, atomic: true };
}

/** Puts what the topic gets behind `records`; else says why it gets nothing. */
function* growTopic(
  context: DecisionContext,
  asked: PartitionsTopic,
  topic: TopicImage | null,
  records: MetadataRecord[],
): Pieces<Refusal | null> {
  if (topic === null) return { error: errors.UNKNOWN_TOPIC_OR_PARTITION, message: null };
  const partitions = yield* addedPartitions(context, asked, topic);
  if ("error" in partitions) return partitions;
  // Without a word: Apache Kafka fails in the middle of such a topic.
  if (records.length + partitions.length > DECISION_RECORDS_MAX)
    return { error: errors.UNKNOWN_SERVER_ERROR, message: null };
  const version = context.state.image.features.metadataVersion.partitionRecordVersion;
  for (const [at, partition] of partitions.entries()) {
    records.push(partitionRecord(topic.id, topic.partitions.length + at, partition, version));
    if (endsPiece(at + 1)) yield;
  }
  return null;
}

function* addedPartitions(
  context: DecisionContext,
  asked: PartitionsTopic,
  topic: TopicImage,
): Pieces<PartitionRegistration[] | Refusal> {
  const before = topic.partitions.length;
  if (asked.count === before)
    return refusal(errors.INVALID_PARTITIONS, `Topic already has ${before} partition(s).`);
  if (asked.count < before) {
    return refusal(
      errors.INVALID_PARTITIONS,
      `The topic ${topic.name} currently has ${before} partition(s); ${asked.count} would not be an increase.`,
    );
  }
  const partitions = asked.count - before;
  // Before they are placed: the number is whatever a client wrote.
  if (partitions > DECISION_RECORDS_MAX) return { error: errors.UNKNOWN_SERVER_ERROR, message: null };
  const replicationFactor = topic.partitions[0]?.replicas.length ?? 1;
  if (asked.assignments === null) return yield* placedPartitions(context, { partitions, replicationFactor });
  if (asked.assignments.length !== partitions) {
    return refusal(
      errors.INVALID_REPLICA_ASSIGNMENT,
      `Attempted to add ${partitions} additional partition(s), but only ${asked.assignments.length} ` +
        "assignment(s) were specified.",
    );
  }
  const added: PartitionRegistration[] = [];
  for (const [at, { brokerIds }] of asked.assignments.entries()) {
    const place = { index: before + at, replicasWanted: replicationFactor };
    const partition = assignedPartition(context.state.image.cluster, brokerIds, place);
    if ("error" in partition) return partition;
    added.push(partition);
    if (endsPiece(added.length)) yield;
  }
  return added;
}

function toResult(
  name: string,
  refused: Refusal | null,
): CreatePartitionsResponse.CreatePartitionsTopicResult {
  return { name, errorCode: refused?.error.code ?? 0, errorMessage: refused?.message ?? null };
}
