// Damage that an earlier life found: taken over as far as it is still there.
import type { Disk } from "@ottla/ports";
import { batchProblem } from "@ottla/protocol";
import type { CorruptRange } from "../damage/corrupt-range.ts";
import { readCorruptRanges } from "../damage/corrupt-ranges-file.ts";
import type { BatchCursor } from "../segment/batch-cursor.ts";
import type { LogSegment } from "../segment/log-segment.ts";

/** Gives each segment the ranges that are known of it. Throws `DiskError`. */
export function takeKnownRanges(
  disk: Disk,
  directory: string,
  segments: readonly LogSegment[],
  cursor: BatchCursor,
): void {
  for (const range of readCorruptRanges(disk, directory)) {
    const segment = segments.find(({ baseOffset }) => baseOffset === range.segmentBaseOffset);
    if (segment === undefined || !isStillThere(segment, range, cursor)) continue;
    segment.corruptRanges = [...segment.corruptRanges, range];
  }
}

/** Somebody may have put the right bytes there. */
function isStillThere(segment: LogSegment, range: CorruptRange, cursor: BatchCursor): boolean {
  const { sizeInBytes } = segment;
  if (range.bytes === 0) return range.position === sizeInBytes;
  if (range.position + range.bytes > sizeInBytes) return false;
  cursor.start(segment.log, range.position, sizeInBytes);
  const isSound =
    cursor.step() === "batch" &&
    cursor.baseOffset >= range.fromOffset &&
    cursor.loadWhole() &&
    batchProblem(cursor.bytes, cursor.at) === null;
  return !isSound;
}
