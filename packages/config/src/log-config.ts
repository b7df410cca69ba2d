// The settings of one topic as the log, the cleaner and the partition read them: one frozen value, swapped
// whole. Values beyond 2^53-1 (Kafka's "no limit" is 2^63-1) are clamped to Number.MAX_SAFE_INTEGER, so all
// of them are safe integers. Not here: where the values come from (resolve-log-config.ts), their names and
// ranges (definitions/).

/** When an append counts as safe: after fdatasync, or once the operating system has it. */
export type Durability = "fsync" | "page-cache";

/** `producer` keeps whatever codec the batch came with. */
export type TopicCompressionType = "producer" | "uncompressed" | "gzip" | "snappy" | "lz4" | "zstd";

/** Who sets record timestamps. */
export type TopicTimestampType = "CreateTime" | "LogAppendTime";

/** Settings of one topic. Field names are the topic settings' names in camel case. */
export interface LogConfig {
  /** Roll the active segment before it would exceed this size. */
  readonly segmentBytes: number;
  /** Roll a segment whose first record is this much older than the newest. */
  readonly segmentMs: number;
  /** Upper bound of the random amount taken off `segmentMs`. */
  readonly segmentJitterMs: number;
  /** Size bound of each offset and time index file. */
  readonly segmentIndexBytes: number;
  /** An index entry is due after this many bytes of batches. */
  readonly indexIntervalBytes: number;
  /** -1: keep for ever. */
  readonly retentionMs: number;
  /** Per partition; -1: no bound. */
  readonly retentionBytes: number;
  /** Only for tiered topics; -2: same as `retentionMs`. */
  readonly localRetentionMs: number;
  /** Only for tiered topics; -2: same as `retentionBytes`. */
  readonly localRetentionBytes: number;
  /** Largest batch accepted, header included. */
  readonly maxMessageBytes: number;
  readonly minInsyncReplicas: number;
  readonly cleanupDelete: boolean;
  readonly cleanupCompact: boolean;
  readonly compressionType: TopicCompressionType;
  /** 1 to 9; -1: the library's default. */
  readonly compressionGzipLevel: number;
  readonly compressionLz4Level: number;
  readonly compressionZstdLevel: number;
  readonly messageTimestampType: TopicTimestampType;
  /** How far a CreateTime may lie before the broker's clock. */
  readonly messageTimestampBeforeMaxMs: number;
  /** How far a CreateTime may lie after the broker's clock. */
  readonly messageTimestampAfterMaxMs: number;
  /** Force a flush after this many records, whatever the durability. */
  readonly flushMessages: number;
  /** Force a flush of data older than this, whatever the durability. */
  readonly flushMs: number;
  readonly uncleanLeaderElectionEnable: boolean;
  /** How long a tombstone stays readable after compaction. */
  readonly deleteRetentionMs: number;
  readonly minCompactionLagMs: number;
  readonly maxCompactionLagMs: number;
  /** Share of uncompacted bytes, 0 to 1, that makes a log worth cleaning. */
  readonly minCleanableDirtyRatio: number;
  /** Delay between renaming a file to `.deleted` and removing it. */
  readonly fileDeleteDelayMs: number;
  readonly preallocate: boolean;
  readonly remoteStorageEnable: boolean;
  readonly remoteLogCopyDisable: boolean;
  readonly remoteLogDeleteOnDisable: boolean;
  /** `partition:broker` pairs, or the single entry `*`. */
  readonly leaderReplicationThrottledReplicas: readonly string[];
  readonly followerReplicationThrottledReplicas: readonly string[];
  readonly durability: Durability;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The settings of a topic without overrides on a broker without settings; `overrides` for tests of the log.
 */
export function defaultLogConfig(overrides: Partial<LogConfig> = {}): LogConfig {
  return Object.freeze({
    segmentBytes: 1024 * 1024 * 1024,
    segmentMs: 7 * DAY_MS,
    segmentJitterMs: 0,
    segmentIndexBytes: 10 * 1024 * 1024,
    indexIntervalBytes: 4096,
    retentionMs: 7 * DAY_MS,
    retentionBytes: -1,
    localRetentionMs: -2,
    localRetentionBytes: -2,
    maxMessageBytes: 1024 * 1024 + 12,
    minInsyncReplicas: 1,
    cleanupDelete: true,
    cleanupCompact: false,
    compressionType: "producer",
    compressionGzipLevel: -1,
    compressionLz4Level: 9,
    compressionZstdLevel: 3,
    messageTimestampType: "CreateTime",
    messageTimestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
    messageTimestampAfterMaxMs: 60 * 60 * 1000,
    flushMessages: Number.MAX_SAFE_INTEGER,
    flushMs: Number.MAX_SAFE_INTEGER,
    uncleanLeaderElectionEnable: false,
    deleteRetentionMs: DAY_MS,
    minCompactionLagMs: 0,
    maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
    minCleanableDirtyRatio: 0.5,
    fileDeleteDelayMs: 60 * 1000,
    preallocate: false,
    remoteStorageEnable: false,
    remoteLogCopyDisable: false,
    remoteLogDeleteOnDisable: false,
    leaderReplicationThrottledReplicas: [],
    followerReplicationThrottledReplicas: [],
    durability: "fsync",
    ...overrides,
  } satisfies LogConfig);
}
