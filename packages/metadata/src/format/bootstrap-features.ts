// Which feature levels a new cluster starts with: the defaults of a release, with single levels set by the
// user. Errors are Kafka's sentences, as `kafka-storage format` prints them.
import {
  features,
  findFeature,
  KRAFT_VERSION_FEATURE,
  METADATA_VERSION_FEATURE,
} from "../features/feature.ts";
import {
  findMetadataVersion,
  LATEST_PRODUCTION_METADATA_VERSION,
  type MetadataVersion,
  metadataVersions,
} from "../features/metadata-version.ts";
import { type MetadataRecord, metadataRecord } from "../records/metadata-record.ts";

/** What a cluster begins with. */
export interface BootstrapFeatures {
  readonly metadataVersion: MetadataVersion;
  /** 0: voters are configured; 1: voters are in the log. */
  readonly kraftVersion: number;
  /** The other features, by name; those at level 0 are left out. */
  readonly levels: ReadonlyMap<string, number>;
}

/** `release` null: the newest production release. A problem is one sentence. */
export function bootstrapFeatures(
  release: string | null,
  wanted: ReadonlyMap<string, number>,
): BootstrapFeatures | { readonly problem: string } {
  const metadataVersion = wantedMetadataVersion(release, wanted);
  if (metadataVersion === null) {
    const known = metadataVersions.filter(isProduction).map((version) => version.name);
    const asked = release ?? wanted.get(METADATA_VERSION_FEATURE);
    return {
      problem: `Unknown metadata.version '${asked}'. Supported metadata.version are: ${known.join(", ")}`,
    };
  }
  const levels = new Map(metadataVersion.defaultFeatureLevels);
  for (const [name, level] of wanted) {
    if (name === METADATA_VERSION_FEATURE) continue;
    const feature = findFeature(name);
    if (feature === null) {
      const names = features.map((known) => known.name).join(", ");
      return { problem: `Unsupported feature: ${name}. Supported features are: ${names}` };
    }
    if (level < feature.minSupportedLevel || level > feature.maxSupportedLevel) {
      return { problem: `No feature:${name} with feature level ${level}` };
    }
    const needed = feature.metadataVersionNeeded.get(level) ?? 0;
    if (needed > metadataVersion.level) {
      const why = `because it depends on metadata.version level ${needed}`;
      return { problem: `${name} could not be set to ${level} ${why}` };
    }
    levels.set(name, level);
  }
  const kraftVersion = levels.get(KRAFT_VERSION_FEATURE) ?? 0;
  levels.delete(KRAFT_VERSION_FEATURE);
  return { metadataVersion, kraftVersion, levels: new Map([...levels].filter(([, level]) => level > 0)) };
}

/** The records of these features: metadata.version first, then by name. */
export function featureRecords({ metadataVersion, levels }: BootstrapFeatures): MetadataRecord[] {
  const record = (name: string, featureLevel: number): MetadataRecord =>
    metadataRecord("FeatureLevelRecord", 0, { name, featureLevel });
  const names = [...levels.keys()].sort();
  return [
    record(METADATA_VERSION_FEATURE, metadataVersion.level),
    ...names.map((name) => record(name, levels.get(name) as number)),
  ];
}

function wantedMetadataVersion(
  release: string | null,
  wanted: ReadonlyMap<string, number>,
): MetadataVersion | null {
  const level = wanted.get(METADATA_VERSION_FEATURE);
  if (level !== undefined) {
    return metadataVersions.find((version) => version.level === level && isProduction(version)) ?? null;
  }
  if (release === null) return LATEST_PRODUCTION_METADATA_VERSION;
  const found = findMetadataVersion(release);
  return found !== null && isProduction(found) ? found : null;
}

function isProduction(version: MetadataVersion): boolean {
  return version.level <= LATEST_PRODUCTION_METADATA_VERSION.level;
}
