// ElectLeaders (43): the preferred leader, or any replica for a partition without one. Each partition alone.
import {
  type ElectLeadersRequest,
  type ElectLeadersResponse,
  errors,
  makeElectLeadersResponse,
} from "@ottla/protocol";
import { NO_LEADER, type TopicImage } from "../../../image/topics-image.ts";
import type { MetadataRecord } from "../../../records/metadata-record.ts";
import type { Decision } from "../../decision.ts";
import { electionRules } from "../../partition/election-rules.ts";
import { partitionChange } from "../../partition/partition-change.ts";
import { runsByWeight } from "../../request-parts.ts";
import { type Decider, type DecisionContext, type Refusal, refusal } from "../decision-context.ts";

type TopicResult = ElectLeadersResponse.ReplicaElectionResult;

const PREFERRED = 0;

export const electLeaders: Decider<ElectLeadersRequest, ElectLeadersResponse> = {
  decide: decideElectLeaders,
  parts: ({ state }) => {
    let isOfAll = false;
    return {
      cut: (request) => {
        isOfAll = request.topicPartitions === null;
        const topics = request.topicPartitions ?? allPartitions(state.image.topics.topics());
        return runsByWeight(topics, ({ partitions }) => 1 + partitions.length).map((topicPartitions) => ({
          ...request,
          topicPartitions: [...topicPartitions],
        }));
      },
      join: (responses) => {
        const results = responses.flatMap((part) => part.replicaElectionResults);
        return makeElectLeadersResponse({
          replicaElectionResults: isOfAll ? results.map(notableOf) : results,
        });
      },
    };
  },
  failed: (request, error, message) =>
    makeElectLeadersResponse({
      errorCode: error.code,
      replicaElectionResults: (request.topicPartitions ?? []).map(({ topic, partitions }) => ({
        topic,
        partitionResult: partitions.map((index) => toResult(index, { error, message })),
      })),
    }),
};

function decideElectLeaders(
  context: DecisionContext,
  request: ElectLeadersRequest,
): Decision<ElectLeadersResponse> {
  const records: MetadataRecord[] = [];
  const elect = (topic: string, index: number): Refusal | null => {
    const outcome = electLeader(context, topic, index, request.electionType);
    if (!("name" in outcome)) return outcome;
    records.push(outcome);
    return null;
  };
  const { topicPartitions } = request;
  const results = (topicPartitions ?? allPartitions(context.state.image.topics.topics())).map(
    ({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((index) => toResult(index, elect(topic, index))),
    }),
  );
  const replicaElectionResults = topicPartitions === null ? results.map(notableOf) : results;
  // Partitions are elected each for itself.
  return { records, response: makeElectLeadersResponse({ replicaElectionResults }), atomic: false };
}

/** What a request for all partitions asks for. */
function allPartitions(topics: Iterable<TopicImage>): ElectLeadersRequest.TopicPartitions[] {
  return Array.from(topics, ({ name, partitions }) => ({ topic: name, partitions: [...partitions.keys()] }));
}

/**
 * Of a topic that was not named, those partitions are not worth a word that have the leader they should have.
 */
function notableOf({ topic, partitionResult }: TopicResult): TopicResult {
  const isNotable = ({ errorCode }: ElectLeadersResponse.PartitionResult): boolean =>
    errorCode !== errors.ELECTION_NOT_NEEDED.code;
  return { topic, partitionResult: partitionResult.filter(isNotable) };
}

function electLeader(
  { state, topicSettings }: DecisionContext,
  topicName: string,
  index: number,
  electionType: number,
): MetadataRecord | Refusal {
  const { image } = state;
  const topic = image.topics.byName(topicName);
  if (topic === null) return refusal(errors.UNKNOWN_TOPIC_OR_PARTITION, `No such topic as ${topicName}`);
  const partition = topic.partitions[index];
  if (partition === undefined) {
    return refusal(errors.UNKNOWN_TOPIC_OR_PARTITION, `No such partition as ${topicName}-${index}`);
  }
  const isPreferred = electionType === PREFERRED;
  const isAsWanted = isPreferred
    ? partition.leader === partition.replicas[0]
    : partition.leader !== NO_LEADER;
  if (isAsWanted) return refusal(errors.ELECTION_NOT_NEEDED);
  const rules = electionRules({ image, topicSettings }, topic.name);
  const record = partitionChange(
    {
      topicId: topic.id,
      index,
      partition,
      isr: partition.isr,
      uncleanShutdownBroker: null,
      prefersFirst: isPreferred,
    },
    { ...rules, isUncleanElectionEnabled: rules.isUncleanElectionEnabled || !isPreferred },
  );
  if (record !== null) return record;
  return refusal(isPreferred ? errors.PREFERRED_LEADER_NOT_AVAILABLE : errors.ELIGIBLE_LEADERS_NOT_AVAILABLE);
}

function toResult(partitionId: number, refused: Refusal | null): ElectLeadersResponse.PartitionResult {
  return { partitionId, errorCode: refused?.error.code ?? 0, errorMessage: refused?.message ?? null };
}
