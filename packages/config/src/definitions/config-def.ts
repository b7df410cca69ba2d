// The shape of one setting as data: name, type, default, rule, importance, and per kind of resource how it
// falls back. The tables made of these are generated from the fact files (generated/) and completed by
// ottla-configs.ts. Texts, not parsed values, are the common currency: a value is what DescribeConfigs would
// answer for it.

export type ConfigType =
  | "boolean"
  | "string"
  | "int"
  | "short"
  | "long"
  | "double"
  | "list"
  | "class"
  | "password";

export type ConfigImportance = "high" | "medium" | "low";

/** Whether a running broker takes a new value: never, for itself alone, or also as the cluster's default. */
export type ConfigUpdateMode = "read-only" | "per-broker" | "cluster-wide";

/** What a well-typed value must satisfy. Bounds are inclusive. */
export type ConfigRule =
  | { readonly kind: "range"; readonly min: number; readonly max?: number }
  | { readonly kind: "one-of"; readonly values: readonly string[]; readonly ignoreCase?: true }
  | { readonly kind: "list"; readonly values?: readonly string[]; readonly emptyAllowed: boolean }
  | { readonly kind: "non-empty" }
  | { readonly kind: "gzip-level" }
  | { readonly kind: "throttled-replicas" }
  | { readonly kind: "share-offset-reset" };

export interface ConfigDef {
  readonly name: string;
  readonly type: ConfigType;
  /** Kafka's text form; null: no value. */
  readonly default: string | null;
  readonly required?: true;
  readonly rule?: ConfigRule;
  readonly importance: ConfigImportance;
  /** Left out of answers unless it was set. */
  readonly internal?: true;
  /** What it does, for settings Apache Kafka does not have. */
  readonly meaning?: string;
}

export interface BrokerConfigDef extends ConfigDef {
  readonly update: ConfigUpdateMode;
  /** May be set for one listener by the prefix `listener.name.NAME.`. */
  readonly listenerPrefix?: true;
  /** Names that set the same thing, most telling first, this one included. */
  readonly synonyms?: readonly string[];
}

/** A broker setting behind a topic setting; the topic's value is the broker's times `multiplier`. */
export interface BrokerSynonym {
  readonly name: string;
  readonly multiplier: number;
}

export interface TopicConfigDef extends ConfigDef {
  /** The broker setting that DescribeConfigs names as the topic's fallback. */
  readonly serverDefault: string | null;
  /** Every broker setting that counts as fallback, most telling first. */
  readonly synonyms: readonly BrokerSynonym[];
}

export interface GroupConfigDef extends ConfigDef {
  readonly brokerDefault: string | null;
}

/** Whom a quota counts for. */
export type QuotaEntityKind = "broker" | "userAndClient" | "user" | "ip";
