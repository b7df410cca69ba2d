// Retention in one log directory, in steps between which the pool works: what may go is put below the log's
// start, the starts become durable, and only then segments below them get the names of deleted files, which
// are synced last. Invariant: whatever subset of those renames a power cut leaves, the log begins where it
// was told to, and a hole below its start is no loss. Not here: which segments (retention.ts).
import { DiskError, endsPiece } from "@ottla/ports";
import type { Offset } from "@ottla/protocol";
import { type Cleaning, endOf, resultOf } from "./cleaner/cleaning.ts";
import { isFullDisk } from "./directory/disk-room.ts";
import type { LogDirectory } from "./directory/log-directory.ts";
import type { LogContext } from "./log-context.ts";
import type { PartitionLog } from "./partition-log.ts";
import { deletableBelowSnapshot, deletableSegments } from "./retention.ts";
import { syncNames } from "./sync-files.ts";

/** Told of each error of the disk; the directory may be offline then. */
type Failed = (error: DiskError) => void;

/** Answers the number of segments deleted. `nowMs` is wall time. */
export function* retainLogs(
  context: LogContext,
  directory: LogDirectory,
  nowMs: number,
  failed: Failed,
): Cleaning<number> {
  const starts = new Map<PartitionLog, Offset>();
  let seen = 0;
  for (const log of directory.logs.values()) {
    if (!directory.isOnline) return 0;
    const start = yield* guarded(startBehind(context, log, nowMs), failed);
    if (start !== null) starts.set(log, start);
    if (endsPiece(++seen)) yield;
  }
  if (starts.size === 0) return 0;
  const error = yield* resultOf((done: (error: DiskError | null) => void) =>
    directory.checkpoints.saveStarts(done),
  );
  if (error !== null) {
    failed(error);
    // Without room for a checkpoint there would never be any again.
    if (!isFullDisk(error)) return 0;
  }
  let deleted = 0;
  for (const [log, start] of starts) {
    if (!directory.isOnline || directory.logs.get(log.directoryName) !== log) continue;
    deleted += (yield* guarded(deleteSegments(context, directory, log, start), failed)) ?? 0;
  }
  return deleted;
}

/**
 * Puts what retention lets go below the log's start. Answers the offset below which segments may be deleted
 * once that start is durable; null: none. Throws `DiskError`.
 */
function* startBehind(context: LogContext, log: PartitionLog, nowMs: number): Cleaning<Offset | null> {
  const { opened } = log;
  const { local, producers, snapshots } = opened;
  let count = deletable(context, log, nowMs);
  if (count === 0) return null;
  if (count === local.segments.length) log.rollEmptied();
  const { active } = local;
  if (local.segments[count] === active && active.sizeInBytes === 0 && !snapshots.has(active.baseOffset)) {
    // What is left begins with it.
    yield* resultOf((done: (isTaken: true) => void) => snapshots.takeLater(producers, () => done(true)));
  }
  // The segments that stay may be new ones: a power cut must not leave the log without any.
  if (local.hasNewNames) yield* endOf((done) => syncNames(context.ports.disk, local, done));
  if (log.opened !== opened) return null;
  count = deletableBelowSnapshot(local, deletable(context, log, nowMs), snapshots.offsets);
  const first = local.segments[count];
  if (count === 0 || first === undefined) return null;
  const start = first.baseOffset as Offset;
  return log.deleteRecordsBelow(start) ? start : null;
}

function deletable(context: LogContext, log: PartitionLog, nowMs: number): number {
  const { highWatermark, logStartOffset, isWritable } = log;
  if (!isWritable) return 0;
  return deletableSegments(context, log.opened.local, { nowMs, highWatermark, logStartOffset });
}

/** Deletes the segments below `start`, which is durable. Throws `DiskError`. */
function* deleteSegments(
  { ports }: LogContext,
  directory: LogDirectory,
  log: PartitionLog,
  start: Offset,
): Cleaning<number> {
  const { local, snapshots } = log.opened;
  // It may have been cut meanwhile.
  if (!log.isWritable || log.logStartOffset < start) return 0;
  const retired = local.removeBelow(start);
  if (retired.length === 0) return 0;
  snapshots.removeBelow(local.firstBaseOffset);
  directory.rename(retired, log.config.fileDeleteDelayMs);
  yield* endOf((done) => syncNames(ports.disk, local, done));
  return retired.length;
}

/** Null after an error of the disk. */
function* guarded<Result>(work: Cleaning<Result>, failed: Failed): Cleaning<Result | null> {
  try {
    return yield* work;
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    failed(error);
    return null;
  }
}
