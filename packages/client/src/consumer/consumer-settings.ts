// The settings of a consumer in the form in which it works with them: typed, cross-checked, with the values
// that depend on each other resolved. Texts are Apache Kafka's.
import { errors } from "@ottla/protocol";
import type { Assignor } from "../assignors/assignor.ts";
import { findAssignor } from "../assignors/find-assignor.ts";
import { ClientConfig, type ClientSettings } from "../config/client-config.ts";
import { ConfigError } from "../config/config-error.ts";
import { CONSUMER_CONFIGS } from "../config/consumer-configs.ts";
import { KafkaError } from "../errors/kafka-error.ts";
import { type OffsetResetStrategy, parseOffsetResetStrategy } from "./offsets/offset-reset-strategy.ts";

export interface ConsumerSettings {
  readonly config: ClientConfig;
  readonly clientId: string;
  /** Begins each line of the log. */
  readonly logPrefix: string;
  readonly groupId: string | null;
  readonly groupInstanceId: string | null;
  readonly assignors: readonly Assignor[];
  readonly offsetReset: OffsetResetStrategy;
  readonly isAutoCommit: boolean;
  readonly autoCommitIntervalMs: number;
  readonly isReadCommitted: boolean;
  readonly checksCrcs: boolean;
  readonly rackId: string;
  readonly fetchMinBytes: number;
  readonly fetchMaxBytes: number;
  readonly fetchMaxWaitMs: number;
  readonly partitionFetchBytesMax: number;
  readonly pollRecordsMax: number;
  readonly pollIntervalMsMax: number;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly apiTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly metadataAgeMsMax: number;
  readonly allowsAutoTopicCreation: boolean;
  readonly excludesInternalTopics: boolean;
}

const CLASSIC_PROTOCOL = "classic";

/** `nextNumber` numbers consumers without a client id. Throws `ConfigError` and `KafkaError`. */
export function consumerSettings(settings: ClientSettings, nextNumber: () => number): ConsumerSettings {
  const config = new ClientConfig(CONSUMER_CONFIGS, settings);
  const groupId = config.textOrNull("group.id");
  if (groupId?.trim() === "") {
    const text = "The configured group.id should not be an empty string or whitespace.";
    throw new KafkaError(errors.INVALID_GROUP_ID, text);
  }
  if (config.text("group.protocol").toLowerCase() !== CLASSIC_PROTOCOL) {
    throw new ConfigError("group.protocol", "This consumer speaks the classic group protocol only.");
  }
  const groupInstanceId = config.textOrNull("group.instance.id");
  const clientId = clientIdOf(config, groupId, groupInstanceId, nextNumber);
  const heartbeatIntervalMs = config.number("heartbeat.interval.ms");
  const sessionTimeoutMs = config.number("session.timeout.ms");
  if (groupId !== null && heartbeatIntervalMs >= sessionTimeoutMs) {
    throw new ConfigError("heartbeat.interval.ms", "Heartbeat must be set lower than the session timeout");
  }
  return {
    config,
    clientId,
    logPrefix: logPrefixOf(clientId, groupId, groupInstanceId),
    groupId,
    groupInstanceId,
    assignors: assignorsOf(config),
    offsetReset: parseOffsetResetStrategy(config.text("auto.offset.reset")),
    isAutoCommit: isAutoCommit(config, groupId),
    autoCommitIntervalMs: config.number("auto.commit.interval.ms"),
    isReadCommitted: config.text("isolation.level") === "read_committed",
    checksCrcs: config.boolean("check.crcs"),
    rackId: config.text("client.rack"),
    fetchMinBytes: config.number("fetch.min.bytes"),
    fetchMaxBytes: config.number("fetch.max.bytes"),
    fetchMaxWaitMs: config.number("fetch.max.wait.ms"),
    partitionFetchBytesMax: config.number("max.partition.fetch.bytes"),
    pollRecordsMax: config.number("max.poll.records"),
    pollIntervalMsMax: config.number("max.poll.interval.ms"),
    sessionTimeoutMs,
    heartbeatIntervalMs,
    apiTimeoutMs: config.number("default.api.timeout.ms"),
    requestTimeoutMs: config.number("request.timeout.ms"),
    metadataAgeMsMax: config.number("metadata.max.age.ms"),
    allowsAutoTopicCreation: config.boolean("allow.auto.create.topics"),
    excludesInternalTopics: config.boolean("exclude.internal.topics"),
  };
}

function clientIdOf(
  config: ClientConfig,
  groupId: string | null,
  groupInstanceId: string | null,
  nextNumber: () => number,
): string {
  const given = config.text("client.id");
  return given === "" ? `consumer-${groupId ?? "null"}-${groupInstanceId ?? nextNumber()}` : given;
}

function logPrefixOf(clientId: string, groupId: string | null, groupInstanceId: string | null): string {
  const instance = groupInstanceId === null ? "" : `instanceId=${groupInstanceId}, `;
  return `[Consumer ${instance}clientId=${clientId}, groupId=${groupId ?? "null"}] `;
}

/** Without a group nothing can be committed, so nothing is unless that was asked for. */
function isAutoCommit(config: ClientConfig, groupId: string | null): boolean {
  const isAsked = config.boolean("enable.auto.commit");
  if (groupId !== null || !isAsked) return isAsked;
  if (!config.isGiven("enable.auto.commit")) return false;
  const text = "enable.auto.commit cannot be set to true when default group id (null) is used.";
  throw new ConfigError("enable.auto.commit", text);
}

function assignorsOf(config: ClientConfig): Assignor[] {
  const key = "partition.assignment.strategy";
  const assignors: Assignor[] = [];
  for (const name of config.list(key)) {
    const assignor = findAssignor(name);
    if (assignor === null) throw new ConfigError(key, `Class ${name} cannot be found`);
    if (assignors.includes(assignor)) {
      throw new KafkaError(
        errors.UNKNOWN_SERVER_ERROR,
        `The assignor name: '${assignor.name}' is used in more than one assignor: ${name}`,
      );
    }
    assignors.push(assignor);
  }
  return assignors;
}
