// The door of package config.
export type {
  BrokerConfig,
  ConfigOrigin,
  ControllerConfig,
  DataPlaneConfig,
  Endpoint,
  HostAndPort,
  IdentityConfig,
  LogDirsConfig,
  NetworkConfig,
  OttlaConfig,
  ProcessRole,
  QuorumVoter,
  SecurityProtocol,
} from "./broker-config.ts";
export {
  type Durability,
  defaultLogConfig,
  type LogConfig,
  type TopicCompressionType,
  type TopicTimestampType,
} from "./log-config.ts";
