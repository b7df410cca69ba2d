// DeleteTopics, key 20, versions 1 to 6. Deletes topics by name, from v6 also by id.
// - delete.topic.enable off: TOPIC_DELETION_DISABLED, before v3 INVALID_REQUEST.
// - Name and id together, neither, or one of them twice: INVALID_REQUEST. Needs DESCRIBE and DELETE on the
// topic, else
//   TOPIC_AUTHORIZATION_FAILED; who may not describe it learns no name from an id.
// - What does not exist is UNKNOWN_TOPIC_OR_PARTITION by name, UNKNOWN_TOPIC_ID by id. Data goes after the
// answer.
// - A timeout that is over at once fails all of the request: REQUEST_TIMED_OUT.
// - v5 error messages. v6 ids.
import { endsPiece, type Pieces } from "@ottla/ports";
import {
  type DeleteTopicsRequest,
  type DeleteTopicsResponse,
  type ErrorSpec,
  errors,
  KafkaError,
  makeDeleteTopicsResponse,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { Reply } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";
import { dispatchLimits } from "../limits.ts";

type TopicState = DeleteTopicsRequest.DeleteTopicState;
type TopicResult = DeleteTopicsResponse.DeletableTopicResult;

const disabledErrorFrom = 3;
const statesFrom = 6;

export function handleDeleteTopics(
  broker: BrokerServices,
  context: RequestContext,
  request: DeleteTopicsRequest,
  reply: Reply<DeleteTopicsResponse>,
): void {
  if (!broker.config.deleteTopicEnable) {
    const error =
      context.apiVersion < disabledErrorFrom ? errors.INVALID_REQUEST : errors.TOPIC_DELETION_DISABLED;
    throw new KafkaError(error, "Topic deletion is disabled.");
  }
  context.inSlices(sortStates(broker, context, request), (sorted) =>
    deleteSorted(broker, context, request, sorted, reply),
  );
}

interface SortedStates {
  readonly topics: readonly TopicState[];
  readonly refused: readonly TopicResult[];
}

function deleteSorted(
  broker: BrokerServices,
  context: RequestContext,
  request: DeleteTopicsRequest,
  { topics, refused }: SortedStates,
  reply: Reply<DeleteTopicsResponse>,
): void {
  if (topics.length === 0) {
    reply(makeDeleteTopicsResponse({ responses: [...refused] }));
    return;
  }
  if (request.timeoutMs <= 0) {
    const errorCode = errors.REQUEST_TIMED_OUT.code;
    const responses = askedStates(request, context.apiVersion).map(({ name, topicId }) => ({
      name,
      topicId,
      errorCode,
      errorMessage: null,
    }));
    reply(makeDeleteTopicsResponse({ responses }));
    return;
  }
  if (topics.length > dispatchLimits.answeredAtOnceMax) context.answersInSlices();
  // The controller is asked by states in every version.
  const effective = { ...request, topics, topicNames: [] };
  const { apiKey, principal, clientId } = context;
  const asController = { apiKey, apiVersion: statesFrom, principal, clientId };
  broker.controllerChannel.submit<DeleteTopicsResponse>(asController, effective, (response) => {
    reply({ ...response, responses: [...response.responses, ...refused] });
  });
}

/** Parts what the controller is asked for from what is refused here. */
function* sortStates(
  broker: BrokerServices,
  context: RequestContext,
  request: DeleteTopicsRequest,
): Pieces<SortedStates> {
  const { valid, refused } = yield* checkStates(askedStates(request, context.apiVersion));
  const topics: TopicState[] = [];
  let items = 0;
  for (const state of yield* withoutTwoNames(broker, valid, refused)) {
    const denial = denialOf(broker, context, state);
    if (denial === null) topics.push(state);
    else refused.push(denial);
    if (endsPiece(++items)) yield;
  }
  return { topics, refused };
}

export function deleteTopicsErrorReply(
  request: DeleteTopicsRequest,
  error: ErrorSpec,
  message: string | null,
): DeleteTopicsResponse {
  const states = [...request.topics, ...request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }))];
  return makeDeleteTopicsResponse({
    responses: states.map(({ name, topicId }) => failedResult(name, topicId, error, message)),
  });
}

