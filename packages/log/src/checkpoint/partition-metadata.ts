// `partition.metadata` in a partition's directory: which topic, by id, the records belong to (KIP-516).
import type { Disk, DiskDone } from "@ottla/ports";
import { parseUuid, type Uuid } from "@ottla/protocol";
import { MalformedCheckpointError, readWholeFile } from "./checkpoint-text.ts";

const PARTITION_METADATA = "partition.metadata";

const VERSION = 0;

/** Durable when it returns. */
export function writePartitionMetadata(disk: Disk, directory: string, topicId: Uuid): void {
  disk.replaceFile(`${directory}/${PARTITION_METADATA}`, encoded(topicId));
}

/** `done` in a later turn, once it is durable. */
export function writePartitionMetadataLater(
  disk: Disk,
  directory: string,
  topicId: Uuid,
  done: DiskDone,
): void {
  disk.replaceFileLater(`${directory}/${PARTITION_METADATA}`, encoded(topicId), done);
}

function encoded(topicId: Uuid): Uint8Array {
  return new TextEncoder().encode(`version: ${VERSION}\ntopic_id: ${topicId}`);
}

/** The topic id, null when the file is missing. Throws `DiskError` and `MalformedCheckpointError`. */
export function readPartitionMetadata(disk: Disk, directory: string): Uuid | null {
  const path = `${directory}/${PARTITION_METADATA}`;
  const bytes = readWholeFile(disk, path);
  if (bytes === null) return null;
  const [versionLine, idLine] = new TextDecoder().decode(bytes).split("\n");
  if (versionLine !== `version: ${VERSION}`) {
    throw new MalformedCheckpointError(path, `version ${VERSION} expected, found "${versionLine ?? ""}"`);
  }
  const topicId = idLine?.startsWith("topic_id: ") ? parseUuid(idLine.slice(10).trim()) : null;
  if (topicId === null) throw new MalformedCheckpointError(path, `no topic id in "${idLine ?? ""}"`);
  return topicId;
}
