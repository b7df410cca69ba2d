// Whether the indexes of a segment are those of its log: files of another segment, a lost one, one that lost
// its end. Looks at few batches, so it is done for every segment at every start. Not here: entries out of
// order within a file (offset-index.ts, time-index.ts).
import { INDEX_GAP_BYTES_MAX } from "../limits.ts";
import type { BatchCursor } from "../segment/batch-cursor.ts";
import type { LogSegment } from "../segment/log-segment.ts";

/**
 * Loads the offset and the time index. Answers what is wrong with them, null when nothing is. `isClosed`:
 * nothing is appended to the segment any more. Throws `DiskError`.
 */
export function indexProblem(
  segment: LogSegment,
  fileBytes: number,
  isClosed: boolean,
  cursor: BatchCursor,
): string | null {
  const { offsetIndex, timeIndex } = segment;
  if (!offsetIndex.load(fileBytes)) return "the offset index leads out of the segment";
  if (!timeIndex.load()) return "the time index makes no sense";
  if (!offsetIndex.ascends()) return "the offset index does not ascend";
  if (!timeIndex.ascends()) return "the time index does not ascend";
  return entryProblem(segment, fileBytes, cursor) ?? gapProblem(segment, fileBytes, isClosed, cursor);
}

/** As `indexProblem`, of the newest entry of each alone: which batches they are about. Throws `DiskError`. */
export function entryProblem(segment: LogSegment, fileBytes: number, cursor: BatchCursor): string | null {
  const { offsetIndex, timeIndex } = segment;
  if (offsetIndex.entries > 0) {
    cursor.start(segment.log, offsetIndex.lastPosition, fileBytes);
    if (cursor.step() !== "batch" || cursor.lastOffset !== offsetIndex.lastOffset) {
      return "the offset index is not about these batches";
    }
  }
  if (timeIndex.entries === 0) return null;
  cursor.start(segment.log, Math.min(offsetIndex.lookup(timeIndex.lastOffset), fileBytes), fileBytes);
  while (cursor.step() === "batch") {
    if (cursor.lastOffset < timeIndex.lastOffset) continue;
    const isIts = cursor.baseOffset <= timeIndex.lastOffset;
    if (isIts && cursor.maxTimestamp === timeIndex.lastTimestamp) return null;
    break;
  }
  return "the time index is not about these batches";
}

/** Without entries a look-up would walk the whole segment. */
function gapProblem(
  segment: LogSegment,
  fileBytes: number,
  isClosed: boolean,
  cursor: BatchCursor,
): string | null {
  const { offsetIndex, timeIndex } = segment;
  if (isClosed && timeIndex.entries === 0) {
    const first = segment.firstTimestamp(cursor);
    if (first >= 0) return "the time index has no entries";
  }
  if (fileBytes - offsetIndex.lastPosition <= INDEX_GAP_BYTES_MAX) return null;
  cursor.start(segment.log, offsetIndex.lastPosition, fileBytes);
  // A few large batches are no gap: there is one entry for a batch at most.
  for (let batches = 0; batches < BATCHES_WITHOUT_ENTRY; batches++)
    if (cursor.step() !== "batch") return null;
  return cursor.position - offsetIndex.lastPosition <
    fileBytes - offsetIndex.lastPosition - INDEX_GAP_BYTES_MAX
    ? "the offset index lacks entries"
    : null;
}

const BATCHES_WITHOUT_ENTRY = 3;
