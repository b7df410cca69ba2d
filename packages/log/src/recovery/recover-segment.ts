// The check of one segment after a crash. From the recovery point on, every batch must be whole and its CRC
// right. Where one is not, the sync journal may have the bytes that belong in exactly this place, and they
// are put back. Where it has none, the log ends: bytes from there are cut, and kept aside when a valid batch
// follows them (then it is no torn tail). Below the durable end nothing is ever cut: damage there is a
// corrupt range that readers are told about. Indexes are kept as far as they lie below the recovery point,
// and rebuilt from there.
import type { Pieces } from "@ottla/ports";
import { batchBaseOffset, batchProblem, NO_PARTITION_LEADER_EPOCH } from "@ottla/protocol";
import { keepCorrupt } from "../damage/keep-corrupt.ts";
import type { JournaledSegment } from "../journal/journaled-logs.ts";
import type { LeaderEpochCache } from "../leader-epoch/leader-epoch-cache.ts";
import { RECOVERY_CHUNK_BYTES, RECOVERY_PIECE_BYTES } from "../limits.ts";
import type { LogContext } from "../log-context.ts";
import { BatchCursor, type CursorStep } from "../segment/batch-cursor.ts";
import type { FileRange, LogSegment } from "../segment/log-segment.ts";
import { CUT_SUFFIX, segmentFileName } from "../segment/segment-file-name.ts";
import { entryProblem } from "./check-indexes.ts";
import { findNextValidBatch } from "./find-next-valid-batch.ts";

/** How a segment is recovered. */
export interface SegmentRecovery {
  readonly directory: string;
  /** Records below are known to be durable in the segment's file. */
  readonly recoveryPoint: number;
  /** Records below are known to be durable, in the file or in the sync journal. */
  readonly durableEndOffset: number;
  /** What the sync journal holds of the segment. */
  readonly journaled: JournaledSegment | null;
  /** Nothing follows. */
  readonly isLast: boolean;
  /** Where the next segment begins, so that this one must go up to there; null: it may end before. */
  readonly endsAt: number | null;
  /** Compaction may have left holes below; 0: nowhere. */
  readonly cleanedEndOffset: number;
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
export function recoverSegment(
  context: LogContext,
  segment: LogSegment,
  fileBytes: number,
  recovery: SegmentRecovery,
): Pieces<RecoveredSegment> {
  return new SegmentScan(context, segment, fileBytes, recovery).run();
}

/** The walk over one segment. */
class SegmentScan {
  readonly #context: LogContext;
  readonly #segment: LogSegment;
  readonly #recovery: SegmentRecovery;
  readonly #cursor = new BatchCursor(RECOVERY_CHUNK_BYTES);
  readonly #durableEndOffset: number;
  #fileBytes: number;
  #endOffset: number;
  /** False where the walk did not see what stands before: `#endOffset` is a lower bound then. */
  #isEndSure: boolean;
  #leaderEpoch: number = NO_PARTITION_LEADER_EPOCH;
  #putBackAt = -1;

