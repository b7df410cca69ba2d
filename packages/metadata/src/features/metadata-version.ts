// Every metadata.version and what it allows in the metadata log. The level is what FeatureLevelRecord stores;
// each later one keeps what earlier ones brought. Not here: the other features (feature.ts).

/** One level of metadata.version. */
export interface MetadataVersion {
  /** As Kafka prints it: release, then the change within it. */
  readonly name: string;
  readonly level: number;
  readonly release: string;
  /** What this level writes. */
  readonly partitionRecordVersion: number;
  readonly partitionChangeRecordVersion: number;
  readonly registerBrokerRecordVersion: number;
  /** Null: such records do not exist yet. */
  readonly registerControllerRecordVersion: number | null;
  readonly isElrSupported: boolean;
  readonly isMetadataTransactionSupported: boolean;
  readonly isDirectoryAssignmentSupported: boolean;
  readonly isCordonedLogDirsSupported: boolean;
  readonly isScramSupported: boolean;
  readonly isDelegationTokenSupported: boolean;
  /** Before 3.6 a smaller ISR needed a new leader epoch (KAFKA-8069). */
  readonly isLeaderEpochBumpRequiredOnIsrShrink: boolean;
  /** Levels a cluster formatted at this version starts with, by feature; zero where a feature is off. */
  readonly defaultFeatureLevels: ReadonlyMap<string, number>;
}

const featureOrder = [
  "kraft.version",
  "transaction.version",
  "group.version",
  "eligible.leader.replicas.version",
  "share.version",
  "streams.version",
] as const;

// Name, level, release, levels of `featureOrder`.
const rows: readonly (readonly [string, number, string, readonly number[]])[] = [
  ["3.3-IV3", 7, "3.3", [0, 0, 0, 0, 0, 0]],
  ["3.4-IV0", 8, "3.4", [0, 0, 0, 0, 0, 0]],
  ["3.5-IV0", 9, "3.5", [0, 0, 0, 0, 0, 0]],
  ["3.5-IV1", 10, "3.5", [0, 0, 0, 0, 0, 0]],
  ["3.5-IV2", 11, "3.5", [0, 0, 0, 0, 0, 0]],
  ["3.6-IV0", 12, "3.6", [0, 0, 0, 0, 0, 0]],
  ["3.6-IV1", 13, "3.6", [0, 0, 0, 0, 0, 0]],
  ["3.6-IV2", 14, "3.6", [0, 0, 0, 0, 0, 0]],
  ["3.7-IV0", 15, "3.7", [0, 0, 0, 0, 0, 0]],
  ["3.7-IV1", 16, "3.7", [0, 0, 0, 0, 0, 0]],
  ["3.7-IV2", 17, "3.7", [0, 0, 0, 0, 0, 0]],
  ["3.7-IV3", 18, "3.7", [0, 0, 0, 0, 0, 0]],
  ["3.7-IV4", 19, "3.7", [0, 0, 0, 0, 0, 0]],
  ["3.8-IV0", 20, "3.8", [0, 0, 0, 0, 0, 0]],
  ["3.9-IV0", 21, "3.9", [1, 0, 0, 0, 0, 0]],
  ["4.0-IV0", 22, "4.0", [1, 0, 1, 0, 0, 0]],
  ["4.0-IV1", 23, "4.0", [1, 0, 1, 0, 0, 0]],
  ["4.0-IV2", 24, "4.0", [1, 2, 1, 0, 0, 0]],
  ["4.0-IV3", 25, "4.0", [1, 2, 1, 0, 0, 0]],
  ["4.1-IV0", 26, "4.1", [1, 2, 1, 1, 0, 0]],
  ["4.1-IV1", 27, "4.1", [1, 2, 1, 1, 0, 0]],
  ["4.2-IV0", 28, "4.2", [1, 2, 1, 1, 1, 0]],
  ["4.2-IV1", 29, "4.2", [1, 2, 1, 1, 1, 1]],
  ["4.3-IV0", 30, "4.3", [1, 2, 1, 1, 1, 1]],
  ["4.4-IV0", 31, "4.4", [1, 2, 1, 1, 1, 1]],
];

function toMetadataVersion([name, level, release, levels]: (typeof rows)[number]): MetadataVersion {
  return Object.freeze({
    name,
    level,
    release,
    partitionRecordVersion: level >= 23 ? 2 : level >= 17 ? 1 : 0,
    partitionChangeRecordVersion: level >= 23 ? 2 : level >= 17 ? 1 : 0,
    registerBrokerRecordVersion: level >= 30 ? 4 : level >= 17 ? 3 : level >= 8 ? 2 : 1,
    registerControllerRecordVersion: level >= 15 ? 0 : null,
    isElrSupported: level >= 23,
    isMetadataTransactionSupported: level >= 13,
    isDirectoryAssignmentSupported: level >= 17,
    isCordonedLogDirsSupported: level >= 30,
    isScramSupported: level >= 11,
    isDelegationTokenSupported: level >= 14,
    isLeaderEpochBumpRequiredOnIsrShrink: level < 12,
    defaultFeatureLevels: new Map(featureOrder.map((feature, index) => [feature, levels[index] as number])),
  });
}

/** All known ones, oldest first. */
export const metadataVersions: readonly MetadataVersion[] = rows.map(toMetadataVersion);

export const MINIMUM_METADATA_VERSION: MetadataVersion = metadataVersions[0] as MetadataVersion;

/** What a new cluster gets: the newest version that a released Apache Kafka understands. */
export const LATEST_PRODUCTION_METADATA_VERSION: MetadataVersion = metadataVersions.find(
  (version) => version.name === "4.3-IV0",
) as MetadataVersion;

/** The facts of a level; levels below the supported range count as the lowest, above as the newest. */
export function metadataVersionFacts(level: number): MetadataVersion {
  const first = MINIMUM_METADATA_VERSION.level;
  const index = Math.min(Math.max(level - first, 0), metadataVersions.length - 1);
  return metadataVersions[index] as MetadataVersion;
}

/**
 * By full name (`4.3-IV0`) or release (`4.3`: its newest production version, 3.9 for `3.9`); null when
 * unknown.
 */
export function findMetadataVersion(text: string): MetadataVersion | null {
  const exact = metadataVersions.find((version) => version.name === text);
  if (exact !== undefined) return exact;
  const release = text.split(".").slice(0, 2).join(".");
  return metadataVersions.findLast((version) => version.release === release) ?? null;
}
