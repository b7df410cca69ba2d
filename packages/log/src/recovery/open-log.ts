// Opens one partition's directory: sorts the files, loads or recovers the segments, rebuilds epochs and
// producers. After a clean stop the files are believed; after a crash segments at and above the recovery
// point are checked. Damage met in a
// "clean" log sends it through the same check.
import type { LogConfig } from "@ottla/config";
import { type Pieces, runWhole } from "@ottla/ports";
import { MalformedCheckpointError } from "../checkpoint/checkpoint-text.ts";
import {
  type EpochEntry,
  LEADER_EPOCH_CHECKPOINT,
  readLeaderEpochs,
} from "../checkpoint/leader-epoch-checkpoint.ts";
import { CORRUPT_RANGES, writeCorruptRanges } from "../damage/corrupt-ranges-file.ts";
import type { LogCreation } from "../directory/log-creation.ts";
import type { JournaledLog } from "../journal/journaled-logs.ts";
import { LeaderEpochCache } from "../leader-epoch/leader-epoch-cache.ts";
import { createSegment, createSegmentInPieces, LocalLog } from "../local-log.ts";
import type { LogContext } from "../log-context.ts";
import { ProducerSnapshots } from "../producer-state/producer-snapshots.ts";
import { ProducerState } from "../producer-state/producer-state.ts";
import { CorruptLogError } from "../segment/corrupt-log-error.ts";
import type { CachedFile } from "../segment/file-cache.ts";
import { LogSegment } from "../segment/log-segment.ts";
import { CUT_SUFFIX, LOG_SUFFIX, segmentFileName } from "../segment/segment-file-name.ts";
import { indexProblem } from "./check-indexes.ts";
import { transactionIndexProblem } from "./check-transaction-index.ts";
import { takeKnownRanges } from "./known-corrupt-ranges.ts";
import type { OpenedLog } from "./opened-log.ts";
import { areEpochsOf, rebuildEpochs } from "./rebuild-epochs.ts";
import { rebuildProducerState } from "./rebuild-producer-state.ts";
import { recoverSegment } from "./recover-segment.ts";
import { sortFiles } from "./sort-files.ts";
import { writeAnew } from "./write-anew.ts";

/** What is known before the files are looked at. */
export interface OpenLogOptions {
  /** Path of the partition's directory, which exists. */
  readonly path: string;
  readonly config: LogConfig;
  /** The last user closed the log in order. */
  readonly isClean: boolean;
  /** A sync failed in the life before: what is above the recovery point must be written anew. */
  readonly hasFailedSync: boolean;
  /** Below here the files are known to be durable. */
  readonly recoveryPoint: number;
  /** Below here everything is known to be durable, in the files or in the sync journal. */
  readonly durableEndOffset: number;
  /** What the sync journal holds of the log. */
  readonly journaled: JournaledLog | null;
  readonly logStartOffset: number;
  /** What may not be durable of a log that is new, or was when its last user ended; null: nothing. */
  readonly creation: LogCreation | null;
  /** Compaction may have left holes below; null: it never ran. */
  readonly cleanedEndOffset?: number | null;
}

/** Opens. Throws `DiskError`. */
export function openLog(context: LogContext, options: OpenLogOptions): OpenedLog {
  const opened = runWhole(openLogInPieces(context, options));
  for (const file of opened.toSync) file.opened().syncNow();
  return opened;
}

