// Whether a transaction index is that of its segment. Transactions that it lacks are not found: only a walk
// over all batches could tell.
import { batchIsControl, batchProducerId, MAGIC_V2 } from "@ottla/protocol";
import type { BatchCursor } from "../segment/batch-cursor.ts";
import { CorruptLogError } from "../segment/corrupt-log-error.ts";
import type { LogSegment } from "../segment/log-segment.ts";

/**
 * What is wrong with it, null when nothing is. `nextBase`: where the next segment begins, if there is one.
 * Throws `DiskError`.
 */
export function transactionIndexProblem(
  segment: LogSegment,
  nextBase: number | undefined,
  cursor: BatchCursor,
): string | null {
  const { transactionIndex, baseOffset } = segment;
  if (!transactionIndex.isSane(baseOffset)) return "it is no transaction index of this segment";
  const entries = transactionIndex.all();
  const isBeyond = nextBase !== undefined && (entries.at(-1)?.lastOffset ?? -1) >= nextBase;
  if (isBeyond) return "it tells of markers behind the segment";
  const looked = new Set([entries[0], entries.at(-1)]);
  for (const entry of looked) {
    if (entry === undefined) continue;
    const { producerId, firstOffset, lastOffset } = entry;
    const isRight =
      speaksFor(segment, firstOffset, { producerId, isControl: false }, cursor) &&
      speaksFor(segment, lastOffset, { producerId, isControl: true }, cursor);
    if (!isRight) return "it is not about these batches";
  }
  return null;
}

/** Where compaction took the batch, or a crash, or it is in another segment, nothing speaks against it. */
function speaksFor(
  segment: LogSegment,
  offset: number,
  expected: { readonly producerId: number; readonly isControl: boolean },
  cursor: BatchCursor,
): boolean {
  if (offset < segment.baseOffset) return true;
  try {
    const found = segment.findBatch(offset, segment.sizeInBytes, cursor);
    if (found === null || cursor.baseOffset > offset || cursor.magic !== MAGIC_V2) return true;
    const isControl = batchIsControl(cursor.bytes, cursor.at);
    return (
      isControl === expected.isControl && batchProducerId(cursor.bytes, cursor.at) === expected.producerId
    );
  } catch (error) {
    if (!(error instanceof CorruptLogError)) throw error;
    return true;
  }
}
