// The features besides metadata.version that a cluster finalizes, the levels this code serves, and what each
// level needs.

export const METADATA_VERSION_FEATURE = "metadata.version";
export const KRAFT_VERSION_FEATURE = "kraft.version";
export const ELR_VERSION_FEATURE = "eligible.leader.replicas.version";

/** One feature and the levels that are served. */
export interface Feature {
  readonly name: string;
  readonly minSupportedLevel: number;
  readonly maxSupportedLevel: number;
  /** Lowest metadata.version level that a feature level needs, by feature level; those left out need none. */
  readonly metadataVersionNeeded: ReadonlyMap<number, number>;
}

const none: ReadonlyMap<number, number> = new Map();

/**
 * Every feature but metadata.version, in alphabetical order, which is the order of Kafka's bootstrap records.
 */
export const features: readonly Feature[] = [
  feature(ELR_VERSION_FEATURE, 1, new Map([[1, 23]])),
  feature("group.version", 1),
  feature(KRAFT_VERSION_FEATURE, 1),
  feature("share.version", 1),
  feature("streams.version", 1),
  feature("transaction.version", 2),
];

function feature(
  name: string,
  maxSupportedLevel: number,
  metadataVersionNeeded: ReadonlyMap<number, number> = none,
): Feature {
  return { name, minSupportedLevel: 0, maxSupportedLevel, metadataVersionNeeded };
}

export function findFeature(name: string): Feature | null {
  return features.find((candidate) => candidate.name === name) ?? null;
}
