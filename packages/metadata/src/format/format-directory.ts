// What `kafka-storage format` puts into one log directory: the properties that name it, the records a new
// cluster starts with, and, where the metadata log will live, the voters of a quorum that keeps them in its
// log. Pure: the caller writes the files.
import type { Uuid, VotersRecord } from "@ottla/protocol";
import type { ScramCredential } from "../image/scram-image.ts";
import {
  BOOTSTRAP_FILE,
  METADATA_PARTITION_DIRECTORY,
  snapshotFileName,
} from "../meta-log/engines/embedded/file-names.ts";
import { staticKraftState } from "../records/kraft-state.ts";
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  type MetadataRecord,
  metadataRecord,
} from "../records/metadata-record.ts";
import { decodeSnapshotFile, encodeSnapshotFile } from "../records/snapshot-file.ts";
import { type BootstrapFeatures, featureRecords } from "./bootstrap-features.ts";

/** A controller that votes from the start. */
export interface InitialController {
  readonly nodeId: number;
  /** Id of its metadata log directory. */
  readonly directoryId: Uuid;
  readonly endpoints: readonly { readonly name: string; readonly host: string; readonly port: number }[];
}

export interface FormatOptions {
  readonly clusterId: string;
  readonly nodeId: number;
  readonly directoryId: Uuid;
  readonly features: BootstrapFeatures;
  readonly scram: readonly ScramCredential[];
  /**
   * The voters, when this directory gets the metadata log of one of them (`--standalone`,
   * `--initial-controllers`); null for all other directories, for configured voters and for
   * `--no-initial-controllers`.
   */
  readonly initialControllers: readonly InitialController[] | null;
  /** Wall time. */
  readonly nowMs: number;
}

/** A formatted directory. */
export interface FormattedDirectory {
  /** Content of meta.properties, in Kafka's order. */
  readonly metaProperties: ReadonlyMap<string, string>;
  /** Other files by path relative to the directory; their directories must be made. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export function formatDirectory(options: FormatOptions): FormattedDirectory {
  const { clusterId, nodeId, directoryId, initialControllers, nowMs } = options;
  const metaProperties = new Map([
    ["node.id", String(nodeId)],
    ["directory.id", directoryId],
    ["version", "1"],
    ["cluster.id", clusterId],
  ]);
  const files = new Map<string, Uint8Array>();
  const records = bootstrapRecords(options.features, options.scram).map(encodeMetadataRecord);
  const stamp = { epoch: 0, timestampMs: nowMs };
  const bootstrap = { lastContainedTimestampMs: 0, kraft: staticKraftState, records };
  files.set(BOOTSTRAP_FILE, encodeSnapshotFile(bootstrap, stamp));
  if (initialControllers !== null) {
    const kraft = { kraftVersion: 1, voters: votersRecord(initialControllers) };
    const path = `${METADATA_PARTITION_DIRECTORY}/${snapshotFileName({ endOffset: 0, epoch: 0 })}`;
    files.set(path, encodeSnapshotFile({ lastContainedTimestampMs: nowMs, kraft, records: [] }, stamp));
  }
  return { metaProperties, files };
}

/** The records of bootstrap.checkpoint. @throws MetadataError */
export function readBootstrapFile(content: Uint8Array): MetadataRecord[] {
  return decodeSnapshotFile(content).records.map(decodeMetadataRecord);
}

/** The records a new cluster starts with. */
export function bootstrapRecords(
  features: BootstrapFeatures,
  scram: readonly ScramCredential[],
): MetadataRecord[] {
  const credentials = scram.map((credential) =>
    metadataRecord("UserScramCredentialRecord", 0, { ...credential }),
  );
  return [...featureRecords(features), ...credentials];
}

function votersRecord(controllers: readonly InitialController[]): VotersRecord {
  const voters = controllers.map(({ nodeId, directoryId, endpoints }) => ({
    voterId: nodeId,
    voterDirectoryId: directoryId,
    endpoints: endpoints.map(({ name, host, port }) => ({ name, host, port })),
    kRaftVersionFeature: { minSupportedVersion: 0, maxSupportedVersion: 1 },
  }));
  return { version: 0, voters };
}
