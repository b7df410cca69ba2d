// `partition.metadata` in a partition's directory: which topic, by id, the records belong to (KIP-516). Not
// here: when it is to be durable (directory/log-creation.ts).
import type { Disk, DiskDone, DiskFile } from "@ottla/ports";
import { parseUuid, type Uuid } from "@ottla/protocol";
import { MalformedCheckpointError, readWholeFile } from "./checkpoint-text.ts";

const PARTITION_METADATA = "partition.metadata";

const VERSION = 0;

/**
 * Written when it returns, not yet durable. Under another name first: nobody starts on a file of which a part
 * was written. Throws `DiskError`.
 */
export function writePartitionMetadata(disk: Disk, directory: string, topicId: Uuid): void {
  const path = `${directory}/${PARTITION_METADATA}`;
  const temporary = `${path}.tmp`;
  if (disk.status(temporary) !== null) disk.remove(temporary);
  put(disk.open(temporary, "create"), encoded(topicId));
  disk.rename(temporary, path);
}

/** Writes what is there once more, so that the next sync covers it. Throws `DiskError`. */
export function writePartitionMetadataAnew(disk: Disk, directory: string, topicId: Uuid): void {
  put(openPartitionMetadata(disk, directory), encoded(topicId));
}

function put(file: DiskFile, content: Uint8Array): void {
  try {
    file.write([content], 0);
  } finally {
    file.close();
  }
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

/** The file, to be synced. Throws `DiskError`. */
export function openPartitionMetadata(disk: Disk, directory: string): DiskFile {
  return disk.open(`${directory}/${PARTITION_METADATA}`, "write");
}

/**
 * The topic id; null when the file is missing, or has a name and a length but no content: a power cut does
 * that to a log whose creation was not durable, none of whose records counted. Throws `DiskError` and
 * `MalformedCheckpointError`.
 */
export function readPartitionMetadata(disk: Disk, directory: string): Uuid | null {
  const path = `${directory}/${PARTITION_METADATA}`;
  const bytes = readWholeFile(disk, path);
  if (bytes === null || bytes.every((byte) => byte === 0)) return null;
  const [versionLine, idLine] = new TextDecoder().decode(bytes).split("\n");
  if (versionLine !== `version: ${VERSION}`) {
    throw new MalformedCheckpointError(path, `version ${VERSION} expected, found "${versionLine ?? ""}"`);
  }
  const topicId = idLine?.startsWith("topic_id: ") ? parseUuid(idLine.slice(10).trim()) : null;
  if (topicId === null) throw new MalformedCheckpointError(path, `no topic id in "${idLine ?? ""}"`);
  return topicId;
}
