// AlterPartitionReassignments (45): other replicas for existing partitions, or back to those before
// (KIP-455). Each partition alone.
import {
  type AlterPartitionReassignmentsRequest,
  type AlterPartitionReassignmentsResponse,
  errors,
  makeAlterPartitionReassignmentsResponse,
  type NodeId,
} from "@ottla/protocol";
import type { PartitionRegistration, TopicImage } from "../../../image/topics-image.ts";
import type { MetadataRecord } from "../../../records/metadata-record.ts";
import type { Decision } from "../../decision.ts";
import { electionRules } from "../../partition/election-rules.ts";
import { partitionChange } from "../../partition/partition-change.ts";
import {
  isBeingReassigned,
  type ReplicaSet,
  replicasBefore,
  replicasOnTheWay,
} from "../../partition/reassignment.ts";
import { runsByWeight } from "../../request-parts.ts";
import { type Decider, type DecisionContext, type Refusal, refusal } from "../decision-context.ts";
import { assignmentProblem, defaultDirectory } from "../new-partitions.ts";

/** Of a partition, whose replicas are checked, as many times that of a topic. */
const partitionWeight = 4;

/** A partition to change. */
interface Placed {
  readonly topic: TopicImage;
  readonly index: number;
  readonly partition: PartitionRegistration;
}

export const alterPartitionReassignments: Decider<
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse
> = {
  decide: decideAlterPartitionReassignments,
  parts: () => ({
    cut: (request) =>
      runsByWeight(request.topics, ({ partitions }) => 1 + partitions.length * partitionWeight).map(
        (topics) => ({
          ...request,
          topics: [...topics],
        }),
      ),
    join: ([first, ...others]) => {
      const responses = [first, ...others].flatMap((part) => part?.responses ?? []);
      return makeAlterPartitionReassignmentsResponse({ ...first, responses });
    },
  }),
  failed: (request, error, message) =>
    makeAlterPartitionReassignmentsResponse({
      errorCode: error.code,
      errorMessage: message,
      responses: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => toResult(partitionIndex, { error, message })),
      })),
    }),
};

function decideAlterPartitionReassignments(
  context: DecisionContext,
  request: AlterPartitionReassignmentsRequest,
): Decision<AlterPartitionReassignmentsResponse> {
  const { allowReplicationFactorChange } = request;
  const records: MetadataRecord[] = [];
  const responses = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, replicas }) => {
      const outcome = reassign(context, name, partitionIndex, {
        replicas: replicas as readonly NodeId[] | null,
        allowReplicationFactorChange,
      });
      if (outcome !== null && "error" in outcome) return toResult(partitionIndex, outcome);
      if (outcome !== null) records.push(outcome);
      return toResult(partitionIndex, null);
    }),
  }));
  const response = makeAlterPartitionReassignmentsResponse({
    allowReplicationFactorChange,
    errorMessage: null,
    responses,
  });
  return { records, response, atomic: false };
}

/** Null: the partition is as wanted. */
function reassign(
  context: DecisionContext,
  topicName: string,
  index: number,
  wanted: {
    readonly replicas: readonly NodeId[] | null;
    readonly allowReplicationFactorChange: boolean;
  },
): MetadataRecord | Refusal | null {
  const unknown = (what: string): Refusal =>
    refusal(errors.UNKNOWN_TOPIC_OR_PARTITION, `Unable to find ${what}.`);
  const topic = context.state.image.topics.byName(topicName);
  if (topic === null) return unknown(`a topic named ${topicName}`);
  const partition = topic.partitions[index];
  if (partition === undefined) return unknown(`partition ${topicName}:${index}`);
  const placed = { topic, index, partition };
  if (wanted.replicas === null) return cancel(context, placed);
  const problem = assignmentProblem(context.state.image.cluster, wanted.replicas, null);
  if (problem !== null) return refusal(errors.INVALID_REPLICA_ASSIGNMENT, problem);
  const before = replicasBefore(partition).length;
  if (!wanted.allowReplicationFactorChange && wanted.replicas.length !== before) {
    return refusal(
      errors.INVALID_REPLICATION_FACTOR,
      `The replication factor is changed from ${before} to ${wanted.replicas.length}`,
    );
  }
  return move(context, placed, { ...replicasOnTheWay(partition, wanted.replicas), isr: partition.isr });
}

function cancel(context: DecisionContext, placed: Placed): MetadataRecord | Refusal | null {
  const { topic, index, partition } = placed;
  if (!isBeingReassigned(partition)) return { error: errors.NO_REASSIGNMENT_IN_PROGRESS, message: null };
  const replicas = replicasBefore(partition);
  const isr = partition.isr.filter((id) => replicas.includes(id));
  const rules = electionRules(
    { image: context.state.image, topicSettings: context.topicSettings },
    topic.name,
  );
  if (isr.length === 0 && !rules.isUncleanElectionEnabled) {
    return refusal(
      errors.INVALID_REPLICA_ASSIGNMENT,
      `Unable to revert partition assignment for ${topic.name}:${index} because it would require an ` +
        "unclean leader election.",
    );
  }
  return move(context, placed, { replicas, addingReplicas: [], removingReplicas: [], isr });
}

function move(
  { state, topicSettings }: DecisionContext,
  { topic, index, partition }: Placed,
  to: ReplicaSet & Pick<PartitionRegistration, "isr">,
): MetadataRecord | null {
  const { isr, ...replicaSet } = to;
  const { image } = state;
  return partitionChange(
    {
      topicId: topic.id,
      index,
      partition,
      isr,
      uncleanShutdownBroker: null,
      move: { ...replicaSet, directoryOf: (id) => defaultDirectory(image.cluster, id) },
    },
    electionRules({ image, topicSettings }, topic.name),
  );
}

function toResult(
  partitionIndex: number,
  refused: Refusal | null,
): AlterPartitionReassignmentsResponse.ReassignablePartitionResponse {
  return { partitionIndex, errorCode: refused?.error.code ?? 0, errorMessage: refused?.message ?? null };
}
