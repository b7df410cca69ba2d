// The check of one segment after a crash. From the recovery point on, every batch must be whole and its CRC
// right; the first bad one ends the log: bytes from there are cut, and kept aside when a valid batch follows
// them (then it is no torn tail). Below the recovery point nothing is ever cut: damage there is a corrupt
// range that readers are told about. Indexes are kept as far as they lie below the recovery point, and
// rebuilt from there.
import type { Pieces } from "@ottla/ports";
import { batchProblem } from "@ottla/protocol";
import type { LeaderEpochCache } from "../leader-epoch/leader-epoch-cache.ts";
import { RECOVERY_CHUNK_BYTES, RECOVERY_PIECE_BYTES } from "../limits.ts";
import type { LogContext } from "../log-context.ts";
import { BatchCursor } from "../segment/batch-cursor.ts";
import type { FileRange, LogSegment } from "../segment/log-segment.ts";
import { CUT_SUFFIX, segmentFileName } from "../segment/segment-file-name.ts";
import { findNextValidBatch } from "./find-next-valid-batch.ts";

/** How a segment is recovered. */
export interface SegmentRecovery {
  readonly directory: string;
  /** Records below are known to be durable. */
  readonly recoveryPoint: number;
  readonly indexIntervalBytes: number;
  readonly epochs: LeaderEpochCache;
}

/** What recovery found. */
export interface RecoveredSegment {
  /** Offset after the last sound batch. */
  readonly endOffset: number;
  /** Bytes that are no longer part of the segment. */
  readonly cutBytes: number;
  /** The segment ends in damage below the recovery point: nothing may be appended to it. */
  readonly endsCorrupt: boolean;
}

/** Checks and mends `segment`. Throws `DiskError`. */
export function* recoverSegment(
  context: LogContext,
  segment: LogSegment,
  fileBytes: number,
  recovery: SegmentRecovery,
): Pieces<RecoveredSegment> {
  const cursor = new BatchCursor(RECOVERY_CHUNK_BYTES);
  const start = trustedStart(segment, fileBytes, recovery.recoveryPoint, cursor);
  segment.sizeInBytes = start;
  segment.corruptRanges = [];
  cursor.start(segment.log, start, fileBytes);
  let endOffset = segment.baseOffset;
  for (let checked = start; ; ) {
    if (cursor.position - checked >= RECOVERY_PIECE_BYTES) {
      checked = cursor.position;
      yield;
    }
    const step = cursor.step();
    if (step === "end") return { endOffset, cutBytes: 0, endsCorrupt: false };
    const isSound =
      step === "batch" &&
      cursor.baseOffset >= endOffset &&
      cursor.lastOffset >= cursor.baseOffset &&
      segment.canHold(cursor.lastOffset) &&
      cursor.loadWhole() &&
      batchProblem(cursor.bytes, cursor.at) === null;
    if (isSound) {
      takeIn(segment, cursor, recovery);
      endOffset = cursor.lastOffset + 1;
      continue;
    }
    const next = yield* findNextValidBatch(segment, cursor.position + 1, fileBytes, endOffset);
    if (endOffset >= recovery.recoveryPoint) {
      cut(
        context,
        segment,
        { position: cursor.position, bytes: fileBytes - cursor.position },
        next,
        recovery,
      );
      return { endOffset, cutBytes: fileBytes - cursor.position, endsCorrupt: false };
    }
    const end = next ?? fileBytes;
    keepCorrupt(context, segment, { position: cursor.position, bytes: end - cursor.position });
    if (next === null) {
      return { endOffset: Math.max(endOffset, recovery.recoveryPoint), cutBytes: 0, endsCorrupt: true };
    }
    cursor.skipTo(next);
  }
}

/** Keeps the indexes below the recovery point when they are right; answers the position to check from. */
function trustedStart(
  segment: LogSegment,
  fileBytes: number,
  recoveryPoint: number,
  cursor: BatchCursor,
): number {
  const { offsetIndex, timeIndex } = segment;
  const areLoaded = offsetIndex.load(fileBytes) && timeIndex.load();
  const areSane = areLoaded && offsetIndex.ascends() && timeIndex.ascends();
  if (areSane) {
    offsetIndex.truncateTo(recoveryPoint);
    // The time index may have lost its end where the offset index did not: batches behind it are looked at
    // again, else their largest timestamp would be unknown.
    offsetIndex.truncateTo(timeIndex.entries === 0 ? segment.baseOffset : timeIndex.lastOffset + 1);
    timeIndex.truncateTo(offsetIndex.lastOffset + 1);
    cursor.start(segment.log, offsetIndex.lastPosition, fileBytes);
    const isRight =
      offsetIndex.entries === 0 ||
      (cursor.step() === "batch" && cursor.lastOffset === offsetIndex.lastOffset);
    if (isRight) {
      if (timeIndex.lastTimestamp >= 0) {
        segment.maxTimestamp = timeIndex.lastTimestamp;
        segment.offsetOfMaxTimestamp = timeIndex.lastOffset;
      }
      segment.isTimeKnown = true;
      return offsetIndex.lastPosition;
    }
  }
  offsetIndex.clear();
  timeIndex.clear();
  segment.maxTimestamp = -1;
  segment.offsetOfMaxTimestamp = segment.baseOffset;
  segment.isTimeKnown = true;
  return 0;
}

function takeIn(segment: LogSegment, cursor: BatchCursor, recovery: SegmentRecovery): void {
  recovery.epochs.assign(
    Math.max(cursor.partitionLeaderEpoch, recovery.epochs.latestEpoch),
    cursor.baseOffset,
  );
  segment.sizeInBytes = cursor.position;
  segment.appended(
    { bytes: cursor.sizeInBytes, lastOffset: cursor.lastOffset, maxTimestamp: cursor.maxTimestamp },
    recovery.indexIntervalBytes,
  );
}

function cut(
  context: LogContext,
  segment: LogSegment,
  range: FileRange,
  next: number | null,
  recovery: SegmentRecovery,
): void {
  const { disk } = context.ports;
  const fields = { path: segment.log.path, position: range.position, bytes: range.bytes };
  if (next !== null) {
    const kept = new Uint8Array(range.bytes);
    segment.log.opened().read(kept, range.position);
    disk.replaceFile(`${recovery.directory}/${segmentFileName(segment.baseOffset, CUT_SUFFIX)}`, kept);
    context.logger.error(
      "recovery cut a log although valid batches follow the damage; the bytes were kept",
      fields,
    );
  } else context.logger.warn("recovery cut a torn tail", fields);
  segment.sizeInBytes = range.position;
  segment.log.opened().truncate(range.position);
}

function keepCorrupt(context: LogContext, segment: LogSegment, range: FileRange): void {
  segment.corruptRanges = [...segment.corruptRanges, range];
  segment.sizeInBytes = range.position + range.bytes;
  context.logger.error("records that were durable are damaged; reading them answers CORRUPT_MESSAGE", {
    path: segment.log.path,
    position: range.position,
    bytes: range.bytes,
  });
}
