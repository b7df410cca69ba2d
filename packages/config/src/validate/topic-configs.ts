// Refusing bad settings of topics before they become metadata, in Kafka's words. Pure.
// Not here: which error code carries the text (the controller).
import { TOPIC_CONFIGS } from "../definitions/config-tables.ts";
import { type ParsedConfig, parseConfigValue } from "../definitions/parse-value.ts";
import { topicDefaultTexts } from "../resolve-log-config.ts";

/** One topic setting: its canonical text, or why it is refused. */
export function validateTopicConfig(name: string, value: string): ParsedConfig {
  const def = TOPIC_CONFIGS.get(name);
  if (def === undefined) return { ok: false, message: `Unknown topic config name: ${name}` };
  return parseConfigValue(def, value);
}

/** What a topic's settings are judged against. */
export interface TopicValidationContext {
  /** Canonical texts of the broker's settings, the topic's fallbacks. */
  readonly brokerSettings: ReadonlyMap<string, string | null>;
}

/**
 * All overrides a topic would have. Answers Kafka's text for the first thing wrong, undefined when all is
 * well. A null value is refused, as CreateTopics does.
 */
export function validateTopicConfigs(
  overrides: ReadonlyMap<string, string | null>,
  context: TopicValidationContext,
): string | undefined {
  const nulls = [...overrides].filter(([, value]) => value === null).map(([name]) => name);
  if (nulls.length > 0) return `Null value not supported for topic configs: ${nulls.join(",")}`;
  const unknown = [...overrides.keys()].find((name) => !TOPIC_CONFIGS.has(name));
  if (unknown !== undefined) return `Unknown topic config name: ${unknown}`;
  const texts = new Map(topicDefaultTexts(context.brokerSettings));
  for (const [name, value] of overrides) {
    const parsed = validateTopicConfig(name, value ?? "");
    if (!parsed.ok) return parsed.message;
    texts.set(name, parsed.text);
  }
  return compactionLagConflict(texts) ?? remoteStorageConflict(texts, context);
}

function compactionLagConflict(texts: ReadonlyMap<string, string | null>): string | undefined {
  const [min, max] = [texts.get("min.compaction.lag.ms") ?? "0", texts.get("max.compaction.lag.ms") ?? "0"];
  if (BigInt(min) <= BigInt(max)) return undefined;
  return `conflict topic config setting min.compaction.lag.ms (${min}) > max.compaction.lag.ms (${max})`;
}

function remoteStorageConflict(
  texts: ReadonlyMap<string, string | null>,
  context: TopicValidationContext,
): string | undefined {
  if (texts.get("remote.storage.enable") !== "true") return undefined;
  if (context.brokerSettings.get("remote.log.storage.system.enable") === "true") return undefined;
  return "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.";
}
