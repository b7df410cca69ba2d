// What DescribeConfigs answers for topics, brokers, groups and client metrics: values, sources and synonyms.
// Invariant: the first synonym is the source of the value. Pure; who may ask and which were asked for is the
// handler's.
import type { BrokerConfigDef, ConfigDef } from "../definitions/config-def.ts";
import {
  BROKER_CONFIGS,
  CLIENT_METRICS_CONFIGS,
  GROUP_CONFIGS,
  TOPIC_CONFIGS,
} from "../definitions/config-tables.ts";
import { listenerSetting } from "../definitions/extra-keys.ts";
import { parseConfigValue } from "../definitions/parse-value.ts";
import { topicDefaultTexts } from "../resolve-log-config.ts";
import {
  CONFIG_TYPE_CODES,
  ConfigSource,
  type ConfigSynonym,
  type DescribedConfig,
} from "./described-config.ts";

/** The layers of one broker's settings, as written; the first that has a key wins. */
export interface BrokerConfigLayers {
  /** Set for this broker while running. */
  readonly dynamicBroker: ReadonlyMap<string, string>;
  /** Set for all brokers while running. */
  readonly dynamicDefault: ReadonlyMap<string, string>;
  /** Written in the properties file or on the command line: `BrokerConfig.written`. */
  readonly static: ReadonlyMap<string, string>;
}

type LayerEntry = readonly [ReadonlyMap<string, string>, ConfigSource];

/**
 * Settings that Kafka defines before the others. Kafka's tools keep an answer in a hash map, so this order
 * shows where several fall into one bucket of it.
 */
const DEFINED_FIRST = [
  "segment.bytes",
  "flush.messages",
  "retention.bytes",
  "retention.ms",
  "max.compaction.lag.ms",
];
const ORDERED_TOPIC_CONFIGS = [...TOPIC_CONFIGS.values()].sort(
  (left, right) => definedAt(left.name) - definedAt(right.name),
);

function definedAt(name: string): number {
  const at = DEFINED_FIRST.indexOf(name);
  return at < 0 ? DEFINED_FIRST.length : at;
}

/** Every setting of a topic that exists. */
export function describeTopicConfigs(
  overrides: ReadonlyMap<string, string>,
  layers: BrokerConfigLayers,
): readonly DescribedConfig[] {
  const defaults = topicDefaultTexts(effectiveBrokerTexts(layers));
  const described: DescribedConfig[] = [];
  for (const def of ORDERED_TOPIC_CONFIGS) {
    const override = overrides.get(def.name);
    if (def.internal && override === undefined) continue;
    const value = override === undefined ? (defaults.get(def.name) ?? null) : canonical(def, override);
    const fallbacks = def.serverDefault === null ? [] : brokerSynonyms(def.serverDefault, layers);
    const own = ownSynonym(def, value, override, ConfigSource.DYNAMIC_TOPIC_CONFIG);
    described.push(describedConfig(def, value, [...own, ...fallbacks], false));
  }
  return described;
}

/** Every setting of this broker, by name: known ones and the namespaced ones that were written. */
export function describeBrokerConfigs(layers: BrokerConfigLayers): readonly DescribedConfig[] {
  const texts = effectiveBrokerTexts(layers);
  const names = new Set([...BROKER_CONFIGS.keys(), ...layers.static.keys()]);
  const described: DescribedConfig[] = [];
  for (const name of [...names].sort()) {
    const def = BROKER_CONFIGS.get(name);
    if (def?.internal && !layers.static.has(name)) continue;
    const value = def ? (texts.get(name) ?? null) : (layers.static.get(name) ?? null);
    described.push(describedBrokerConfig(name, value, brokerSynonyms(name, layers)));
  }
  return described;
}

/** What was set for all brokers while running: the answer for the broker resource with an empty name. */
export function describeBrokerDefaults(
  dynamicDefault: ReadonlyMap<string, string>,
): readonly DescribedConfig[] {
  return [...dynamicDefault].sort(byName).map(([name, written]) => {
    const def = BROKER_CONFIGS.get(name);
    const value = def ? canonical(def, written) : written;
    const source = ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG;
    return describedBrokerConfig(name, value, [{ name, value: isSensitive(def) ? null : value, source }]);
  });
}

/** Every setting of a group. */
export function describeGroupConfigs(
  overrides: ReadonlyMap<string, string>,
  layers: BrokerConfigLayers,
): readonly DescribedConfig[] {
  const texts = effectiveBrokerTexts(layers);
  return [...GROUP_CONFIGS.values()].map((def) => {
    const override = overrides.get(def.name);
    const fallback = def.brokerDefault === null ? def.default : (texts.get(def.brokerDefault) ?? def.default);
    const value = override === undefined ? fallback : canonical(def, override);
    const own = ownSynonym(def, value, override, ConfigSource.DYNAMIC_GROUP_CONFIG);
    const fallbacks =
      def.brokerDefault === null
        ? ownSynonym(def, def.default, def.default, ConfigSource.DEFAULT_CONFIG)
        : brokerSynonyms(def.brokerDefault, layers);
    return describedConfig(def, value, [...own, ...fallbacks], false);
  });
}

