// What one process reads of its server.properties: one frozen value with a typed field per setting the code
// uses, and every known setting as text in `values`. Values beyond 2^53-1 are clamped to
// Number.MAX_SAFE_INTEGER. Not here: how it is made and checked (resolve-broker-config.ts), names, types and
// ranges (definitions/).
import type { Durability, LogConfig } from "./log-config.ts";

export type ProcessRole = "broker" | "controller";

export type SecurityProtocol = "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";

/** One listener: `host` is empty for all interfaces; IPv6 hosts are without brackets. */
export interface Endpoint {
  readonly listenerName: string;
  readonly securityProtocol: SecurityProtocol;
  readonly host: string;
  readonly port: number;
}

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

export interface QuorumVoter extends HostAndPort {
  readonly nodeId: number;
}

/** Where a setting was written; `line` counts from 1, 0 for an override on the command line. */
export interface ConfigOrigin {
  readonly file: string;
  readonly line: number;
}

/** Who this node is and where it is reached. */
export interface IdentityConfig {
  readonly nodeId: number;
  readonly processRoles: readonly ProcessRole[];
  readonly isBroker: boolean;
  readonly isController: boolean;
  readonly rack: string | null;
  /** Sockets this node opens, as broker and as controller. */
  readonly listeners: readonly Endpoint[];
  /** The part of `listeners` for clients and brokers. */
  readonly brokerListeners: readonly Endpoint[];
  /** The part of `listeners` for brokers and controllers talking to the controller. */
  readonly controllerListeners: readonly Endpoint[];
  /**
   * What the broker registers and Metadata answers; hosts that are empty stand for the canonical host name.
   */
  readonly advertisedListeners: readonly Endpoint[];
  readonly controllerListenerNames: readonly string[];
  readonly interBrokerListenerName: string;
  readonly listenerSecurityProtocolMap: ReadonlyMap<string, SecurityProtocol>;
  readonly controllerQuorumVoters: readonly QuorumVoter[];
  readonly controllerQuorumBootstrapServers: readonly HostAndPort[];
}

/** Sockets, requests in flight and connection limits. */
export interface NetworkConfig {
  readonly socketRequestMaxBytes: number;
  readonly socketSendBufferBytes: number;
  readonly socketReceiveBufferBytes: number;
  readonly socketListenBacklogSize: number;
  readonly connectionsMaxIdleMs: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerIp: number;
  readonly maxConnectionsPerIpOverrides: ReadonlyMap<string, number>;
  /** Connections accepted per second, in all. */
  readonly maxConnectionCreationRate: number;
  readonly queuedMaxRequests: number;
  /** -1: derived from `memoryLimitBytes`. */
  readonly queuedMaxRequestBytes: number;
  readonly requestTimeoutMs: number;
  readonly socketConnectionSetupTimeoutMs: number;
  readonly socketConnectionSetupTimeoutMaxMs: number;
  readonly maxRequestPartitionSizeLimit: number;
  readonly numNetworkThreads: number;
  readonly numIoThreads: number;
}

/** Topics, fetches and replicas. */
export interface DataPlaneConfig {
  readonly autoCreateTopicsEnable: boolean;
  readonly deleteTopicEnable: boolean;
  readonly numPartitions: number;
  readonly defaultReplicationFactor: number;
  readonly messageMaxBytes: number;
  readonly fetchMaxBytes: number;
  readonly maxIncrementalFetchSessionCacheSlots: number;
  readonly replicaFetchMaxBytes: number;
  readonly replicaFetchMinBytes: number;
  readonly replicaFetchResponseMaxBytes: number;
  readonly replicaFetchWaitMaxMs: number;
  readonly replicaFetchBackoffMs: number;
  readonly replicaLagTimeMaxMs: number;
  readonly replicaHighWatermarkCheckpointIntervalMs: number;
  readonly producerIdExpirationMs: number;
  readonly producerIdExpirationCheckIntervalMs: number;
  readonly transactionPartitionVerificationEnable: boolean;
  readonly transactionMaxTimeoutMs: number;
  readonly offsetsTopicNumPartitions: number;
  readonly offsetsTopicReplicationFactor: number;
  readonly offsetsTopicSegmentBytes: number;
  readonly transactionStateLogNumPartitions: number;
  readonly transactionStateLogReplicationFactor: number;
  readonly transactionStateLogMinIsr: number;
  readonly transactionStateLogSegmentBytes: number;
  readonly shareStateTopicNumPartitions: number;
  readonly shareStateTopicReplicationFactor: number;
  readonly shareStateTopicMinIsr: number;
  readonly shareStateTopicSegmentBytes: number;
  readonly unstableApiVersionsEnable: boolean;
}

