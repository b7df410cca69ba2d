// kafka-storage feature-dependencies: what a level of a feature needs.
import { findFeature, METADATA_VERSION_FEATURE, metadataVersions } from "@ottla/metadata";
import type { StorageHost } from "./storage-host.ts";

/** Prints the answer to each `feature=level`, up to the first that has none. Answers the exit code. */
export function printFeatureDependencies(host: StorageHost, wanted: readonly string[]): number {
  for (const text of wanted) {
    const answer = dependencies(text);
    if ("problem" in answer) {
      host.err(`${answer.problem}\n`);
      return 1;
    }
    host.out(`${answer.text}\n`);
  }
  return 0;
}

function dependencies(text: string): { text: string } | { problem: string } {
  const [name = "", levelText, ...more] = text.split("=").map((part) => part.trim());
  if (levelText === undefined || more.length > 0) {
    const form = "Expected format: 'feature=version' (e.g. 'group.version=1')";
    return { problem: `Invalid feature format: ${text}. ${form}` };
  }
  if (!/^[+-]?\d{1,5}$/.test(levelText)) {
    return { problem: `Invalid version format: ${levelText} for feature ${name}` };
  }
  const level = Number(levelText);
  if (name === METADATA_VERSION_FEATURE) {
    const version = metadataVersions.find((known) => known.level === level);
    return version === undefined
      ? { problem: `No MetadataVersion with feature level ${level}` }
      : { text: `${name}=${level} (${version.name}) has no dependencies.` };
  }
  const feature = findFeature(name);
  if (feature === null) return { problem: `Unknown feature: ${name}` };
  if (level < feature.minSupportedLevel || level > feature.maxSupportedLevel) {
    return { problem: `Feature level ${level} is not supported for feature ${name}` };
  }
  const needed = metadataVersions.find((known) => known.level === feature.metadataVersionNeeded.get(level));
  if (needed === undefined) return { text: `${name}=${level} has no dependencies.` };
  return { text: `${name}=${level} requires:\n    metadata.version=${needed.level} (${needed.name})` };
}