/** The same in pieces: to check a long log takes seconds. The caller sees to `toSync`. */
export function* openLogInPieces(context: LogContext, options: OpenLogOptions): Pieces<OpenedLog> {
  const { disk } = context.ports;
  const files = sortFiles(disk, options.path);
  const epochs = new LeaderEpochCache(disk, options.path, readEpochs(context, options.path));
  const snapshots = new ProducerSnapshots(disk, options.path, files.names);
  const toSync: CachedFile[] = [];
  const segments = files.baseOffsets.map((baseOffset) => loadSegment(context, options.path, baseOffset));
  takeKnownRanges(disk, options.path, segments, context.cursor);
  let wasChecked = !options.isClean;
  let logEndOffset = options.isClean ? believe(context, options, segments) : null;
  if (logEndOffset === null) {
    wasChecked = true;
    logEndOffset = yield* recover(context, options, segments, { epochs, snapshots, toSync });
  }
  const isWithoutFiles = segments.length === 0;
  if (isWithoutFiles) {
    const baseOffset = Math.max(options.logStartOffset, logEndOffset, options.durableEndOffset);
    if (options.durableEndOffset > options.logStartOffset) {
      const { path, durableEndOffset } = options;
      context.logger.error("all segments of a log are gone; it goes on behind what it had", {
        path,
        durableEndOffset,
      });
    }
    segments.push(yield* createSegmentInPieces(context, options.path, baseOffset, options.config));
    logEndOffset = baseOffset;
  }
  const logStartOffset = Math.min(
    Math.max(options.logStartOffset, (segments[0] as LogSegment).baseOffset),
    logEndOffset,
  );
  if (!areEpochsOf(segments, epochs, logStartOffset, context.cursor)) {
    context.damage.rebuilt(
      `${options.path}/${LEADER_EPOCH_CHECKPOINT}`,
      "it does not tell the batches' epochs",
    );
    yield* rebuildEpochs(segments, epochs);
  }
  epochs.truncateFromEnd(logEndOffset);
  epochs.truncateFromStart(logStartOffset);
  snapshots.removeStray(new Set(segments.map((segment) => segment.baseOffset)), !wasChecked);
  snapshots.removeAbove(logEndOffset);
  const producers = new ProducerState();
  const range = { logEndOffset, reindexFrom: wasChecked ? options.recoveryPoint : null };
  yield* rebuildProducerState(context, segments, producers, snapshots, range);
  // What the replay met below the recovery point is known from here on, too.
  const wasDamaged = disk.status(`${options.path}/${CORRUPT_RANGES}`) !== null;
  if (wasDamaged || segments.some(({ corruptRanges }) => corruptRanges.length > 0)) {
    writeCorruptRanges(disk, options.path, segments);
  }
  for (const { transactionIndex } of segments) {
    if (transactionIndex.takeUnsynced()) toSync.push(transactionIndex.file);
  }
  const { path, config, cleanedEndOffset = null } = options;
  const creation = logEndOffset === 0 ? options.creation : null;
  // What records there are count as durable from now on.
  if (creation === null && !options.isClean) options.creation?.syncNow();
  const hasNewNames = isWithoutFiles || creation !== null;
  const state = { segments, logEndOffset, cleanedEndOffset, creation, hasNewNames };
  const local = new LocalLog(context, path, config, state);
  return { local, producers, snapshots, epochs, logStartOffset, toSync };
}

function readEpochs(context: LogContext, path: string): EpochEntry[] {
  try {
    return readLeaderEpochs(context.ports.disk, `${path}/${LEADER_EPOCH_CHECKPOINT}`);
  } catch (error) {
    if (!(error instanceof MalformedCheckpointError)) throw error;
    context.logger.warn("leader epochs are rebuilt as far as the log tells", { cause: error });
    return [];
  }
}

function loadSegment(context: LogContext, path: string, baseOffset: number): LogSegment {
  const logPath = `${path}/${segmentFileName(baseOffset, LOG_SUFFIX)}`;
  const status = context.ports.disk.status(logPath);
  const segment = new LogSegment(context.files, path, baseOffset, status?.modifiedMs ?? 0, false);
  segment.sizeInBytes = status?.bytes ?? 0;
  return segment;
}

/** Takes the files as they are; answers the end offset, or null when they are not right. */
function believe(
  context: LogContext,
  options: OpenLogOptions,
  segments: readonly LogSegment[],
): number | null {
  for (const [index, segment] of segments.entries()) {
    const isClosed = index < segments.length - 1;
    if (indexProblem(segment, segment.sizeInBytes, isClosed, context.cursor) !== null) return null;
    const nextBase = segments[index + 1]?.baseOffset;
    if (transactionIndexProblem(segment, nextBase, context.cursor) !== null) return null;
  }
  const active = segments.at(-1);
  if (active === undefined) return 0;
  // The file ends where nothing can be read: the log goes on behind it, in a segment of its own.
  if (active.corruptRanges.some(({ position, bytes }) => position + bytes === active.sizeInBytes))
    return null;
  try {
    const endOffset = active.readNextOffset(active.sizeInBytes, context.cursor);
    active.loadMaxTimestamp(active.sizeInBytes, context.cursor);
    return endOffset < options.durableEndOffset ? null : endOffset;
  } catch (error) {
    if (!(error instanceof CorruptLogError)) throw error;
    context.logger.warn("a log that was closed in order is damaged and gets checked", { cause: error });
    return null;
  }
}

interface RecoveryParts {
  readonly epochs: LeaderEpochCache;
  readonly snapshots: ProducerSnapshots;
  readonly toSync: CachedFile[];
}