/** Log directories, checkpoints and the cleaner. */
export interface LogDirsConfig {
  readonly logDirs: readonly string[];
  readonly metadataLogDir: string;
  readonly numRecoveryThreadsPerDataDir: number;
  readonly logFlushOffsetCheckpointIntervalMs: number;
  readonly logFlushStartOffsetCheckpointIntervalMs: number;
  readonly logFlushSchedulerIntervalMs: number;
  readonly logRetentionCheckIntervalMs: number;
  readonly logInitialTaskDelayMs: number;
  readonly logDirFailureTimeoutMs: number;
  readonly logCleanerEnable: boolean;
  readonly logCleanerThreads: number;
  readonly logCleanerBackoffMs: number;
  readonly logCleanerDedupeBufferSize: number;
  /** Share of the dedupe buffer that may fill, above 0, to 1. */
  readonly logCleanerIoBufferLoadFactor: number;
  readonly logCleanerIoBufferSize: number;
  readonly logCleanerIoMaxBytesPerSecond: number;
}

/** Registration, heartbeats and the metadata log. */
export interface ControllerConfig {
  readonly brokerHeartbeatIntervalMs: number;
  readonly brokerSessionTimeoutMs: number;
  readonly initialBrokerRegistrationTimeoutMs: number;
  readonly controlledShutdownEnable: boolean;
  readonly controllerQuorumRequestTimeoutMs: number;
  readonly controllerQuorumRetryBackoffMs: number;
  readonly controllerQuorumFetchTimeoutMs: number;
  readonly metadataLogSegmentBytes: number;
  readonly metadataLogSegmentMs: number;
  readonly metadataMaxRetentionBytes: number;
  readonly metadataMaxRetentionMs: number;
  readonly metadataLogMaxRecordBytesBetweenSnapshots: number;
  readonly metadataLogMaxSnapshotIntervalMs: number;
  readonly metadataMaxIdleIntervalMs: number;
  readonly unstableFeatureVersionsEnable: boolean;
}

/** Classic groups and committed offsets. */
export interface GroupCoordinatorConfig {
  readonly groupMinSessionTimeoutMs: number;
  readonly groupMaxSessionTimeoutMs: number;
  /** Members. */
  readonly groupMaxSize: number;
  readonly groupInitialRebalanceDelayMs: number;
  /** In UTF-16 units, whatever its name says: that is what Apache Kafka counts. */
  readonly offsetMetadataMaxBytes: number;
  readonly offsetsCommitTimeoutMs: number;
  readonly offsetsRetentionMinutes: number;
  readonly offsetsRetentionCheckIntervalMs: number;
}

/** Settings Apache Kafka does not have. */
export interface OttlaConfig {
  readonly durability: Durability;
  /** How fast closed segments are checked in the background; 0: they are not. */
  readonly scrubBytesPerSecond: number;
  /** Bytes of the sync journal of each log directory; too few for one: there is none. */
  readonly syncJournalBytes: number;
  /** -1: the broker chooses from the machine's memory. */
  readonly memoryLimitBytes: number;
  /** Where `/metrics` and `/healthz` are served; null: nowhere. */
  readonly metricsListener: HostAndPort | null;
  /** A request frame must have arrived whole within this time of its first byte. */
  readonly requestReceiveTimeoutMs: number;
  /** TLS and SASL must be done within this time of the connection. */
  readonly handshakeTimeoutMs: number;
}

/** A checked configuration of one process. */
export interface BrokerConfig
  extends IdentityConfig,
    NetworkConfig,
    DataPlaneConfig,
    LogDirsConfig,
    ControllerConfig,
    GroupCoordinatorConfig,
    OttlaConfig {
  /** Settings of a topic without overrides, from this broker's static configuration. */
  readonly logDefaults: LogConfig;
  /**
   * What was written (file and overrides), by key, unparsed; namespaces such as `listener.name.` included.
   */
  readonly written: ReadonlyMap<string, string>;
  /** Every known setting in Kafka's text form, defaults included; null where there is no value. */
  readonly values: ReadonlyMap<string, string | null>;
}
