// One segment: the batches from `baseOffset` on in a `.log` file, with its indexes. Keeps the indexes true to
// what is appended. Invariant: `sizeInBytes` counts what was given to the tail, written or not; the file
// never holds more. Not here: memory (tail/), the choice to roll or delete (local-log.ts), checks after a
// crash (recovery/).

import type { CorruptRange } from "../damage/corrupt-range.ts";
import type { BatchCursor } from "./batch-cursor.ts";
import { CorruptLogError } from "./corrupt-log-error.ts";
import type { CachedFile, FileCache } from "./file-cache.ts";
import { OffsetIndex } from "./offset-index.ts";
import {
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  segmentFileName,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from "./segment-file-name.ts";
import { TimeIndex } from "./time-index.ts";
import { TransactionIndex } from "./transaction-index.ts";

/** A range of a segment's file. */
export interface FileRange {
  readonly position: number;
  readonly bytes: number;
}

/** What a segment learns of an appended batch. */
export interface AppendedBatch {
  readonly bytes: number;
  readonly lastOffset: number;
  readonly maxTimestamp: number;
}

/** Indexes hold offsets relative to the base as int32. */
export const RELATIVE_OFFSET_MAX = 0x7fffffff;

/** One segment of a log. */
export class LogSegment {
  readonly baseOffset: number;
  readonly log: CachedFile;
  readonly offsetIndex: OffsetIndex;
  readonly timeIndex: TimeIndex;
  readonly transactionIndex: TransactionIndex;
  readonly createdMs: number;
  sizeInBytes = 0;
  /**
   * Largest timestamp so far, and the last offset of the batch that has it; -1 and the base offset without
   * one.
   */
  maxTimestamp = -1;
  offsetOfMaxTimestamp: number;
  /** Ranges that are damaged although they were durable: kept, never served. Ascending. */
  corruptRanges: readonly CorruptRange[] = [];
  /** False until `maxTimestamp` was read from the files. */
  isTimeKnown: boolean;
  /** Jitter that this segment takes off `segment.ms`. */
  rollJitterMs = 0;
  #bytesSinceIndexEntry = 0;
  /** Max timestamp of the first batch; -1 none, null not looked up yet. */
  #firstTimestamp: number | null = null;

  constructor(files: FileCache, directory: string, baseOffset: number, createdMs: number, isNew: boolean) {
    const file = (suffix: string): CachedFile =>
      files.file(`${directory}/${segmentFileName(baseOffset, suffix)}`);
    this.baseOffset = baseOffset;
    this.createdMs = createdMs;
    this.log = file(LOG_SUFFIX);
    this.offsetIndex = new OffsetIndex(baseOffset, file(OFFSET_INDEX_SUFFIX));
    this.timeIndex = new TimeIndex(baseOffset, file(TIME_INDEX_SUFFIX));
    this.transactionIndex = new TransactionIndex(file(TRANSACTION_INDEX_SUFFIX));
    this.offsetOfMaxTimestamp = baseOffset;
    this.isTimeKnown = isNew;
  }

  /** Notes a batch appended at the end, and makes an index entry when one is due. */
  appended(batch: AppendedBatch, indexIntervalBytes: number): void {
    if (batch.maxTimestamp > this.maxTimestamp) {
      this.maxTimestamp = batch.maxTimestamp;
      this.offsetOfMaxTimestamp = batch.lastOffset;
    }
    if (this.sizeInBytes === 0) this.#firstTimestamp = batch.maxTimestamp;
    if (this.#bytesSinceIndexEntry > indexIntervalBytes) {
      this.offsetIndex.append(batch.lastOffset, this.sizeInBytes);
      this.timeIndex.maybeAppend(this.maxTimestamp, this.offsetOfMaxTimestamp);
      this.#bytesSinceIndexEntry = 0;
    }
    this.#bytesSinceIndexEntry += batch.bytes;
    this.sizeInBytes += batch.bytes;
  }

  /** `offset` can be written relative to the base. */
  canHold(offset: number): boolean {
    return offset >= this.baseOffset && offset - this.baseOffset <= RELATIVE_OFFSET_MAX;
  }

  areIndexesFull(bytesMax: number): boolean {
    return this.offsetIndex.isFull(bytesMax) || this.timeIndex.isFull(bytesMax);
  }

  /** How long the segment takes records: by their timestamps, by the clock when they have none. */
  ageMs(nowMs: number, newestTimestamp: number, cursor: BatchCursor): number {
    const first = this.firstTimestamp(cursor);
    return first >= 0 ? newestTimestamp - first : nowMs - this.createdMs;
  }

  /** The largest timestamp of the first batch; -1 without one. Throws `DiskError`. */
  firstTimestamp(cursor: BatchCursor): number {
    if (this.#firstTimestamp === null) {
      cursor.start(this.log, 0, this.sizeInBytes);
      this.#firstTimestamp = cursor.step() === "batch" ? cursor.maxTimestamp : -1;
    }
    return this.#firstTimestamp;
  }

  /**
   * The batch that holds `offset` or, when compaction took that record, the first one after it; null when
   * there is none before `end`. Throws `DiskError`, and `CorruptLogError` where the file is damaged.
   */
  findBatch(offset: number, end: number, cursor: BatchCursor): FileRange | null {
    let from = this.offsetIndex.lookup(offset);
    if (from >= end) from = 0;
    for (;;) {
      cursor.start(this.log, from, end);
      const found = this.#walkTo(offset, from > 0, cursor);
      if (found !== "distrust") return found;
      // The index points at nothing sensible: it is only a cache, so look from the start.
      from = 0;
    }
  }

  /** The offset after the last record, found from the newest index entry on. Throws as `findBatch`. */
  readNextOffset(end: number, cursor: BatchCursor): number {
    cursor.start(this.log, Math.min(this.offsetIndex.lastPosition, end), end);
    let next = this.baseOffset;
    for (;;) {
      const step = cursor.step();
      if (step === "damaged") throw new CorruptLogError(this.log.path, cursor.position);
      if (step === "end") return next;
      next = cursor.lastOffset + 1;
    }
  }

  /**
   * Largest timestamp and where it is, from the time index and the batches after it. Throws as `findBatch`.
   */
  loadMaxTimestamp(end: number, cursor: BatchCursor): void {
    if (this.isTimeKnown) return;
    this.isTimeKnown = true;
    if (this.timeIndex.lastTimestamp > this.maxTimestamp) {
      this.maxTimestamp = this.timeIndex.lastTimestamp;
      this.offsetOfMaxTimestamp = this.timeIndex.lastOffset;
    }
    const from = this.timeIndex.entries === 0 ? 0 : this.offsetIndex.lookup(this.timeIndex.lastOffset);
    cursor.start(this.log, Math.min(from, end), end);
    while (cursor.step() === "batch") {
      if (cursor.maxTimestamp > this.maxTimestamp) {
        this.maxTimestamp = cursor.maxTimestamp;
        this.offsetOfMaxTimestamp = cursor.lastOffset;
      }
    }
  }

  /**
   * Nothing is appended any more: the last timestamp is indexed, the indexes are written. Throws `DiskError`.
   */
  finish(): void {
    if (this.maxTimestamp >= 0) this.timeIndex.maybeAppend(this.maxTimestamp, this.offsetOfMaxTimestamp);
    this.flushIndexes();
  }

  flushIndexes(): void {
    this.offsetIndex.flush();
    this.timeIndex.flush();
  }

  /** Creates the index files too, so that Kafka's tools find them. Throws `DiskError`. */
  createFiles(): void {
    this.log.opened();
    this.offsetIndex.file.opened();
    this.timeIndex.file.opened();
  }

  /**
   * Cuts the file at `position`, the start of the first batch with records at or above `offset`. Throws
   * `DiskError`.
   */
  truncateAt(position: number, offset: number, cursor: BatchCursor): void {
    this.offsetIndex.truncateTo(offset);
    this.timeIndex.truncateTo(offset);
    this.transactionIndex.truncateTo(offset);
    this.log.opened().truncate(position);
    this.sizeInBytes = position;
    this.#bytesSinceIndexEntry = 0;
    this.corruptRanges = this.corruptRanges.filter(
      (range) => range.position + range.bytes <= position && range.fromOffset < offset,
    );
    if (position === 0) this.#firstTimestamp = null;
    this.maxTimestamp = -1;
    this.offsetOfMaxTimestamp = this.baseOffset;
    this.isTimeKnown = false;
    this.loadMaxTimestamp(position, cursor);
  }

  /** The files that make the records durable; taken for one sync. */
  takeFilesToSync(): readonly CachedFile[] {
    return this.transactionIndex.takeUnsynced() ? [this.transactionIndex.file, this.log] : [this.log];
  }

  files(): readonly CachedFile[] {
    return [this.offsetIndex.file, this.timeIndex.file, this.transactionIndex.file, this.log];
  }

  close(): void {
    for (const file of this.files()) file.close();
  }

  #walkTo(offset: number, isFromIndex: boolean, cursor: BatchCursor): FileRange | null | "distrust" {
    let isFirst = isFromIndex;
    /** Where the walk just skipped bytes whose offsets nobody can read; -1 behind a sound batch. */
    let skippedAt = -1;
    for (;;) {
      const step = cursor.step();
      if (step === "end") {
        if (skippedAt >= 0) throw new CorruptLogError(this.log.path, skippedAt);
        // The file ends too early: what followed is not passed over in silence.
        const lost = this.corruptRanges.at(-1);
        if (lost?.bytes === 0 && lost.position === cursor.position && offset < lost.toOffset) {
          throw new CorruptLogError(this.log.path, cursor.position);
        }
        return null;
      }
      if (step === "damaged") {
        const corrupt = this.corruptRanges.find((range) => range.position === cursor.position);
        if (isFirst) return "distrust";
        if (corrupt === undefined) throw new CorruptLogError(this.log.path, cursor.position);
        skippedAt = corrupt.position;
        cursor.skipTo(corrupt.position + corrupt.bytes);
        continue;
      }
      if (skippedAt >= 0 && cursor.baseOffset > offset) throw new CorruptLogError(this.log.path, skippedAt);
      skippedAt = -1;
      if (isFirst && (cursor.baseOffset > offset || cursor.baseOffset < this.baseOffset)) return "distrust";
      isFirst = false;
      if (cursor.lastOffset >= offset) return { position: cursor.position, bytes: cursor.sizeInBytes };
    }
  }
}
