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
export {
  type CallOptions,
  type CloseOptions,
  Consumer,
  type ConsumerGroupMetadata,
  type PartitionInfo,
} from "./consumer/consumer.ts";
export {
  CommitFailedError,
  LogTruncationError,
  NoOffsetForPartitionError,
  OffsetOutOfRangeError,
  RebalanceInProgressError,
  WakeupError,
} from "./consumer/consumer-errors.ts";
export type { RebalanceListener } from "./consumer/membership/rebalance-listener.ts";
export type { CommittedOffset, OffsetAndMetadata } from "./consumer/offsets/offset-and-metadata.ts";
export type { FoundOffset } from "./consumer/offsets/offset-lookup.ts";
export { ConsumerRecord, type TimestampType } from "./consumer/records/consumer-record.ts";
export { ConsumerRecords, type PartitionRecords } from "./consumer/records/consumer-records.ts";
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
export type { ClientMetric } from "./metrics/client-metric.ts";
export { Producer } from "./producer/producer.ts";
export type { ProducerCounts } from "./producer/producer-metrics.ts";
export type {
  DeliveryCallback,
  HeaderToSend,
  ProducerRecord,
  RecordMetadata,
} from "./producer/producer-record.ts";
