// What a producer or consumer logs when metadata tells of topics that cannot be had: Apache Kafka's lines.
import { type ErrorSpec, errors } from "@ottla/protocol";
import type { ClientLogger } from "../environment/client-environment.ts";
import { NETWORK_ORIGIN } from "./log-down.ts";

const METADATA_ORIGIN = "org.apache.kafka.clients.Metadata";

/** `correlationId` is that of the Metadata request. */
export function logTopicErrors(
  logger: ClientLogger,
  topicErrors: ReadonlyMap<string, ErrorSpec>,
  correlationId: number,
): void {
  if (topicErrors.size === 0) return;
  const all = [...topicErrors].map(([topic, { name }]) => `${topic}=${name}`).join(", ");
  logger.warn(
    `The metadata response from the cluster reported a recoverable issue with correlation id ${correlationId} : {${all}}`,
    NETWORK_ORIGIN,
  );
  const withError = (spec: ErrorSpec): string[] =>
    [...topicErrors].filter(([, error]) => error === spec).map(([topic]) => topic);
  const invalid = withError(errors.INVALID_TOPIC_EXCEPTION);
  if (invalid.length > 0) {
    logger.error(`Metadata response reported invalid topics [${invalid.join(", ")}]`, METADATA_ORIGIN);
  }
  const unauthorized = withError(errors.TOPIC_AUTHORIZATION_FAILED);
  if (unauthorized.length > 0) {
    logger.error(`Topic authorization failed for topics [${unauthorized.join(", ")}]`, METADATA_ORIGIN);
  }
}
