// The answer of DescribeConfigs for one setting, with the wire codes of its sources and types (KIP-226,
// KIP-569).

/** Where a value comes from, in the order in which sources win. */
export const ConfigSource = {
  UNKNOWN: 0,
  DYNAMIC_TOPIC_CONFIG: 1,
  DYNAMIC_BROKER_CONFIG: 2,
  DYNAMIC_DEFAULT_BROKER_CONFIG: 3,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
  DYNAMIC_BROKER_LOGGER_CONFIG: 6,
  DYNAMIC_CLIENT_METRICS_CONFIG: 7,
  DYNAMIC_GROUP_CONFIG: 8,
} as const;

export type ConfigSource = (typeof ConfigSource)[keyof typeof ConfigSource];

/** Type codes of DescribeConfigs v3 and newer. */
export const CONFIG_TYPE_CODES = {
  boolean: 1,
  string: 2,
  int: 3,
  short: 4,
  long: 5,
  double: 6,
  list: 7,
  class: 8,
  password: 9,
} as const;

export interface ConfigSynonym {
  readonly name: string;
  readonly value: string | null;
  readonly source: ConfigSource;
}

/** One setting as DescribeConfigs tells it; the caller drops `synonyms` when they were not asked for. */
export interface DescribedConfig {
  readonly name: string;
  /** Null: no value, or a secret. */
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly source: ConfigSource;
  /** DescribeConfigs v0 has this instead of `source`. */
  readonly isDefault: boolean;
  readonly isSensitive: boolean;
  /** A code of CONFIG_TYPE_CODES; 0 where the type is unknown. */
  readonly type: number;
  /** What it does; null for Kafka's own settings. */
  readonly documentation: string | null;
  /** Every place it was set in, the winning one first. */
  readonly synonyms: readonly ConfigSynonym[];
}
