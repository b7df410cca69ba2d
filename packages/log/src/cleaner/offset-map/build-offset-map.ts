// Reads the dirty part of a log and notes the last offset of each key. Aborted records do not count. A map
// that is full ends the dirty part there: what follows is left as it is, and for a later cleaning.
import type { Zip } from "@ottla/ports";
import {
  batchBaseOffset,
  batchCount,
  batchIsControl,
  batchLastOffset,
  createRecordCursor,
  nextRecord,
} from "@ottla/protocol";
import { CLEANER_PIECE_RECORDS } from "../../limits.ts";
import type { LogSegment } from "../../segment/log-segment.ts";
import { type Cleaning, UncleanableLog } from "../cleaning.ts";
import type { CleanedTransactions } from "../rewrite/cleaned-transactions.ts";
import { openBatch } from "../rewrite/open-batch.ts";
import type { SegmentBatches } from "../rewrite/segment-batches.ts";
import type { OffsetMap } from "./offset-map.ts";

/** What is read. */
export interface DirtyRange {
  /** Segments with offsets in the range, ascending. */
  readonly segments: readonly LogSegment[];
  readonly startOffset: number;
  /** A segment's base: nothing at or above it is read. */
  readonly endOffset: number;
}

/** Fills `map`. Throws `DiskError`, `UncleanableLog`, `CleaningAborted`. */
export function* buildOffsetMap(
  zip: Zip,
  range: DirtyRange,
  batches: SegmentBatches,
  transactions: CleanedTransactions,
  map: OffsetMap,
): Cleaning<void> {
  for (let index = 0; index < range.segments.length; index++) {
    const segment = range.segments[index] as LogSegment;
    batches.start(segment, segment.offsetIndex.lookup(range.startOffset));
    while (yield* batches.step()) {
      const { bytes, at } = batches;
      const lastOffset = batchLastOffset(bytes, at);
      if (batchIsControl(bytes, at)) transactions.controlBatch(bytes, at);
      else if (!transactions.dataBatch(bytes, at) && lastOffset >= range.startOffset) {
        if (!(yield* takeKeys(zip, bytes, at, range.startOffset, map))) return;
      }
      if (lastOffset >= range.startOffset) map.latestOffset = Math.max(map.latestOffset, lastOffset);
    }
    // Offsets that no record has any more count as read.
    const nextBase = range.segments[index + 1]?.baseOffset ?? range.endOffset;
    map.latestOffset = Math.max(map.latestOffset, nextBase - 1);
  }
}

/** False: the map is full, and `latestOffset` is the last offset it knows. */
function* takeKeys(
  zip: Zip,
  bytes: Uint8Array,
  at: number,
  startOffset: number,
  map: OffsetMap,
): Cleaning<boolean> {
  const baseOffset = batchBaseOffset(bytes, at);
  const count = batchCount(bytes, at);
  if (count === 0) return true;
  const body = yield* openBatch(zip, bytes, at);
  const cursor = createRecordCursor();
  let next = body.at;
  for (let index = 1; index <= count; index++) {
    next = nextRecord(body.bytes, next, body.end, cursor);
    if (next < 0) throw new UncleanableLog(`a record of the batch at offset ${baseOffset} is damaged`);
    const offset = baseOffset + cursor.offsetDelta;
    if (cursor.keyLength >= 0 && offset >= startOffset) {
      if (map.isFull) return false;
      map.put(body.bytes, cursor.keyAt, cursor.keyAt + cursor.keyLength, offset);
    }
    if (index % CLEANER_PIECE_RECORDS === 0) yield;
  }
  return true;
}
