// Which part of a log may be cleaned, and how much it needs it. Never cleaned: the active segment, what
// lies above the last stable offset (so also above the high watermark), what is younger than
// `min.compaction.lag.ms`, and what recovery would still look at after a crash (it would take the holes
// for losses).
import type { LogContext } from "../log-context.ts";
import type { PartitionLog } from "../partition-log.ts";
import type { LogSegment } from "../segment/log-segment.ts";

/** What may be cleaned of a log. */
export interface CleanableRange {
  readonly firstDirtyOffset: number;
  /** A segment's base, or the first dirty offset: the end of the range. */
  readonly firstUncleanableOffset: number;
  readonly cleanBytes: number;
  readonly cleanableBytes: number;
  /** Milliseconds beyond `max.compaction.lag.ms` that the oldest dirty record waits; 0 within it. */
  readonly delayMs: number;
}

/** Finds the range as of `nowMs`, wall time. Throws `DiskError`. */
export function cleanableRange(context: LogContext, log: PartitionLog, nowMs: number): CleanableRange {
  const { local } = log.opened;
  const { segments, active } = local;
  const cleaned = local.cleanedEndOffset ?? log.logStartOffset;
  const isKnown = cleaned >= log.logStartOffset && cleaned <= log.logEndOffset;
  const firstDirtyOffset = isKnown ? cleaned : log.logStartOffset;
  const dirty = segments.filter((_, index) => {
    const next = segments[index + 1];
    return next !== undefined && next.baseOffset > firstDirtyOffset;
  });
  let bound = Math.min(log.lastStableOffset, active.baseOffset, log.recoveryPoint);
  const young = firstYoung(context, log, dirty, nowMs);
  if (young !== null) bound = Math.min(bound, young.baseOffset);
  const boundary = local.segmentFor(bound)?.baseOffset ?? local.firstBaseOffset;
  const firstUncleanableOffset = Math.max(firstDirtyOffset, boundary);
  return {
    firstDirtyOffset,
    firstUncleanableOffset,
    cleanBytes: bytesOf(segments, ({ baseOffset }) => baseOffset < firstDirtyOffset),
    // A cut, or a full map, may have left the first dirty offset inside a segment that must not be cleaned.
    cleanableBytes: bytesOf(dirty, ({ baseOffset }) => boundary > firstDirtyOffset && baseOffset < boundary),
    delayMs: delayMs(context, log, dirty, nowMs),
  };
}

/** Share of the bytes that are dirty, 0 to 1. */
export function dirtyRatio({ cleanBytes, cleanableBytes }: CleanableRange): number {
  const total = cleanBytes + cleanableBytes;
  return total === 0 ? 0 : cleanableBytes / total;
}

/** Null when nothing is too young. */
function firstYoung(
  context: LogContext,
  log: PartitionLog,
  dirty: readonly LogSegment[],
  nowMs: number,
): LogSegment | null {
  const { minCompactionLagMs } = log.config;
  if (minCompactionLagMs <= 0) return null;
  const isYoung = (segment: LogSegment): boolean => {
    segment.loadMaxTimestamp(segment.sizeInBytes, context.cursor);
    const newest = segment.maxTimestamp >= 0 ? segment.maxTimestamp : segment.createdMs;
    return newest > nowMs - minCompactionLagMs;
  };
  return dirty.find(isYoung) ?? null;
}

function delayMs(
  context: LogContext,
  log: PartitionLog,
  dirty: readonly LogSegment[],
  nowMs: number,
): number {
  const { maxCompactionLagMs } = log.config;
  if (maxCompactionLagMs >= Number.MAX_SAFE_INTEGER) return 0;
  let earliest = Number.MAX_SAFE_INTEGER;
  for (const segment of dirty) {
    const first = segment.firstTimestamp(context.cursor);
    if (first > 0) earliest = Math.min(earliest, first);
  }
  return Math.max(0, nowMs - Math.max(maxCompactionLagMs, 0) - earliest);
}

function bytesOf(segments: readonly LogSegment[], counts: (segment: LogSegment) => boolean): number {
  return segments.reduce((sum, segment) => sum + (counts(segment) ? segment.sizeInBytes : 0), 0);
}
