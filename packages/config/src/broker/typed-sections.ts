// The typed parts of BrokerConfig that are plain readings of one setting each, and the log directories.
// Not here: identity and listeners (identity.ts), the topic defaults (resolve-log-config.ts).
import type {
  ControllerConfig,
  DataPlaneConfig,
  GroupCoordinatorConfig,
  LogDirsConfig,
  NetworkConfig,
  OttlaConfig,
} from "../broker-config.ts";
import type { ConfigReader } from "../definitions/config-reader.ts";
import type { Durability } from "../log-config.ts";
import { parseHostAndPort, parsePerIpOverrides } from "./quorum-addresses.ts";

/** `max.connections.per.ip.overrides` must have been checked. */
export function networkConfig(read: ConfigReader): NetworkConfig {
  const overrides = parsePerIpOverrides(read.text("max.connections.per.ip.overrides"));
  return {
    socketRequestMaxBytes: read.number("socket.request.max.bytes"),
    socketSendBufferBytes: read.number("socket.send.buffer.bytes"),
    socketReceiveBufferBytes: read.number("socket.receive.buffer.bytes"),
    socketListenBacklogSize: read.number("socket.listen.backlog.size"),
    connectionsMaxIdleMs: read.number("connections.max.idle.ms"),
    maxConnections: read.number("max.connections"),
    maxConnectionsPerIp: read.number("max.connections.per.ip"),
    maxConnectionsPerIpOverrides: overrides.ok ? overrides.value : new Map(),
    maxConnectionCreationRate: read.number("max.connection.creation.rate"),
    queuedMaxRequests: read.number("queued.max.requests"),
    queuedMaxRequestBytes: read.number("queued.max.request.bytes"),
    requestTimeoutMs: read.number("request.timeout.ms"),
    socketConnectionSetupTimeoutMs: read.number("socket.connection.setup.timeout.ms"),
    socketConnectionSetupTimeoutMaxMs: read.number("socket.connection.setup.timeout.max.ms"),
    maxRequestPartitionSizeLimit: read.number("max.request.partition.size.limit"),
    numNetworkThreads: read.number("num.network.threads"),
    numIoThreads: read.number("num.io.threads"),
  };
}

export function dataPlaneConfig(read: ConfigReader): DataPlaneConfig {
  return {
    autoCreateTopicsEnable: read.boolean("auto.create.topics.enable"),
    deleteTopicEnable: read.boolean("delete.topic.enable"),
    numPartitions: read.number("num.partitions"),
    defaultReplicationFactor: read.number("default.replication.factor"),
    messageMaxBytes: read.number("message.max.bytes"),
    fetchMaxBytes: read.number("fetch.max.bytes"),
    maxIncrementalFetchSessionCacheSlots: read.number("max.incremental.fetch.session.cache.slots"),
    replicaFetchMaxBytes: read.number("replica.fetch.max.bytes"),
    replicaFetchMinBytes: read.number("replica.fetch.min.bytes"),
    replicaFetchResponseMaxBytes: read.number("replica.fetch.response.max.bytes"),
    replicaFetchWaitMaxMs: read.number("replica.fetch.wait.max.ms"),
    replicaFetchBackoffMs: read.number("replica.fetch.backoff.ms"),
    replicaLagTimeMaxMs: read.number("replica.lag.time.max.ms"),
    replicaHighWatermarkCheckpointIntervalMs: read.number("replica.high.watermark.checkpoint.interval.ms"),
    producerIdExpirationMs: read.number("producer.id.expiration.ms"),
    producerIdExpirationCheckIntervalMs: read.number("producer.id.expiration.check.interval.ms"),
    transactionPartitionVerificationEnable: read.boolean("transaction.partition.verification.enable"),
    transactionMaxTimeoutMs: read.number("transaction.max.timeout.ms"),
    offsetsTopicNumPartitions: read.number("offsets.topic.num.partitions"),
    offsetsTopicReplicationFactor: read.number("offsets.topic.replication.factor"),
    offsetsTopicSegmentBytes: read.number("offsets.topic.segment.bytes"),
    transactionStateLogNumPartitions: read.number("transaction.state.log.num.partitions"),
    transactionStateLogReplicationFactor: read.number("transaction.state.log.replication.factor"),
    transactionStateLogMinIsr: read.number("transaction.state.log.min.isr"),
    transactionStateLogSegmentBytes: read.number("transaction.state.log.segment.bytes"),
    shareStateTopicNumPartitions: read.number("share.coordinator.state.topic.num.partitions"),
    shareStateTopicReplicationFactor: read.number("share.coordinator.state.topic.replication.factor"),
    shareStateTopicMinIsr: read.number("share.coordinator.state.topic.min.isr"),
    shareStateTopicSegmentBytes: read.number("share.coordinator.state.topic.segment.bytes"),
    unstableApiVersionsEnable: read.boolean("unstable.api.versions.enable"),
  };
}

