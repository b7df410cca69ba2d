// `corrupt-ranges` in a partition's directory: the damage that is known of its segments, so that a restart
// goes on telling readers of it. There only while there is damage. A line may be out of date (the segment was
// cut, or mended by hand), so each is looked at again before it is believed. Apache Kafka passes the file
// over.
import type { Disk } from "@ottla/ports";
import {
  decodeCheckpointText,
  encodeCheckpointText,
  MalformedCheckpointError,
  parseCount,
  readWholeFile,
} from "../checkpoint/checkpoint-text.ts";
import type { LogSegment } from "../segment/log-segment.ts";
import type { CorruptRange } from "./corrupt-range.ts";

export const CORRUPT_RANGES = "corrupt-ranges";

const VERSION = 0;

/** A range and the segment that it lies in. */
export interface KnownRange extends CorruptRange {
  readonly segmentBaseOffset: number;
}

/** What the file tells; nothing when it is not there or cannot be read. Throws `DiskError`. */
export function readCorruptRanges(disk: Disk, directory: string): KnownRange[] {
  const path = `${directory}/${CORRUPT_RANGES}`;
  try {
    const bytes = readWholeFile(disk, path);
    if (bytes === null) return [];
    return decodeCheckpointText(path, VERSION, bytes).map((line) => {
      const numbers = line.split(" ").map(parseCount);
      const [segmentBaseOffset, position, length, fromOffset, toOffset] = numbers;
      if (numbers.length !== 5 || numbers.includes(null)) {
        throw new MalformedCheckpointError(path, `line "${line.slice(0, 300)}" is no range`);
      }
      return { segmentBaseOffset, position, bytes: length, fromOffset, toOffset } as KnownRange;
    });
  } catch (error) {
    if (!(error instanceof MalformedCheckpointError)) throw error;
    return [];
  }
}

/** The file's bytes for what is known of `segments`. */
export function encodeCorruptRanges(segments: readonly LogSegment[]): Uint8Array {
  return encodeCheckpointText(VERSION, linesOf(segments));
}

function linesOf(segments: readonly LogSegment[]): string[] {
  return segments.flatMap(({ baseOffset, corruptRanges }) =>
    corruptRanges.map(
      ({ position, bytes, fromOffset, toOffset }) =>
        `${baseOffset} ${position} ${bytes} ${fromOffset} ${toOffset}`,
    ),
  );
}

/** Writes what is known of `segments`, or removes the file when that is nothing. Throws `DiskError`. */
export function writeCorruptRanges(disk: Disk, directory: string, segments: readonly LogSegment[]): void {
  const path = `${directory}/${CORRUPT_RANGES}`;
  if (linesOf(segments).length > 0) disk.replaceFile(path, encodeCorruptRanges(segments));
  else if (disk.status(path) !== null) {
    disk.remove(path);
    disk.syncDirectory(directory);
  }
}
