// The door of package client.

export { Admin, type TopicsArgument } from "./admin/admin.ts";
export type * from "./admin/admin-types.ts";
export { alterConfigOperations, configResourceTypes, offsetSpecs } from "./admin/admin-types.ts";
export type { TopicPartition } from "./assignors/topic-partition.ts";
export { delay, nextMetadata } from "./cluster/call.ts";
export type { ClusterNode } from "./cluster/cluster-node.ts";
export { nodeText } from "./cluster/cluster-node.ts";
export { ClientConfig, type ClientSettings } from "./config/client-config.ts";
export { ConfigError } from "./config/config-error.ts";
export { type PartitionEntries, TopicPartitionMap } from "./consumer/topic-partition-map.ts";
export {
  type ClientEnvironment,
  type ClientLogger,
  type ClientPorts,
  clientEnvironment,
  silentLogger,
} from "./environment/client-environment.ts";
export { nodeEnvironment } from "./environment/node-environment.ts";
export { KafkaError, TimeoutError } from "./errors/kafka-error.ts";
