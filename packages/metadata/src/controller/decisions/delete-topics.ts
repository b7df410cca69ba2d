// DeleteTopics (20): by name or id, in the form of version 6. Each topic alone. What goes with a topic
// (partitions, settings) goes on replay of the one record.
import {
  type DeleteTopicsRequest,
  type DeleteTopicsResponse,
  errors,
  makeDeleteTopicsResponse,
  ZERO_UUID,
} from "@ottla/protocol";
import { type MetadataRecord, metadataRecord } from "../../records/metadata-record.ts";
import type { Decision } from "../decision.ts";
import { runsByWeight } from "../request-parts.ts";
import { type Decider, type DecisionContext, refusal } from "./decision-context.ts";

export const deleteTopics: Decider<DeleteTopicsRequest, DeleteTopicsResponse> = {
  decide: decideDeleteTopics,
  failed: (request, error, message) =>
    makeDeleteTopicsResponse({
      responses: statesOf(request).map(({ name, topicId }) => ({
        name,
        topicId,
        errorCode: error.code,
        errorMessage: message ?? error.meaning,
      })),
    }),
  parts: ({ state }) => ({
    cut: (request) => {
      const { topics } = state.image;
      const weightOf = ({ name, topicId }: DeleteTopicsRequest.DeleteTopicState): number =>
        1 + ((name === null ? topics.byId(topicId) : topics.byName(name))?.partitions.length ?? 0);
      return runsByWeight(statesOf(request), weightOf).map((states) => ({
        ...request,
        topics: [...states],
        topicNames: [],
      }));
    },
    join: (responses) => makeDeleteTopicsResponse({ responses: responses.flatMap((part) => part.responses) }),
  }),
};

function decideDeleteTopics(
  { state }: DecisionContext,
  request: DeleteTopicsRequest,
): Decision<DeleteTopicsResponse> {
  const { topics } = state.image;
  const records: MetadataRecord[] = [];
  const deleted = new Set<string>();
  const responses = statesOf(request).map(({ name, topicId }) => {
    const topic = name === null ? topics.byId(topicId) : topics.byName(name);
    // A topic named by name and by id in one request is gone after the first.
    if (topic === null || deleted.has(topic.id)) {
      const { error, message } = refusal(
        name === null ? errors.UNKNOWN_TOPIC_ID : errors.UNKNOWN_TOPIC_OR_PARTITION,
      );
      return { name, topicId, errorCode: error.code, errorMessage: message };
    }
    deleted.add(topic.id);
    records.push(metadataRecord("RemoveTopicRecord", 0, { topicId: topic.id }));
    return { name: topic.name, topicId: topic.id, errorCode: 0, errorMessage: null };
  });
  return { records, response: makeDeleteTopicsResponse({ responses }), atomic: true };
}

function statesOf(request: DeleteTopicsRequest): readonly DeleteTopicsRequest.DeleteTopicState[] {
  return [...request.topics, ...request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }))];
}
