// Looks for the next batch with a right CRC behind damaged bytes, trying each position. Only headers that
// could be right cost a checksum.
import type { Pieces } from "@ottla/ports";
import {
  BATCH_HEADER_BYTES,
  batchBaseOffset,
  batchLastOffset,
  batchMagic,
  batchProblem,
  batchSizeInBytes,
  MAGIC_V2,
} from "@ottla/protocol";
import { RECOVERY_CHUNK_BYTES } from "../limits.ts";
import type { LogSegment } from "../segment/log-segment.ts";

/**
 * Position of the first valid batch in `[from, end)` with offsets at or above `offsetMin`; null when there is
 * none. Throws `DiskError`.
 */
export function* findNextValidBatch(
  segment: LogSegment,
  from: number,
  end: number,
  offsetMin: number,
): Pieces<number | null> {
  const file = segment.log.opened();
  const chunk = new Uint8Array(Math.min(RECOVERY_CHUNK_BYTES, Math.max(0, end - from)));
  for (let at = from; at + BATCH_HEADER_BYTES <= end; ) {
    const length = file.read(chunk.subarray(0, Math.min(chunk.length, end - at)), at);
    if (length < BATCH_HEADER_BYTES) return null;
    for (let offset = 0; offset + BATCH_HEADER_BYTES <= length; offset++) {
      if (!couldBeBatch(chunk, offset, end - at - offset, segment, offsetMin)) continue;
      const whole = new Uint8Array(batchSizeInBytes(chunk, offset));
      if (file.read(whole, at + offset) === whole.length && batchProblem(whole, 0) === null)
        return at + offset;
    }
    at += length - BATCH_HEADER_BYTES + 1;
    yield;
  }
  return null;
}

function couldBeBatch(
  bytes: Uint8Array,
  at: number,
  remaining: number,
  segment: LogSegment,
  offsetMin: number,
): boolean {
  if (batchMagic(bytes, at) !== MAGIC_V2) return false;
  const size = batchSizeInBytes(bytes, at);
  if (size < BATCH_HEADER_BYTES || size > remaining) return false;
  const baseOffset = batchBaseOffset(bytes, at);
  const lastOffset = batchLastOffset(bytes, at);
  return baseOffset >= offsetMin && lastOffset >= baseOffset && segment.canHold(lastOffset);
}
