// The door of package config.
export type {
  BrokerConfig,
  ConfigOrigin,
  ControllerConfig,
  DataPlaneConfig,
  Endpoint,
  GroupCoordinatorConfig,
  HostAndPort,
  IdentityConfig,
  LogDirsConfig,
  NetworkConfig,
  OttlaConfig,
  ProcessRole,
  QuorumVoter,
  SecurityProtocol,
} from "./broker-config.ts";
export type {
  BrokerConfigDef,
  BrokerSynonym,
  ConfigDef,
  ConfigImportance,
  ConfigRule,
  ConfigType,
  ConfigUpdateMode,
  GroupConfigDef,
  QuotaEntityKind,
  TopicConfigDef,
} from "./definitions/config-def.ts";
export {
  BROKER_CONFIGS,
  CLIENT_METRICS_CONFIGS,
  type ConfigTable,
  GROUP_CONFIGS,
  QUOTA_CONFIGS,
  TOPIC_CONFIGS,
} from "./definitions/config-tables.ts";
export { CHANGED_BROKER_DEFAULTS, type ChangedDefault } from "./definitions/ottla-configs.ts";
export { type ParsedConfig, parseConfigValue } from "./definitions/parse-value.ts";
export {
  type BrokerConfigLayers,
  describeBrokerConfigs,
  describeBrokerDefaults,
  describeClientMetricsConfigs,
  describeGroupConfigs,
  describeTopicConfigs,
  effectiveBrokerTexts,
} from "./describe/describe-configs.ts";
export { ConfigSource, type ConfigSynonym, type DescribedConfig } from "./describe/described-config.ts";
export {
  type Durability,
  defaultLogConfig,
  type LogConfig,
  type TopicCompressionType,
  type TopicTimestampType,
} from "./log-config.ts";
export { type PropertyEntry, parseOverride, parseProperties } from "./parse-properties.ts";
export type { ConfigSources } from "./providers/config-provider.ts";
export { type ExpandedEntries, expandReferences } from "./providers/expand-references.ts";
export {
  brokerConfigOf,
  type ConfigProblem,
  formatConfigProblem,
  type ResolvedBrokerConfig,
  resolveBrokerConfig,
} from "./resolve-broker-config.ts";
export { resolveLogConfig, resolveLogDefaults } from "./resolve-log-config.ts";
export {
  type ClientMetricsProblem,
  validateClientMetricsConfigs,
} from "./validate/client-metrics-configs.ts";
export { type GroupValidationContext, validateGroupConfigs } from "./validate/group-configs.ts";
export {
  type TopicValidationContext,
  validateTopicConfig,
  validateTopicConfigs,
} from "./validate/topic-configs.ts";