/**
 * Checks what lies at and above the recovery point; `segments` keeps what is part of the log. Answers the end
 * offset.
 */
function* recover(
  context: LogContext,
  options: OpenLogOptions,
  segments: LogSegment[],
  { epochs, snapshots, toSync }: RecoveryParts,
): Pieces<number> {
  const fileBytes = segments.map((segment) => segment.sizeInBytes);
  let endOffset = 0;
  for (let index = 0; index < segments.length; index++) {
    const segment = segments[index] as LogSegment;
    const nextBase = segments[index + 1]?.baseOffset;
    const transactionProblem = transactionIndexProblem(segment, nextBase, context.cursor);
    if (transactionProblem !== null) {
      // Without later snapshots the producers are replayed from here, which fills the index again.
      segment.transactionIndex.clear();
      snapshots.removeAbove(segment.baseOffset);
      context.damage.rebuilt(segment.transactionIndex.file.path, transactionProblem);
    }
    if (nextBase !== undefined && nextBase <= options.recoveryPoint && isWhole(context, segment)) {
      endOffset = nextBase;
      yield;
      continue;
    }
    const recovered = yield* recoverSegment(context, segment, fileBytes[index] ?? 0, {
      directory: options.path,
      recoveryPoint: options.recoveryPoint,
      durableEndOffset: options.durableEndOffset,
      isLast: nextBase === undefined,
      endsAt: nextBase !== undefined && nextBase > sureEndOf(options) ? nextBase : null,
      journaled: options.journaled?.segment(segment.baseOffset, options.recoveryPoint) ?? null,
      cleanedEndOffset: options.cleanedEndOffset ?? 0,
      indexIntervalBytes: options.config.indexIntervalBytes,
      epochs,
    });
    if (options.hasFailedSync) yield* writeAnew(segment);
    toSync.push(segment.log);
    endOffset = recovered.endOffset;
    const nextIsBehindHole = nextBase !== undefined && isHole(options, endOffset, nextBase);
    if (recovered.cutBytes > 0 || nextIsBehindHole) {
      setAside(context, options.path, segments.splice(index + 1));
      break;
    }
    if (nextBase !== undefined) {
      segment.finish();
      endOffset = Math.max(endOffset, nextBase);
    } else if (recovered.endsCorrupt) {
      segment.finish();
      segments.push(createSegment(context, options.path, endOffset, options.config));
    }
  }
  // A log without files is a new one; its first segment sees to the directory.
  if (fileBytes.length > 0) context.ports.disk.syncDirectory(options.path);
  if (options.journaled !== null && options.journaled.endOffset > endOffset) {
    const { endOffset: journaledEnd } = options.journaled;
    context.logger.error("the sync journal has records that do not fit the log", {
      path: options.path,
      logEndOffset: endOffset,
      journaledEnd,
    });
  }
  return endOffset;
}

/**
 * A segment that lost its unsynced end without a trace: the next one starts behind a hole. Compaction leaves
 * holes too, but only below the recovery point on disk, or below what its own checkpoint tells.
 */
function isHole(options: OpenLogOptions, endOffset: number, nextBase: number): boolean {
  // Below the log's start segments may have gone in any order.
  return endOffset < nextBase && endOffset >= sureEndOf(options) && nextBase > options.logStartOffset;
}

function sureEndOf({ recoveryPoint, cleanedEndOffset }: OpenLogOptions): number {
  return Math.max(recoveryPoint, cleanedEndOffset ?? 0);
}

/** A segment below the recovery point is not looked at, unless an index needs to be built again. */
function isWhole(context: LogContext, segment: LogSegment): boolean {
  const problem = indexProblem(segment, segment.sizeInBytes, true, context.cursor);
  if (problem !== null) context.damage.rebuilt(segment.log.path.replace(/log$/, "*index"), problem);
  return problem === null;
}

/** Segments behind a cut are no longer part of the log; their records are kept for a human to look at. */
function setAside(context: LogContext, path: string, segments: readonly LogSegment[]): void {
  for (const segment of segments) {
    if (segment.sizeInBytes > 0) {
      context.logger.error("a segment behind a cut was set aside", { path: segment.log.path });
      segment.log.rename(`${path}/${segmentFileName(segment.baseOffset, CUT_SUFFIX)}`);
    } else segment.log.remove();
    segment.offsetIndex.file.remove();
    segment.timeIndex.file.remove();
    segment.transactionIndex.file.remove();
    segment.close();
  }
}
