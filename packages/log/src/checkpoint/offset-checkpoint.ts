// Files with one offset per partition at the top of a log directory: `recovery-point-offset-checkpoint`,
// `replication-offset-checkpoint`, `log-start-offset-checkpoint` and `cleaner-offset-checkpoint`, lines
// "topic partition offset".
// Each is a lower bound: losing one costs time at start, never records.
import type { Disk } from "@ottla/ports";
import {
  checkpointHead,
  decodeCheckpointText,
  MalformedCheckpointError,
  parseCount,
  readWholeFile,
} from "./checkpoint-text.ts";

export const RECOVERY_POINT_CHECKPOINT = "recovery-point-offset-checkpoint";
export const REPLICATION_OFFSET_CHECKPOINT = "replication-offset-checkpoint";
export const LOG_START_OFFSET_CHECKPOINT = "log-start-offset-checkpoint";
export const CLEANER_OFFSET_CHECKPOINT = "cleaner-offset-checkpoint";

const VERSION = 0;

/** Offsets by `<topic>-<partition>`. */
export type CheckpointedOffsets = ReadonlyMap<string, number>;

/** One entry with its end. */
export function offsetCheckpointLine(topic: string, partition: number, offset: number): string {
  return `${topic} ${partition} ${offset}\n`;
}

/** What stands before so many entries. */
export function offsetCheckpointHead(entries: number): string {
  return checkpointHead(VERSION, entries);
}

/**
 * The offsets in `path`, empty when there is no such file. Throws `DiskError` and `MalformedCheckpointError`.
 */
export function readOffsetCheckpoint(disk: Disk, path: string): CheckpointedOffsets {
  const offsets = new Map<string, number>();
  const bytes = readWholeFile(disk, path);
  if (bytes === null) return offsets;
  for (const line of decodeCheckpointText(path, VERSION, bytes)) {
    const [topic, partitionText, offsetText, ...rest] = line.split(" ");
    const partition = parseCount(partitionText);
    const offset = parseCount(offsetText);
    if (topic === undefined || topic === "" || partition === null || offset === null || rest.length > 0) {
      throw new MalformedCheckpointError(
        path,
        `line "${line.slice(0, 300)}" is not "topic partition offset"`,
      );
    }
    offsets.set(`${topic}-${partition}`, offset);
  }
  return offsets;
}