/** `log.dirs` wins over `log.dir`; the metadata log lives in the first directory unless told otherwise. */
export function logDirsConfig(read: ConfigReader): LogDirsConfig {
  const logDirs = read.list(read.optional("log.dirs") === null ? "log.dir" : "log.dirs");
  return {
    logDirs,
    metadataLogDir: read.optional("metadata.log.dir") ?? logDirs[0] ?? "",
    numRecoveryThreadsPerDataDir: read.number("num.recovery.threads.per.data.dir"),
    logFlushOffsetCheckpointIntervalMs: read.number("log.flush.offset.checkpoint.interval.ms"),
    logFlushStartOffsetCheckpointIntervalMs: read.number("log.flush.start.offset.checkpoint.interval.ms"),
    logFlushSchedulerIntervalMs: read.number("log.flush.scheduler.interval.ms"),
    logRetentionCheckIntervalMs: read.number("log.retention.check.interval.ms"),
    logInitialTaskDelayMs: read.number("log.initial.task.delay.ms"),
    logDirFailureTimeoutMs: read.number("log.dir.failure.timeout.ms"),
    logCleanerEnable: read.boolean("log.cleaner.enable"),
    logCleanerThreads: read.number("log.cleaner.threads"),
    logCleanerBackoffMs: read.number("log.cleaner.backoff.ms"),
    logCleanerDedupeBufferSize: read.number("log.cleaner.dedupe.buffer.size"),
    logCleanerIoBufferLoadFactor: read.number("log.cleaner.io.buffer.load.factor"),
    logCleanerIoBufferSize: read.number("log.cleaner.io.buffer.size"),
    logCleanerIoMaxBytesPerSecond: read.number("log.cleaner.io.max.bytes.per.second"),
  };
}

export function controllerConfig(read: ConfigReader): ControllerConfig {
  return {
    brokerHeartbeatIntervalMs: read.number("broker.heartbeat.interval.ms"),
    brokerSessionTimeoutMs: read.number("broker.session.timeout.ms"),
    initialBrokerRegistrationTimeoutMs: read.number("initial.broker.registration.timeout.ms"),
    controlledShutdownEnable: read.boolean("controlled.shutdown.enable"),
    controllerQuorumRequestTimeoutMs: read.number("controller.quorum.request.timeout.ms"),
    controllerQuorumRetryBackoffMs: read.number("controller.quorum.retry.backoff.ms"),
    controllerQuorumFetchTimeoutMs: read.number("controller.quorum.fetch.timeout.ms"),
    metadataLogSegmentBytes:
      read.optionalNumber("internal.metadata.log.segment.bytes") ?? read.number("metadata.log.segment.bytes"),
    metadataLogSegmentMs: read.number("metadata.log.segment.ms"),
    metadataMaxRetentionBytes: read.number("metadata.max.retention.bytes"),
    metadataMaxRetentionMs: read.number("metadata.max.retention.ms"),
    metadataLogMaxRecordBytesBetweenSnapshots: read.number("metadata.log.max.record.bytes.between.snapshots"),
    metadataLogMaxSnapshotIntervalMs: read.number("metadata.log.max.snapshot.interval.ms"),
    metadataMaxIdleIntervalMs: read.number("metadata.max.idle.interval.ms"),
    unstableFeatureVersionsEnable: read.boolean("unstable.feature.versions.enable"),
  };
}

export function groupCoordinatorConfig(read: ConfigReader): GroupCoordinatorConfig {
  return {
    groupMinSessionTimeoutMs: read.number("group.min.session.timeout.ms"),
    groupMaxSessionTimeoutMs: read.number("group.max.session.timeout.ms"),
    groupMaxSize: read.number("group.max.size"),
    groupInitialRebalanceDelayMs: read.number("group.initial.rebalance.delay.ms"),
    offsetMetadataMaxBytes: read.number("offset.metadata.max.bytes"),
    offsetsCommitTimeoutMs: read.number("offsets.commit.timeout.ms"),
    offsetsRetentionMinutes: read.number("offsets.retention.minutes"),
    offsetsRetentionCheckIntervalMs: read.number("offsets.retention.check.interval.ms"),
  };
}

/** `ottla.metrics.listener` must have been checked. */
export function ottlaConfig(read: ConfigReader): OttlaConfig {
  const metrics = read.optional("ottla.metrics.listener");
  return {
    durability: read.text("ottla.durability") as Durability,
    scrubBytesPerSecond: read.number("ottla.log.scrub.bytes.per.second"),
    syncJournalBytes: read.number("ottla.sync.journal.bytes"),
    memoryLimitBytes: read.number("memory.limit"),
    metricsListener: metrics === null || metrics === "" ? null : (parseHostAndPort(metrics) ?? null),
    requestReceiveTimeoutMs: read.number("ottla.request.receive.timeout.ms"),
    handshakeTimeoutMs: read.number("ottla.connection.handshake.timeout.ms"),
  };
}
