// The first step of opening a log: what the files in its directory are, and getting rid of what an
// interrupted deletion or compaction left behind. Repeating it after a crash gives the same result.
import type { Disk } from "@ottla/ports";
import { BatchCursor } from "../segment/batch-cursor.ts";
import { FileCache } from "../segment/file-cache.ts";
import {
  baseOffsetOfFileName,
  CLEANED_SUFFIX,
  DELETED_SUFFIX,
  LOG_SUFFIX,
  SEGMENT_SUFFIXES,
  SWAP_SUFFIX,
  segmentFileName,
} from "../segment/segment-file-name.ts";

/** Files that belong to the log now. */
export interface SortedFiles {
  /** Base offsets of the segments, ascending. */
  readonly baseOffsets: readonly number[];
  readonly names: readonly string[];
}

/** Sorts and tidies. Throws `DiskError`. */
export function sortFiles(disk: Disk, directory: string): SortedFiles {
  let names = disk.list(directory);
  const leftovers = names.filter(
    (name) => name.endsWith(DELETED_SUFFIX) || name.endsWith(CLEANED_SUFFIX) || name.endsWith(".tmp"),
  );
  // While a `.cleaned` file of the same compaction is there, its swap had not begun for good: the originals
  // are whole.
  const cleaned = names
    .map((name) => baseOffsetOfFileName(name, LOG_SUFFIX + CLEANED_SUFFIX))
    .filter((base) => base !== null);
  const firstCleaned = Math.min(...cleaned, Number.POSITIVE_INFINITY);
  for (const name of names) {
    const base = name.endsWith(SWAP_SUFFIX) ? Number(name.slice(0, 20)) : null;
    if (base !== null && base >= firstCleaned) leftovers.push(name);
  }
  for (const name of leftovers) disk.remove(`${directory}/${name}`);
  let isChanged = leftovers.length > 0;
  names = names.filter((name) => !leftovers.includes(name));
  const swaps = names.filter((name) => name.endsWith(SWAP_SUFFIX));
  if (removeReplaced(disk, directory, names)) {
    // Before the swaps end: without them nobody could tell that these files were replaced.
    disk.syncDirectory(directory);
  }
  for (const name of swaps) completeSwap(disk, directory, name);
  if (swaps.length > 0) {
    isChanged = true;
    names = disk.list(directory);
  }
  const baseOffsets = names
    .map((name) => baseOffsetOfFileName(name, LOG_SUFFIX))
    .filter((base) => base !== null)
    .sort((left, right) => left - right);
  for (const name of orphans(names, new Set(baseOffsets))) {
    disk.remove(`${directory}/${name}`);
    isChanged = true;
  }
  if (isChanged) disk.syncDirectory(directory);
  return { baseOffsets, names: names.filter((name) => disk.status(`${directory}/${name}`) !== null) };
}

/**
 * The files of segments that a swap replaced and did not come to rename. True when there were any. A segment
 * behind all that the swap holds is kept: what it has is superseded, and compacted next time.
 */
function removeReplaced(disk: Disk, directory: string, names: readonly string[]): boolean {
  let isChanged = false;
  for (const swap of names) {
    const firstOffset = baseOffsetOfFileName(swap, LOG_SUFFIX + SWAP_SUFFIX);
    if (firstOffset === null) continue;
    const endOffset = endOffsetOf(disk, `${directory}/${swap}`);
    for (const name of names) {
      const base = SEGMENT_SUFFIXES.map((suffix) => baseOffsetOfFileName(name, suffix)).find(
        (each) => each !== null,
      );
      if (base === undefined || base === null || base <= firstOffset || base >= endOffset) continue;
      if (disk.status(`${directory}/${name}`) === null) continue;
      disk.remove(`${directory}/${name}`);
      isChanged = true;
    }
  }
  return isChanged;
}

/** Offset after the last batch of a segment's file; 0 when it has none. */
function endOffsetOf(disk: Disk, path: string): number {
  const files = new FileCache(disk, 1);
  const file = files.file(path);
  const cursor = new BatchCursor();
  cursor.start(file, 0, file.size());
  let endOffset = 0;
  while (cursor.step() === "batch") endOffset = cursor.lastOffset + 1;
  file.close();
  return endOffset;
}

/** The compacted files replace the originals; indexes of the originals must not survive beside them. */
function completeSwap(disk: Disk, directory: string, name: string): void {
  const target = name.slice(0, -SWAP_SUFFIX.length);
  if (target.endsWith(LOG_SUFFIX)) {
    for (const suffix of SEGMENT_SUFFIXES) {
      const path = `${directory}/${segmentFileName(Number(name.slice(0, 20)), suffix)}`;
      const isReplaced = disk.status(`${path}${SWAP_SUFFIX}`) !== null;
      if (suffix !== LOG_SUFFIX && !isReplaced && disk.status(path) !== null) disk.remove(path);
    }
  }
  disk.rename(`${directory}/${name}`, `${directory}/${target}`);
}

/** Index files without their log. */
function orphans(names: readonly string[], baseOffsets: ReadonlySet<number>): string[] {
  return names.filter((name) =>
    SEGMENT_SUFFIXES.some((suffix) => {
      const base = suffix === LOG_SUFFIX ? null : baseOffsetOfFileName(name, suffix);
      return base !== null && !baseOffsets.has(base);
    }),
  );
}
