// Reads batches of the metadata log back from its segment files.
import { batchEnd, type Offset } from "@ottla/protocol";
import { type MetadataBatch, readMetadataBatch } from "../../../records/metadata-batch.ts";
import type { MetadataSegment } from "./metadata-segment.ts";
import { readWindow } from "./segment-scan.ts";

/**
 * Batches from the one that holds `from` up to a window's worth, none at or behind `tail`. Bytes were checked
 * when written.
 */
export function readEntries(
  segments: readonly MetadataSegment[],
  from: Offset,
  tail: Offset,
): MetadataBatch[] {
  const found: MetadataBatch[] = [];
  const segment = segments.findLast((candidate) => candidate.baseOffset <= from);
  if (segment === undefined || from >= tail) return found;
  let position = segment.positionBefore(from);
  while (found.length === 0 && position < segment.size) {
    const window = readWindow(segment.log, position, segment.size);
    let at = 0;
    for (
      let next = batchEnd(window, 0, window.length);
      next > 0;
      next = batchEnd(window, at, window.length)
    ) {
      const batch = readMetadataBatch(window, at);
      if (batch.baseOffset >= tail) return found;
      if (batch.lastOffset >= from) found.push(batch);
      at = next;
    }
    if (at === 0) throw new Error(`${segment.log.path}: no batch at byte ${position}`);
    position += at;
  }
  return found;
}
