// CreatePartitions (37): more partitions for existing topics. Each topic alone. Existing partitions do not
// move.
import {
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
  errors,
  makeCreatePartitionsResponse,
} from "@ottla/protocol";
import { type PartitionRegistration, partitionRecord, type TopicImage } from "../../image/topics-image.ts";
import { PARTITIONS_PER_REQUEST_MAX } from "../../limits.ts";
import type { MetadataRecord } from "../../records/metadata-record.ts";
import type { Decision } from "../decision.ts";
import { type Decider, type DecisionContext, type Refusal, refusal } from "./decision-context.ts";
import { assignedPartition, placedPartitions } from "./new-partitions.ts";

type PartitionsTopic = CreatePartitionsRequest.CreatePartitionsTopic;

export const createPartitions: Decider<CreatePartitionsRequest, CreatePartitionsResponse> = {
  decide: decideCreatePartitions,
  failed: (request, error, message) =>
    makeCreatePartitionsResponse({
      results: request.topics.map(({ name }) => toResult(name, refusal(error, message))),
    }),
};

function decideCreatePartitions(
  context: DecisionContext,
  request: CreatePartitionsRequest,
): Decision<CreatePartitionsResponse> {
  const { topics, features } = context.state.image;
  const version = features.metadataVersion.partitionRecordVersion;
  const records: MetadataRecord[] = [];
  const results = request.topics.map((asked) => {
    const topic = topics.byName(asked.name);
    if (topic === null)
      return toResult(asked.name, { error: errors.UNKNOWN_TOPIC_OR_PARTITION, message: null });
    const partitions = addedPartitions(context, asked, topic);
    if ("error" in partitions) return toResult(asked.name, partitions);
    for (const [at, partition] of partitions.entries()) {
      records.push(partitionRecord(topic.id, topic.partitions.length + at, partition, version));
    }
    return toResult(asked.name, null);
  });
  const response = makeCreatePartitionsResponse({ results });
  return { records: request.validateOnly ? [] : records, response, atomic: true };
}

function addedPartitions(
  context: DecisionContext,
  asked: PartitionsTopic,
  topic: TopicImage,
): PartitionRegistration[] | Refusal {
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
  if (partitions > PARTITIONS_PER_REQUEST_MAX) {
    return refusal(errors.POLICY_VIOLATION, "Excessively large number of partitions per request.");
  }
  const replicationFactor = topic.partitions[0]?.replicas.length ?? 1;
  if (asked.assignments === null) return placedPartitions(context, { partitions, replicationFactor });
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
  }
  return added;
}

function toResult(
  name: string,
  refused: Refusal | null,
): CreatePartitionsResponse.CreatePartitionsTopicResult {
  return { name, errorCode: refused?.error.code ?? 0, errorMessage: refused?.message ?? null };
}