  constructor(context: LogContext, segment: LogSegment, fileBytes: number, recovery: SegmentRecovery) {
    this.#context = context;
    this.#segment = segment;
    this.#recovery = recovery;
    this.#fileBytes = fileBytes;
    const durableEnd = Math.max(recovery.durableEndOffset, recovery.journaled?.endOffset ?? 0);
    this.#durableEndOffset = Math.min(durableEnd, recovery.endsAt ?? durableEnd);
    const start = trustedStart(segment, fileBytes, recovery.recoveryPoint, this.#cursor);
    segment.sizeInBytes = start;
    // Of what lies before, an earlier life may have found something.
    segment.corruptRanges = segment.corruptRanges.filter(
      ({ position, bytes }) => bytes > 0 && position + bytes <= start,
    );
    this.#endOffset = segment.baseOffset;
    this.#isEndSure = start === 0;
    this.#cursor.start(segment.log, start, fileBytes);
  }

  *run(): Pieces<RecoveredSegment> {
    const cursor = this.#cursor;
    for (let checked = cursor.position; ; ) {
      if (cursor.position - checked >= RECOVERY_PIECE_BYTES) {
        checked = cursor.position;
        yield;
      }
      const step = cursor.step();
      if (step === "batch" && this.#isSound()) {
        this.#takeIn();
        continue;
      }
      if (this.#putsBack()) continue;
      const next = yield* this.#findNext(step);
      if (step === "end" && next === null) return this.#endOfFile();
      if (this.#endOffset >= this.#durableEndOffset) {
        const range = { position: cursor.position, bytes: this.#fileBytes - cursor.position };
        const { directory } = this.#recovery;
        cut(this.#context, this.#segment, range, next, { directory, endOffset: this.#endOffset });
        return { ...this.#ended(false), cutBytes: range.bytes };
      }
      const end = next ?? this.#fileBytes;
      this.#keepCorrupt(end - cursor.position, this.#firstOffsetAt(next));
      if (next === null) {
        this.#endOffset = Math.max(this.#endOffset, this.#durableEndOffset);
        return this.#ended(true);
      }
      this.#isEndSure = false;
      // The file may end before: what the journal has behind it goes there.
      cursor.start(this.#segment.log, next, Math.max(next, this.#fileBytes));
    }
  }

  /** Every batch is sound; whether all are there that were durable is another question. */
  #endOfFile(): RecoveredSegment {
    const { isLast, endsAt, cleanedEndOffset } = this.#recovery;
    const isShort = this.#isEndSure && this.#endOffset < this.#durableEndOffset;
    if (!isShort || (!isLast && endsAt === null)) return this.#ended(false);
    if (cleanedEndOffset >= this.#durableEndOffset) {
      // The log was cut within what compaction had taken: none of it is missed, none of it given out again.
      this.#endOffset = this.#durableEndOffset;
      return this.#ended(false);
    }
    this.#keepCorrupt(0, this.#durableEndOffset);
    this.#endOffset = this.#durableEndOffset;
    return this.#ended(true);
  }

  #keepCorrupt(bytes: number, toOffset: number): void {
    const segment = this.#segment;
    const { position } = this.#cursor;
    keepCorrupt(this.#context, segment, { position, bytes, fromOffset: this.#endOffset, toOffset });
    segment.sizeInBytes = position + bytes;
  }

  /** Of the batch at `position`, which may still be in the journal alone. */
  #firstOffsetAt(position: number | null): number {
    const bytes = new Uint8Array(8);
    if (position === null || position + bytes.length > this.#fileBytes) return this.#durableEndOffset;
    this.#segment.log.opened().read(bytes, position);
    return batchBaseOffset(bytes, 0);
  }

  #ended(endsCorrupt: boolean): RecoveredSegment {
    return { endOffset: this.#endOffset, cutBytes: 0, endsCorrupt };
  }

  #isSound(): boolean {
    const cursor = this.#cursor;
    return (
      cursor.baseOffset >= this.#endOffset &&
      cursor.lastOffset >= cursor.baseOffset &&
      this.#segment.canHold(cursor.lastOffset) &&
      cursor.loadWhole() &&
      batchProblem(cursor.bytes, cursor.at) === null
    );
  }

  #takeIn(): void {
    const cursor = this.#cursor;
    takeIn(this.#segment, cursor, this.#recovery);
    this.#endOffset = cursor.lastOffset + 1;
    this.#isEndSure = true;
    this.#leaderEpoch = cursor.partitionLeaderEpoch;
  }

  /** What the journal has of this place is in the file now, and the walk goes on with it. */
  #putsBack(): boolean {
    const { position } = this.#cursor;
    // Bytes that were put back and are not sound there stay as they are.
    if (position === this.#putBackAt) return false;
    const log = { endOffset: this.#endOffset, isEndSure: this.#isEndSure, leaderEpoch: this.#leaderEpoch };
    const bytes = this.#recovery.journaled?.bytesAt(position, log) ?? null;
    if (bytes === null) return false;
    const { log: file } = this.#segment;
    file.opened().write([bytes], position);
    this.#context.logger.info("records were put back from the sync journal", {
      path: file.path,
      position,
      bytes: bytes.length,
    });
    this.#putBackAt = position;
    this.#fileBytes = Math.max(this.#fileBytes, position + bytes.length);
    this.#cursor.start(file, position, this.#fileBytes);
    return true;
  }

  /** The first valid batch behind a bad place, in the file or, below the durable end, in the journal. */
  *#findNext(step: CursorStep): Pieces<number | null> {
    const { position } = this.#cursor;
    const inFile =
      step === "end"
        ? null
        : yield* findNextValidBatch(this.#segment, position + 1, this.#fileBytes, this.#endOffset);
    if (this.#endOffset >= this.#durableEndOffset) return inFile;
    const inJournal = this.#recovery.journaled?.nextPosition(position, this.#endOffset) ?? null;
    return inFile === null || inJournal === null ? (inFile ?? inJournal) : Math.min(inFile, inJournal);
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
    const isRight = entryProblem(segment, fileBytes, cursor) === null;
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
  { directory, endOffset }: { directory: string; endOffset: number },
): void {
  const { disk } = context.ports;
  const fields = { path: segment.log.path, position: range.position, bytes: range.bytes, endOffset };
  context.damage.cutBytes += range.bytes;
  if (next !== null) {
    const kept = new Uint8Array(range.bytes);
    segment.log.opened().read(kept, range.position);
    disk.replaceFile(`${directory}/${segmentFileName(segment.baseOffset, CUT_SUFFIX)}`, kept);
    context.logger.error(
      "recovery cut a log although valid batches follow the damage; the bytes were kept",
      fields,
    );
  } else context.logger.warn("recovery cut a torn tail", fields);
  segment.sizeInBytes = range.position;
  segment.log.opened().truncate(range.position);
}
