// Which record versions a snapshot is written in; they follow the finalized metadata.version, so that every
// node that may run with it can read them.
import { metadataVersionFacts } from "../features/metadata-version.ts";

export interface SnapshotVersions {
  readonly partitionRecordVersion: number;
  readonly registerBrokerRecordVersion: number;
}

/** Versions for a metadata.version level; an unset one counts as the lowest supported. */
export function snapshotVersions(metadataVersionLevel: number): SnapshotVersions {
  return metadataVersionFacts(metadataVersionLevel);
}
