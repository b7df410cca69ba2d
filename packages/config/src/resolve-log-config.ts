// From texts to LogConfig: a broker's settings give a topic's defaults, a topic's overrides go on top.
// Total: an override that this version cannot use is reported and left out, because metadata written by
// another version must not stop a broker. Not here: refusing bad overrides before they are stored
// (validate/topic-configs.ts).
import type { BrokerSynonym } from "./definitions/config-def.ts";
import { ConfigReader } from "./definitions/config-reader.ts";
import { TOPIC_CONFIGS } from "./definitions/config-tables.ts";
import { parseConfigValue } from "./definitions/parse-value.ts";
import {
  type Durability,
  defaultLogConfig,
  type LogConfig,
  type TopicCompressionType,
  type TopicTimestampType,
} from "./log-config.ts";

/** Texts of every topic setting as a topic without overrides has them, from the broker's settings. */
export function topicDefaultTexts(
  brokerSettings: ReadonlyMap<string, string | null>,
): ReadonlyMap<string, string | null> {
  const texts = new Map<string, string | null>();
  for (const def of TOPIC_CONFIGS.values()) {
    texts.set(def.name, brokerText(def.synonyms, brokerSettings) ?? def.default);
  }
  return texts;
}

/**
 * Settings of a topic with these overrides; `reportUnusable` hears Kafka's text for each that is left out.
 */
export function resolveLogConfig(
  overrides: ReadonlyMap<string, string>,
  defaults: LogConfig,
  reportUnusable: (message: string) => void = () => {},
): LogConfig {
  if (overrides.size === 0) return defaults;
  const texts = new Map<string, string>();
  for (const [name, written] of overrides) {
    const def = TOPIC_CONFIGS.get(name);
    const parsed = def && parseConfigValue(def, written);
    if (parsed === undefined) reportUnusable(`Unknown topic config name: ${name}`);
    else if (parsed.ok) texts.set(name, parsed.text);
    else reportUnusable(parsed.message);
  }
  return Object.freeze({ ...defaults, ...changedFields(texts) });
}

/**
 * Settings of a topic without overrides on a broker with these settings (canonical texts, defaults included).
 */
export function resolveLogDefaults(brokerSettings: ReadonlyMap<string, string | null>): LogConfig {
  const texts = new Map<string, string>();
  for (const [name, text] of topicDefaultTexts(brokerSettings)) if (text !== null) texts.set(name, text);
  return defaultLogConfig(changedFields(texts));
}

function brokerText(
  synonyms: readonly BrokerSynonym[],
  brokerSettings: ReadonlyMap<string, string | null>,
): string | undefined {
  for (const { name, multiplier } of synonyms) {
    const text = brokerSettings.get(name);
    if (text === null || text === undefined) continue;
    if (name.startsWith("log.retention.") && name !== "log.retention.bytes" && text.startsWith("-"))
      return "-1";
    return multiplier === 1 ? text : String(BigInt(text) * BigInt(multiplier));
  }
  return undefined;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type ReadField = (read: ConfigReader, name: string, fields: Mutable<Partial<LogConfig>>) => void;

function numberField(field: NumberField): ReadField {
  return (read, name, fields) => {
    fields[field] = read.number(name);
  };
}

function booleanField(field: BooleanField): ReadField {
  return (read, name, fields) => {
    fields[field] = read.boolean(name);
  };
}

type NumberField = { [Key in keyof LogConfig]: LogConfig[Key] extends number ? Key : never }[keyof LogConfig];
type BooleanField = {
  [Key in keyof LogConfig]: LogConfig[Key] extends boolean ? Key : never;
}[keyof LogConfig];

/** One row per topic setting; internal.segment.bytes comes last because it wins over segment.bytes. */
const FIELDS: ReadonlyMap<string, ReadField> = new Map([
  ["segment.bytes", numberField("segmentBytes")],
  ["segment.ms", numberField("segmentMs")],
  ["segment.jitter.ms", numberField("segmentJitterMs")],
  ["segment.index.bytes", numberField("segmentIndexBytes")],
  ["index.interval.bytes", numberField("indexIntervalBytes")],
  ["retention.ms", numberField("retentionMs")],
  ["retention.bytes", numberField("retentionBytes")],
  ["local.retention.ms", numberField("localRetentionMs")],
  ["local.retention.bytes", numberField("localRetentionBytes")],
  ["max.message.bytes", numberField("maxMessageBytes")],
  ["min.insync.replicas", numberField("minInsyncReplicas")],
  ["compression.gzip.level", numberField("compressionGzipLevel")],
  ["compression.lz4.level", numberField("compressionLz4Level")],
  ["compression.zstd.level", numberField("compressionZstdLevel")],
  ["message.timestamp.before.max.ms", numberField("messageTimestampBeforeMaxMs")],
  ["message.timestamp.after.max.ms", numberField("messageTimestampAfterMaxMs")],
  ["flush.messages", numberField("flushMessages")],
  ["flush.ms", numberField("flushMs")],
  ["delete.retention.ms", numberField("deleteRetentionMs")],
  ["min.compaction.lag.ms", numberField("minCompactionLagMs")],
  ["max.compaction.lag.ms", numberField("maxCompactionLagMs")],
  ["min.cleanable.dirty.ratio", numberField("minCleanableDirtyRatio")],
  ["file.delete.delay.ms", numberField("fileDeleteDelayMs")],
  ["preallocate", booleanField("preallocate")],
  ["unclean.leader.election.enable", booleanField("uncleanLeaderElectionEnable")],
  ["remote.storage.enable", booleanField("remoteStorageEnable")],
  ["remote.log.copy.disable", booleanField("remoteLogCopyDisable")],
  ["remote.log.delete.on.disable", booleanField("remoteLogDeleteOnDisable")],
  [
    "cleanup.policy",
    (read, name, fields) => {
      fields.cleanupDelete = read.list(name).includes("delete");
      fields.cleanupCompact = read.list(name).includes("compact");
    },
  ],
  [
    "compression.type",
    (read, name, fields) => {
      fields.compressionType = read.text(name) as TopicCompressionType;
    },
  ],
  [
    "message.timestamp.type",
    (read, name, fields) => {
      fields.messageTimestampType = read.text(name) as TopicTimestampType;
    },
  ],
  [
    "ottla.durability",
    (read, name, fields) => {
      fields.durability = read.text(name) as Durability;
    },
  ],
  [
    "leader.replication.throttled.replicas",
    (read, name, fields) => {
      fields.leaderReplicationThrottledReplicas = read.list(name);
    },
  ],
  [
    "follower.replication.throttled.replicas",
    (read, name, fields) => {
      fields.followerReplicationThrottledReplicas = read.list(name);
    },
  ],
  ["internal.segment.bytes", numberField("segmentBytes")],
] satisfies [string, ReadField][]);

/** Names of the topic settings that reach LogConfig. */
export function logConfigSettings(): Iterable<string> {
  return FIELDS.keys();
}

function changedFields(texts: ReadonlyMap<string, string>): Partial<LogConfig> {
  const fields: Mutable<Partial<LogConfig>> = {};
  const read = new ConfigReader(texts);
  for (const [name, readField] of FIELDS) if (texts.has(name)) readField(read, name, fields);
  return fields;
}
