// kafka-storage version-mapping: the feature levels of a release.
import { findMetadataVersion, LATEST_PRODUCTION_METADATA_VERSION, metadataVersions } from "@ottla/metadata";
import type { StorageHost } from "./storage-host.ts";

/** Answers the exit code. */
export function printVersionMapping(host: StorageHost, release: string | null): number {
  const version = release === null ? LATEST_PRODUCTION_METADATA_VERSION : findMetadataVersion(release);
  if (version === null) {
    const known = metadataVersions.map(({ name }) => name).join(", ");
    host.err(`Unknown metadata.version '${release}'. Supported metadata.version are: ${known}\n`);
    return 1;
  }
  host.out(`metadata.version=${version.level} (${release ?? version.name})\n`);
  for (const [name, level] of version.defaultFeatureLevels) host.out(`${name}=${level}\n`);
  return 0;
}
