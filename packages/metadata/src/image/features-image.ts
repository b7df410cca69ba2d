// Finalized feature levels as committed. Immutable. kraft.version is not among them: it lives in control
// records.
import { METADATA_VERSION_FEATURE } from "../features/feature.ts";
import { type MetadataVersion, metadataVersionFacts } from "../features/metadata-version.ts";
import { type MetadataRecord, metadataRecord } from "../records/metadata-record.ts";

/** Levels by feature name; a feature at level 0 is not there. */
export class FeaturesImage {
  static readonly empty: FeaturesImage = new FeaturesImage(new Map());

  readonly finalized: ReadonlyMap<string, number>;

  private constructor(finalized: ReadonlyMap<string, number>) {
    this.finalized = finalized;
  }

  level(name: string): number {
    return this.finalized.get(name) ?? 0;
  }

  /** 0 before the bootstrap records. */
  get metadataVersionLevel(): number {
    return this.level(METADATA_VERSION_FEATURE);
  }

  get metadataVersion(): MetadataVersion {
    return metadataVersionFacts(this.metadataVersionLevel);
  }

  with(name: string, level: number): FeaturesImage {
    const finalized = new Map(this.finalized);
    if (level === 0) finalized.delete(name);
    else finalized.set(name, level);
    return new FeaturesImage(finalized);
  }

  /**
   * Records that make these levels from nothing; metadata.version first, because it decides how the rest is
   * read.
   */
  *records(): Iterable<MetadataRecord> {
    const names = [...this.finalized.keys()].filter((name) => name !== METADATA_VERSION_FEATURE).sort();
    if (this.finalized.has(METADATA_VERSION_FEATURE)) names.unshift(METADATA_VERSION_FEATURE);
    for (const name of names) {
      yield metadataRecord("FeatureLevelRecord", 0, { name, featureLevel: this.level(name) });
    }
  }
}