/** What was set for a client metrics subscription. */
export function describeClientMetricsConfigs(
  overrides: ReadonlyMap<string, string>,
): readonly DescribedConfig[] {
  return [...CLIENT_METRICS_CONFIGS.values()].map((def) => {
    const override = overrides.get(def.name);
    const value = override === undefined ? def.default : canonical(def, override);
    const source = ConfigSource.DYNAMIC_CLIENT_METRICS_CONFIG;
    return describedConfig(def, value, ownSynonym(def, value, override, source), false);
  });
}

/** Canonical texts of every broker setting after all layers. */
export function effectiveBrokerTexts(layers: BrokerConfigLayers): ReadonlyMap<string, string | null> {
  const texts = new Map<string, string | null>();
  for (const def of BROKER_CONFIGS.values()) {
    const written = layerEntries(layers)
      .map(([layer]) => layer.get(def.name))
      .find((text) => text !== undefined);
    texts.set(def.name, written === undefined ? def.default : canonical(def, written));
  }
  return texts;
}

function layerEntries(layers: BrokerConfigLayers): readonly LayerEntry[] {
  return [
    [layers.dynamicBroker, ConfigSource.DYNAMIC_BROKER_CONFIG],
    [layers.dynamicDefault, ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG],
    [layers.static, ConfigSource.STATIC_BROKER_CONFIG],
  ];
}

/**
 * Every layer that sets `name` or one of its synonyms, layer by layer. Kafka drops what stands before the
 * first entry of that very name, so that a setting never claims to come from a synonym: with nothing but
 * log.retention.hours set, log.retention.ms has no synonyms at all.
 */
function brokerSynonyms(name: string, layers: BrokerConfigLayers): readonly ConfigSynonym[] {
  const def = BROKER_CONFIGS.get(name);
  const names = def?.synonyms ?? [name];
  const hidden = isSensitive(def ?? BROKER_CONFIGS.get(listenerSetting(name) ?? ""));
  const found: ConfigSynonym[] = [];
  for (const [layer, source] of layerEntries(layers)) {
    for (const synonym of names) {
      const value = layer.get(synonym);
      if (value !== undefined) found.push({ name: synonym, value: hidden ? null : value, source });
    }
  }
  for (const synonym of names) {
    const value = BROKER_CONFIGS.get(synonym)?.default;
    if (value !== null && value !== undefined) {
      found.push({ name: synonym, value: hidden ? null : value, source: ConfigSource.DEFAULT_CONFIG });
    }
  }
  const first = found.findIndex((synonym) => synonym.name === name);
  return first < 0 ? [] : found.slice(first);
}

/** The resource's own layer, where it is set. */
function ownSynonym(
  def: ConfigDef,
  value: string | null,
  written: string | null | undefined,
  source: ConfigSource,
): readonly ConfigSynonym[] {
  return written === undefined || written === null ? [] : [{ name: def.name, value, source }];
}

function describedBrokerConfig(
  name: string,
  value: string | null,
  synonyms: readonly ConfigSynonym[],
): DescribedConfig {
  const def: BrokerConfigDef | undefined =
    BROKER_CONFIGS.get(name) ?? BROKER_CONFIGS.get(listenerSetting(name) ?? "");
  const readOnly = def === undefined || def.update === "read-only";
  if (def === undefined) {
    // Nobody knows whether a key of a plug-in is a secret.
    const secret = synonyms.map((synonym) => ({ ...synonym, value: null }));
    return { ...unknownConfig(name, secret), readOnly };
  }
  return { ...describedConfig(def, value, synonyms, readOnly), name };
}

function unknownConfig(name: string, synonyms: readonly ConfigSynonym[]): DescribedConfig {
  const source = synonyms[0]?.source ?? ConfigSource.DEFAULT_CONFIG;
  return {
    name,
    value: null,
    readOnly: true,
    source,
    isDefault: source === ConfigSource.DEFAULT_CONFIG,
    isSensitive: true,
    type: 0,
    documentation: null,
    synonyms,
  };
}

function describedConfig(
  def: ConfigDef,
  value: string | null,
  synonyms: readonly ConfigSynonym[],
  readOnly: boolean,
): DescribedConfig {
  const source = synonyms[0]?.source ?? ConfigSource.DEFAULT_CONFIG;
  return {
    name: def.name,
    value: isSensitive(def) ? null : value,
    readOnly,
    source,
    isDefault: source === ConfigSource.DEFAULT_CONFIG,
    isSensitive: isSensitive(def),
    type: CONFIG_TYPE_CODES[def.type],
    documentation: def.meaning ?? null,
    synonyms,
  };
}

function isSensitive(def: ConfigDef | undefined): boolean {
  return def === undefined || def.type === "password";
}

/** What cannot be parsed (metadata of another version) is told as it was written. */
function canonical(def: ConfigDef, written: string): string {
  const parsed = parseConfigValue(def, written);
  return parsed.ok ? parsed.text : written;
}

function byName(a: readonly [string, string], b: readonly [string, string]): number {
  return a[0] < b[0] ? -1 : 1;
}
