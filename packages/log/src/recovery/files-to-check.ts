// What of a log a start after a crash is going to check, found from names, sizes and indexes: how much there
// is to do. Nothing here is believed.
import { type Disk, DiskError } from "@ottla/ports";
import type { FileCache } from "../segment/file-cache.ts";
import { OffsetIndex } from "../segment/offset-index.ts";
import {
  baseOffsetOfFileName,
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  segmentFileName,
} from "../segment/segment-file-name.ts";

/** A range at the end of a segment. */
export interface FileToCheck {
  readonly path: string;
  readonly position: number;
  readonly end: number;
}

/** The ends of segments at and above `recoveryPoint`; none where the disk does not tell. */
export function filesToCheck(
  files: FileCache,
  disk: Disk,
  directory: string,
  recoveryPoint: number,
): FileToCheck[] {
  try {
    return endsOfSegments(files, disk, directory, recoveryPoint);
  } catch (error) {
    // Whoever opens the log meets it again, and says so.
    if (!(error instanceof DiskError)) throw error;
    return [];
  }
}

function endsOfSegments(
  files: FileCache,
  disk: Disk,
  directory: string,
  recoveryPoint: number,
): FileToCheck[] {
  const bases = disk
    .list(directory)
    .map((name) => baseOffsetOfFileName(name, LOG_SUFFIX))
    .filter((base) => base !== null);
  const found: FileToCheck[] = [];
  for (const [index, base] of bases.entries()) {
    if ((bases[index + 1] ?? Number.POSITIVE_INFINITY) <= recoveryPoint) continue;
    const path = `${directory}/${segmentFileName(base, LOG_SUFFIX)}`;
    const end = disk.status(path)?.bytes ?? 0;
    const indexPath = `${directory}/${segmentFileName(base, OFFSET_INDEX_SUFFIX)}`;
    const isIndexed = recoveryPoint > base && disk.status(indexPath) !== null;
    const position = isIndexed ? positionIn(files, indexPath, base, recoveryPoint, end) : 0;
    if (position < end) found.push({ path, position, end });
  }
  return found;
}

function positionIn(files: FileCache, path: string, base: number, offset: number, end: number): number {
  const index = new OffsetIndex(base, files.file(path));
  const position = index.load(end) ? index.lookup(offset) : 0;
  index.file.close();
  return position;
}
