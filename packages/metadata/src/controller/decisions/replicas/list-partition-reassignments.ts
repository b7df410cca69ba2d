// ListPartitionReassignments (46): partitions with replicas on the way in or out. Changes nothing.
import {
  type ListPartitionReassignmentsRequest,
  type ListPartitionReassignmentsResponse,
  makeListPartitionReassignmentsResponse,
} from "@ottla/protocol";
import type { TopicImage } from "../../../image/topics-image.ts";
import type { Decision } from "../../decision.ts";
import { isBeingReassigned } from "../../partition/reassignment.ts";
import { type Decider, type DecisionContext, noChange } from "../decision-context.ts";

type OngoingTopic = ListPartitionReassignmentsResponse.OngoingTopicReassignment;

export const listPartitionReassignments: Decider<
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse
> = {
  decide: decideListPartitionReassignments,
  failed: (_request, error, message) =>
    makeListPartitionReassignmentsResponse({ errorCode: error.code, errorMessage: message }),
};

function decideListPartitionReassignments(
  { state }: DecisionContext,
  request: ListPartitionReassignmentsRequest,
): Decision<ListPartitionReassignmentsResponse> {
  const ongoing: OngoingTopic[] = [];
  if (request.topics === null) {
    for (const topic of state.image.topics.topics())
      ongoing.push(...ongoingOf(topic, topic.partitions.keys()));
  } else {
    for (const { name, partitionIndexes } of request.topics) {
      const topic = state.image.topics.byName(name);
      if (topic !== null) ongoing.push(...ongoingOf(topic, partitionIndexes));
    }
  }
  return noChange(makeListPartitionReassignmentsResponse({ errorMessage: null, topics: ongoing }));
}

/** One element, or none when all of these partitions are at rest. */
function ongoingOf(topic: TopicImage, indexes: Iterable<number>): OngoingTopic[] {
  const partitions: ListPartitionReassignmentsResponse.OngoingPartitionReassignment[] = [];
  for (const partitionIndex of indexes) {
    const partition = topic.partitions[partitionIndex];
    if (partition === undefined || !isBeingReassigned(partition)) continue;
    partitions.push({
      partitionIndex,
      replicas: [...partition.replicas],
      addingReplicas: [...partition.addingReplicas],
      removingReplicas: [...partition.removingReplicas],
    });
  }
  return partitions.length === 0 ? [] : [{ name: topic.name, partitions }];
}
