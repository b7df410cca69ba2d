// What the log directories of a node are: there or not, formatted or not, and as which node of which cluster.
import type { BrokerConfig } from "@ottla/config";
import { MalformedCheckpointError, type MetaProperties, readMetaProperties } from "@ottla/log";
import { type Disk, DiskError } from "@ottla/ports";

/** One log directory as found. */
export type SurveyedDirectory = { readonly path: string } & (
  | { readonly kind: "missing" | "not-a-directory" | "empty" }
  | { readonly kind: "formatted"; readonly meta: MetaProperties }
  | { readonly kind: "unreadable"; readonly reason: string }
);

/** All directories of a node, by path. */
export function surveyDirectories(disk: Disk, config: BrokerConfig): SurveyedDirectory[] {
  const paths = new Set([...config.logDirs, config.metadataLogDir]);
  return [...paths].sort().map((path) => surveyDirectory(disk, path));
}

function surveyDirectory(disk: Disk, path: string): SurveyedDirectory {
  try {
    const status = disk.status(path);
    if (status === null) return { path, kind: "missing" };
    if (status.kind !== "directory") return { path, kind: "not-a-directory" };
    const meta = readMetaProperties(disk, path);
    return meta === null ? { path, kind: "empty" } : { path, kind: "formatted", meta };
  } catch (error) {
    if (!(error instanceof DiskError || error instanceof MalformedCheckpointError)) throw error;
    return { path, kind: "unreadable", reason: error.message };
  }
}
