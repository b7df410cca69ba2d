// Asks the controller for topics that a client needs and nobody created: on behalf of that client, once
// however many ask at a time. Whoever wanted them asks again. Not here: how such topics are laid out
// (automatic-topic-creation.ts), who may have them created (handlers).
import {
  apiKeys,
  CLUSTER_METADATA_TOPIC,
  type CreateTopicsResponse,
  errors,
  makeCreateTopicsRequest,
  topicNameProblem,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { RequestContext } from "../dispatch/request-context.ts";
import { loggerNames } from "../logger-names.ts";
import { automaticTopicCreation } from "./automatic-topic-creation.ts";

const createTopicsVersion = 7;
const createTimeoutMs = 30_000;

/** What it needs of a broker. */
export type CreationSource = Pick<
  BrokerServices,
  "config" | "automaticCreations" | "controllerChannel" | "loggers"
>;

/** Begins to create the topics; names that cannot be topics are left out. */
export function createAutomatically(
  broker: CreationSource,
  context: Pick<RequestContext, "principal" | "clientId">,
  names: Iterable<string>,
): void {
  const topics = broker.automaticCreations.begin(possibleNames(names)).map((name) => {
    const { numPartitions, replicationFactor, configs } = automaticTopicCreation(name, broker.config);
    return { name, numPartitions, replicationFactor, assignments: [], configs: [...configs] };
  });
  if (topics.length === 0) return;
  const creation = {
    apiKey: apiKeys.CreateTopics,
    apiVersion: createTopicsVersion,
    principal: context.principal,
    clientId: context.clientId,
  };
  const request = makeCreateTopicsRequest({ topics, timeoutMs: createTimeoutMs });
  broker.controllerChannel.submit<CreateTopicsResponse>(creation, request, (response) => {
    broker.automaticCreations.end(topics.map(({ name }) => name));
    for (const { name, errorCode, errorMessage } of response.topics) {
      if (errorCode === 0 || errorCode === errors.TOPIC_ALREADY_EXISTS.code) continue;
      const logger = broker.loggers.named(loggerNames.requests);
      logger.warn("a topic was not created automatically", { topic: name, errorCode, errorMessage });
    }
  });
}

/** Looked at one by one, as there may be many more than are begun. */
function* possibleNames(names: Iterable<string>): Iterable<string> {
  for (const name of names) {
    if (name !== CLUSTER_METADATA_TOPIC && topicNameProblem(name) === null) yield name;
  }
}