function askedStates(request: DeleteTopicsRequest, version: number): readonly TopicState[] {
  if (version >= statesFrom) return request.topics;
  return request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }));
}

function* checkStates(
  states: readonly TopicState[],
): Pieces<{ readonly valid: TopicState[]; readonly refused: TopicResult[] }> {
  const refused: TopicResult[] = [];
  const byKey = new Map<string, { readonly state: TopicState; count: number }>();
  let items = 0;
  for (const state of states) {
    if (endsPiece(++items)) yield;
    const { name, topicId } = state;
    if (name !== null && topicId !== ZERO_UUID) {
      refused.push(invalid(name, topicId, "You may not specify both topic name and topic id."));
    } else if (name === null && topicId === ZERO_UUID) {
      refused.push(invalid(name, topicId, "Neither topic name nor id were specified."));
    } else {
      // Names cannot begin with a colon.
      const key = name ?? `:${topicId}`;
      const seen = byKey.get(key);
      if (seen === undefined) byKey.set(key, { state, count: 1 });
      else seen.count++;
    }
  }
  const valid: TopicState[] = [];
  for (const { state, count } of byKey.values()) {
    if (endsPiece(++items)) yield;
    if (count === 1) valid.push(state);
    else {
      const message = state.name === null ? "Duplicate topic id." : "Duplicate topic name.";
      refused.push(invalid(state.name, state.topicId, message));
    }
  }
  return { valid, refused };
}

/** Leaves out topics that are asked for by name and by id at once. */
function* withoutTwoNames(
  broker: BrokerServices,
  states: readonly TopicState[],
  refused: TopicResult[],
): Pieces<readonly TopicState[]> {
  const ids = new Set(states.filter(({ name }) => name === null).map(({ topicId }) => topicId));
  if (ids.size === 0) return states;
  const twice = new Set<Uuid>();
  let items = 0;
  for (const { name } of states) {
    if (endsPiece(++items)) yield;
    const id = name === null ? ZERO_UUID : idOf(broker, name);
    if (id === ZERO_UUID || !ids.has(id)) continue;
    twice.add(id);
    refused.push(invalid(name, id, "The topic is named by its id too."));
  }
  return states.filter(({ name, topicId }) => !twice.has(name === null ? topicId : idOf(broker, name)));
}

function idOf(broker: BrokerServices, name: string): Uuid {
  return broker.metadata.image.topics.byName(name)?.id ?? ZERO_UUID;
}

/** Why the topic may not be deleted by this client; null when it may. */
function denialOf(broker: BrokerServices, context: RequestContext, state: TopicState): TopicResult | null {
  const { name, topicId } = state;
  const denied = errors.TOPIC_AUTHORIZATION_FAILED;
  const known = name ?? broker.metadata.image.topics.byId(topicId)?.name ?? null;
  // Without a name nobody can say who may delete it. An id too new for this broker's image is known at the
  // client's next try.
  if (known === null) return failedResult(null, topicId, errors.UNKNOWN_TOPIC_ID, null);
  if (!context.isAllowed("DESCRIBE", "TOPIC", known)) return failedResult(name, topicId, denied, null);
  if (!context.isAllowed("DELETE", "TOPIC", known)) return failedResult(known, topicId, denied, null);
  return null;
}

function invalid(name: string | null, topicId: Uuid, message: string): TopicResult {
  return failedResult(name, topicId, errors.INVALID_REQUEST, message);
}

function failedResult(
  name: string | null,
  topicId: Uuid,
  error: ErrorSpec,
  message: string | null,
): TopicResult {
  return { name, topicId, errorCode: error.code, errorMessage: message ?? error.meaning };
}
