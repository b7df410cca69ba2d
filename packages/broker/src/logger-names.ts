// Which logger tells of which part of a node: Kafka's class that does the same work, so that the levels that
// operators set by name mean the same here.

export const loggerNames = {
  broker: "kafka.server.BrokerServer",
  lifecycle: "kafka.server.BrokerLifecycleManager",
  requests: "kafka.server.KafkaApis",
  connections: "kafka.network.Processor",
  logs: "kafka.log.LogManager",
  controller: "org.apache.kafka.controller.QuorumController",
  groups: "org.apache.kafka.coordinator.group.GroupCoordinatorService",
  metadata: "kafka.server.metadata.BrokerMetadataPublisher",
} as const;
