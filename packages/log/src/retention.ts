// Which of the oldest segments a log may delete: those below its start, those whose newest record is older
// than `retention.ms`, and those that can go while `retention.bytes` stay. Never above the high watermark,
// and never the active segment while empty. What is left begins with a snapshot of producers, as the records
// that told of them are gone. Not here: deleting them (retain-logs.ts).
import type { LocalLog } from "./local-log.ts";
import type { LogContext } from "./log-context.ts";
import type { LogSegment } from "./segment/log-segment.ts";

/** What deletion is judged by. */
export interface RetentionState {
  readonly nowMs: number;
  readonly highWatermark: number;
  readonly logStartOffset: number;
}

/**
 * How many of the oldest segments may go; all of them means that the active one must be rolled first. Throws
 * `DiskError`.
 */
export function deletableSegments(context: LogContext, log: LocalLog, state: RetentionState): number {
  const { config, segments } = log;
  let excessBytes =
    config.cleanupDelete && config.retentionBytes >= 0 ? log.sizeInBytes - config.retentionBytes : -1;
  let count = 0;
  for (const segment of segments) {
    const endOffset = segments[count + 1]?.baseOffset ?? log.logEndOffset;
    if (endOffset > state.highWatermark) break;
    const isActive = segment === log.active;
    if (isActive && segment.sizeInBytes === 0) break;
    const isBelowStart = !isActive && endOffset <= state.logStartOffset;
    const isExcess = excessBytes >= 0 && excessBytes - segment.sizeInBytes >= 0;
    if (!isBelowStart && !isExcess && !isExpired(context, log, segment, state.nowMs)) break;
    excessBytes -= segment.sizeInBytes;
    count++;
  }
  return count;
}

/** As many of `count` as leave a segment that begins with one of the producer snapshots on disk. */
export function deletableBelowSnapshot(
  { segments }: LocalLog,
  count: number,
  snapshotOffsets: readonly number[],
): number {
  let left = count;
  for (let first = segments[left]; left > 0 && first !== undefined; first = segments[--left]) {
    if (snapshotOffsets.includes(first.baseOffset)) break;
  }
  return left;
}

function isExpired(context: LogContext, log: LocalLog, segment: LogSegment, nowMs: number): boolean {
  if (!log.config.cleanupDelete || log.config.retentionMs < 0) return false;
  segment.loadMaxTimestamp(log.writtenBytes(segment), context.cursor);
  // A segment without timestamps is as old as its file.
  const newest = segment.maxTimestamp >= 0 ? segment.maxTimestamp : segment.createdMs;
  return nowMs - newest > log.config.retentionMs;
}
