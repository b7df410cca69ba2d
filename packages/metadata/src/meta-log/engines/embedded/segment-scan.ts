// Walks a segment file of the metadata log from its start: checks every batch and collects what the log must
// know of it. Reads in windows, so that memory does not grow with the file. It stops at the first thing that
// is no whole, sound batch.
import type { DiskFile } from "@ottla/ports";
import {
  BATCH_INCOMPLETE,
  batchEnd,
  batchProblem,
  batchSizeInBytes,
  HEADER_BYTES_UP_TO_MAGIC,
  type Offset,
} from "@ottla/protocol";
import { META_LOG_FOREIGN_BATCH_BYTES_MAX, META_LOG_READ_BYTES_MAX } from "../../../limits.ts";
import { MetadataError } from "../../../metadata-error.ts";
import { type MetadataBatch, readMetadataBatch } from "../../../records/metadata-batch.ts";

export interface SegmentScan {
  /** Bytes up to the end of the last sound batch. */
  readonly validBytes: number;
  /** Why the scan stopped before the end of the file; null when it did not. */
  readonly problem: string | null;
}

/**
 * Calls `visit` for each batch in order, with its position. @throws MetadataError when batches do not follow
 * each other.
 */
export function scanSegment(
  file: DiskFile,
  baseOffset: Offset,
  visit: (batch: MetadataBatch, position: number) => void,
): SegmentScan {
  const size = file.size();
  let position = 0;
  let nextOffset: number = baseOffset;
  while (position < size) {
    const window = readWindow(file, position, size);
    let at = 0;
    for (
      let next = batchEnd(window, 0, window.length);
      next > 0;
      next = batchEnd(window, at, window.length)
    ) {
      const problem = batchProblem(window, at);
      if (problem !== null) return { validBytes: position + at, problem: problem.message };
      const batch = readMetadataBatch(window, at);
      if (batch.baseOffset !== nextOffset) {
        throw new MetadataError(
          `${file.path}: expected offset ${nextOffset} at byte ${position + at}, found ${batch.baseOffset}`,
        );
      }
      visit(batch, position + at);
      nextOffset = batch.lastOffset + 1;
      at = next;
    }
    position += at;
    if (at > 0) continue;
    const isTorn = batchEnd(window, 0, window.length) === BATCH_INCOMPLETE;
    return {
      validBytes: position,
      problem: isTorn ? "the file ends inside a batch" : "no batch begins here",
    };
  }
  return { validBytes: position, problem: null };
}

/**
 * True when a sound batch with an offset from `fromOffset` on lies behind `position`: then the bytes before
 * it were lost, not torn.
 */
export function soundBatchFollows(file: DiskFile, position: number, fromOffset: Offset): boolean {
  const bytes = readWindow(file, position, file.size());
  for (let at = 1; at + HEADER_BYTES_UP_TO_MAGIC < bytes.length; at += 1) {
    if (bytes[at + 16] !== 2 || batchEnd(bytes, at, bytes.length) < 0) continue;
    if (batchProblem(bytes, at) === null && readMetadataBatch(bytes, at).baseOffset >= fromOffset)
      return true;
  }
  return false;
}

/** Bytes from `position` on: a window, or the whole of one larger batch. */
export function readWindow(file: DiskFile, position: number, size: number): Uint8Array {
  const window = new Uint8Array(Math.min(META_LOG_READ_BYTES_MAX, size - position));
  const read = window.subarray(0, file.read(window, position));
  if (read.length < HEADER_BYTES_UP_TO_MAGIC || batchEnd(read, 0, read.length) !== BATCH_INCOMPLETE)
    return read;
  const wanted = Math.min(batchSizeInBytes(read, 0), size - position);
  if (wanted <= read.length || wanted > META_LOG_FOREIGN_BATCH_BYTES_MAX) return read;
  const larger = new Uint8Array(wanted);
  return larger.subarray(0, file.read(larger, position));
}
