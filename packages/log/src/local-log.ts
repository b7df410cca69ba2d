// The bytes of one partition: its segments on disk and its tail in memory, as one sequence of batches.
// Invariant: segments ascend, the last one is active and takes appends; `writtenEndOffset` ≤ `logEndOffset`,
// and only the active segment has bytes that are not written.
// Not here: what may be appended (append/), producers, epochs, high watermark (partition-log.ts), opening
// (recovery/).
import type { LogConfig } from "@ottla/config";
import { type Pieces, runWhole } from "@ottla/ports";
import { batchLastOffset, batchMaxTimestamp } from "@ottla/protocol";
import { writeCorruptRanges } from "./damage/corrupt-ranges-file.ts";
import type { LogCreation } from "./directory/log-creation.ts";
import type { LogMark } from "./journal/journal-run.ts";
import type { LogContext } from "./log-context.ts";
import type { FileRange } from "./segment/log-segment.ts";
import { LogSegment, RELATIVE_OFFSET_MAX } from "./segment/log-segment.ts";
import { LogTail } from "./tail/log-tail.ts";
import type { TailBlock } from "./tail/tail-block.ts";

/** Segments found at opening. */
export interface LocalLogState {
  /** Ascending, at least one. */
  readonly segments: LogSegment[];
  readonly logEndOffset: number;
  readonly cleanedEndOffset?: number | null;
  /** What is still to be made durable of a new log. */
  readonly creation?: LogCreation | null;
  /** A segment's files were created and their names not synced. */
  readonly hasNewNames?: boolean;
}

/** Segments and tail of one partition. */
export class LocalLog {
  readonly tail: LogTail;
  config: LogConfig;
  readonly #context: LogContext;
  #directory: string;
  #segments: LogSegment[];
  #logEndOffset: number;
  #writtenEndOffset: number;
  /** Everything below was compacted; null: never. Kept in `cleaner-offset-checkpoint`. */
  cleanedEndOffset: number | null;
  /** How often segments were cut: who cleans a log must not go on then. */
  cuts = 0;
  /** A cleaned segment that is about to take the place of others: opening the log would complete that. */
  #swapping: LogSegment | null = null;
  /** Segments that were written since their last fdatasync began, and those whose fdatasync is under way. */
  #unsynced = new Set<LogSegment>();
  #syncing = new Set<LogSegment>();
  #creation: LogCreation | null;
  #isClosed = false;
  /** How often names in the log's directory changed; up to which of them they are durable. */
  #nameChanges = 0;
  #durableNameChanges = 0;
  /** The newest of them that took segments away. */
  #retirement = 0;

  constructor(context: LogContext, directory: string, config: LogConfig, state: LocalLogState) {
    this.#context = context;
    this.#directory = directory;
    this.config = config;
    this.tail = new LogTail(context.tails);
    this.#segments = state.segments;
    this.#logEndOffset = state.logEndOffset;
    this.#writtenEndOffset = state.logEndOffset;
    this.cleanedEndOffset = state.cleanedEndOffset ?? null;
    this.#creation = state.creation ?? null;
    if (state.hasNewNames === true) this.#nameChanges = 1;
    this.tail.startAt(this.active.baseOffset, this.active.sizeInBytes);
  }

  /** Path of the partition's directory. */
  get directory(): string {
    return this.#directory;
  }

  get segments(): readonly LogSegment[] {
    return this.#segments;
  }

  get active(): LogSegment {
    return this.#segments.at(-1) as LogSegment;
  }

  get firstBaseOffset(): number {
    return (this.#segments[0] as LogSegment).baseOffset;
  }

  get logEndOffset(): number {
    return this.#logEndOffset;
  }

  get writtenEndOffset(): number {
    return this.#writtenEndOffset;
  }

  get sizeInBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.sizeInBytes, 0);
  }

  /**
   * Segments to sync so that everything written is durable; the caller syncs their logs, then calls
   * `endSync`.
   */
  beginSync(): readonly LogSegment[] {
    for (const segment of this.#unsynced) this.#syncing.add(segment);
    this.#unsynced.clear();
    return [...this.#syncing];
  }

  /** The segments of `beginSync` are durable. */
  endSync(): void {
    this.#syncing.clear();
  }

  /** What is still to be made durable of a new log; null: nothing. */
  get creation(): LogCreation | null {
    return this.#creation;
  }

  /** The creation is durable. */
  created(): void {
    this.#creation = null;
  }

  /** A file was created in the log's directory. */
  fileCreated(): void {
    this.#nameChanges += 1;
  }

  /** True when a power cut could bring segments back that were taken out of the log. */
  get hasRetiredNames(): boolean {
    return this.#retirement > this.#durableNameChanges;
  }

  /** Number of the newest change of names: a sync of the directory that begins now covers it. */
  get nameChanges(): number {
    return this.#nameChanges;
  }

  /** True when a power cut could take the name of a file, or bring one back. */
  get hasNewNames(): boolean {
    return this.#nameChanges > this.#durableNameChanges;
  }

  /** Changes of names up to number `changes` are durable. */
  namesSynced(changes: number): void {
    this.#durableNameChanges = Math.max(this.#durableNameChanges, changes);
  }

  /** Blocks until the names of all files are durable, if they are not. Throws `DiskError`. */
  syncNamesNow(): void {
    if (!this.hasNewNames) return;
    this.#context.ports.disk.syncDirectory(this.#directory);
    this.namesSynced(this.#nameChanges);
  }

  /** Files of `cleaned` get names that opening the log would take for its own. */
  beginSwap(cleaned: LogSegment): void {
    this.#swapping = cleaned;
  }

  /** They are its own from now on, or gone. */
  endSwap(): void {
    this.#swapping = null;
  }

  /** Where the written part of the log ends. */
  get writtenMark(): LogMark {
    const { baseOffset: segmentBaseOffset } = this.active;
    return { segmentBaseOffset, position: this.tail.writtenPosition, offset: this.#writtenEndOffset };
  }

  /**
   * Written bytes behind `mark` when they are all that is not durable, so that the sync journal may take
   * them; infinite when other segments wait for their sync too.
   */
  journalableBytes(mark: LogMark): number {
    const { active } = this;
    if (this.#creation !== null || this.hasNewNames) return Number.POSITIVE_INFINITY;
    if (mark.segmentBaseOffset !== active.baseOffset) return Number.POSITIVE_INFINITY;
    for (const segment of this.#unsynced) if (segment !== active) return Number.POSITIVE_INFINITY;
    for (const segment of this.#syncing) if (segment !== active) return Number.POSITIVE_INFINITY;
    return this.tail.writtenPosition - mark.position;
  }

  holds(segment: LogSegment): boolean {
    return this.segmentFor(segment.baseOffset) === segment;
  }

  /**
   * Makes the active segment fit for `bytes` more with these extremes, by rolling if need be. True when it
   * rolled. Throws `DiskError`.
   */
  ensureRoom(next: {
    bytes: number;
    firstOffset: number;
    lastOffset: number;
    maxTimestamp: number;
  }): boolean {
    const active = this.active;
    if (active.sizeInBytes === 0) {
      if (active.canHold(next.lastOffset)) return false;
    } else if (!this.#isRollDue(active, next)) return false;
    // A follower's first offset may lie behind a gap; the segment starts at the gap, so that recovery takes
    // no hole for a loss.
    const reachesBack = next.lastOffset - this.#logEndOffset <= RELATIVE_OFFSET_MAX;
    this.roll(reachesBack ? this.#logEndOffset : next.firstOffset);
    return true;
  }

  /** Copies one batch, stamped by the caller in the answer's memory, to the end. */
  append(batch: Uint8Array, firstOffset: number, lastOffset: number): TailBlock {
    const active = this.active;
    const block = this.tail.append(batch, {
      segmentBaseOffset: active.baseOffset,
      position: active.sizeInBytes,
      firstOffset,
      endOffset: lastOffset + 1,
      nowMs: this.#context.ports.clock.monotonicMs(),
    });
    return block;
  }

  /** The batch at `at` of `block` has its final header: indexes and ends take it in. */
  appended(block: TailBlock, at: number, bytes: number): void {
    const lastOffset = batchLastOffset(block.memory, at);
    this.active.appended(
      { bytes, lastOffset, maxTimestamp: batchMaxTimestamp(block.memory, at) },
      this.config.indexIntervalBytes,
    );
    this.#logEndOffset = lastOffset + 1;
  }

  /**
   * Writes what waits in the tail. Throws `DiskError`: any prefix may be in the file then, see
   * `dropUnwritten`.
   */
  write(): void {
    const parts = this.tail.unwritten();
    if (parts.length > 0) {
      const active = this.active;
      active.log.opened().write(parts, this.tail.writtenPosition);
      this.tail.markWritten();
      this.#unsynced.add(active);
    }
    this.#writtenEndOffset = this.#logEndOffset;
  }

  /** After a failed write: the log ends where the last good write ended. Throws `DiskError`. */
  dropUnwritten(): void {
    this.tail.drop();
    this.#logEndOffset = this.#writtenEndOffset;
    this.active.truncateAt(this.tail.writtenPosition, this.#writtenEndOffset, this.#context.cursor);
    this.tail.startAt(this.active.baseOffset, this.active.sizeInBytes);
  }

  /** Starts a new segment at `baseOffset`, at or after the log's end. Throws `DiskError`. */
  roll(baseOffset: number): void {
    this.write();
    const old = this.active;
    if (old.sizeInBytes === 0 && old.baseOffset === baseOffset) return;
    old.finish();
    const isReplacing = old.sizeInBytes === 0;
    if (isReplacing) this.#replaceEmpty(old);
    const segment = this.#createSegment(baseOffset);
    this.#segments.push(segment);
    // Else a power cut could leave neither: where the log is would be forgotten.
    if (isReplacing) this.syncNamesNow();
    this.#logEndOffset = Math.max(this.#logEndOffset, baseOffset);
    this.#writtenEndOffset = this.#logEndOffset;
    this.tail.startAt(segment.baseOffset, 0);
  }

  /**
   * The segment that holds `offset` or, when it has none at or after it, still the one before; null before
   * the first.
   */
  segmentFor(offset: number): LogSegment | null {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if ((this.#segments[middle] as LogSegment).baseOffset <= offset) low = middle + 1;
      else high = middle - 1;
    }
    return this.#segments[high] ?? null;
  }

  /** The segment after `segment`; null for the active one. */
  segmentAfter(segment: LogSegment): LogSegment | null {
    return this.#segments[this.#segments.indexOf(segment) + 1] ?? null;
  }

  /** Bytes of `segment` that are in its file. */
  writtenBytes(segment: LogSegment): number {
    return segment === this.active ? this.tail.writtenPosition : segment.sizeInBytes;
  }

  /**
   * The written batch that holds `offset`, or the next one. Null at the end. Throws `DiskError`,
   * `CorruptLogError`.
   */
  findBatch(offset: number): { readonly segment: LogSegment; readonly range: FileRange } | null {
    let segment = this.segmentFor(offset);
    while (segment !== null) {
      const range = segment.findBatch(offset, this.writtenBytes(segment), this.#context.cursor);
      if (range !== null) return { segment, range };
      segment = this.segmentAfter(segment);
    }
    return null;
  }

  /**
   * Cuts everything at and above `offset`, which lies below the log's end; a batch that holds it goes whole.
   * Answers the segments that are no longer part of the log: the caller retires their files. Throws
   * `DiskError`, `CorruptLogError`.
   */
  truncateTo(offset: number): LogSegment[] {
    this.#cut(offset);
    this.write();
    this.tail.drop();
    const isDamaged = this.#segments.some(({ corruptRanges }) => corruptRanges.length > 0);
    const kept = this.#segments.filter((segment) => segment.baseOffset <= offset);
    const retired = this.#segments.slice(kept.length);
    this.#segments = kept;
    const active = this.active;
    const range = active.findBatch(offset, active.sizeInBytes, this.#context.cursor);
    active.truncateAt(range?.position ?? active.sizeInBytes, offset, this.#context.cursor);
    for (const segment of retired) this.#forgetSync(segment);
    this.#unsynced.add(active);
    if (isDamaged) writeCorruptRanges(this.#context.ports.disk, this.#directory, this.#segments);
    this.#endAt(offset);
    return retired;
  }

  /** Empties the log; it goes on at `offset`. Answers the retired segments. Throws `DiskError`. */
  truncateFullyAndStartAt(offset: number): LogSegment[] {
    this.#cut(offset);
    this.tail.drop();
    const retired = this.#segments;
    this.#unsynced.clear();
    this.#syncing.clear();
    this.#segments = [];
    const clash = retired.find((segment) => segment.baseOffset === offset);
    if (clash !== undefined) {
      clash.truncateAt(0, offset, this.#context.cursor);
      this.#segments = [clash];
    } else this.#segments = [this.#createSegment(offset)];
    // The caller retires what is left of the old log: a power cut must leave the one or the other.
    this.syncNamesNow();
    this.#unsynced.add(this.active);
    this.#endAt(offset);
    return retired.filter((segment) => segment !== clash);
  }

  /**
   * Takes the segments that end at or below `offset` out of the log; never the active one. The caller, who
   * knows that names of what stays are durable, retires their files.
   */
  removeBelow(offset: number): LogSegment[] {
    const stays = this.#segments.findIndex(
      (_, index, all) => (all[index + 1]?.baseOffset ?? Number.POSITIVE_INFINITY) > offset,
    );
    const retired = this.#segments.splice(0, stays);
    for (const segment of retired) this.#forgetSync(segment);
    if (retired.length > 0) this.#retirement = ++this.#nameChanges;
    return retired;
  }

  /**
   * `replacement`, which is durable, takes the place of `old`, neighbours below the active segment. The
   * caller has retired their files.
   */
  replaceSegments(old: readonly LogSegment[], replacement: LogSegment): void {
    this.#segments.splice(this.#segments.indexOf(old[0] as LogSegment), old.length, replacement);
    for (const segment of old) this.#forgetSync(segment);
    this.#nameChanges += 1;
    // Blocks of closed segments show what was replaced, at positions of the old files.
    for (const block of [...this.tail.blocks]) {
      if (block.segmentBaseOffset >= this.active.baseOffset || !this.tail.giveUp(block)) break;
    }
  }

  flushIndexes(): void {
    this.active.flushIndexes();
  }

  /** The directory has another name. */
  moved(directory: string): void {
    this.#directory = directory;
    for (const segment of this.#segments) {
      for (const file of segment.files())
        file.moved(`${directory}${file.path.slice(file.path.lastIndexOf("/"))}`);
    }
  }

  /** Who waits for it waits for nothing. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
    this.tail.drop();
    for (const segment of this.#segments) segment.close();
  }

  #isRollDue(active: LogSegment, next: { bytes: number; lastOffset: number; maxTimestamp: number }): boolean {
    if (active.sizeInBytes + next.bytes > this.config.segmentBytes) return true;
    if (active.areIndexesFull(this.config.segmentIndexBytes) || !active.canHold(next.lastOffset)) return true;
    const nowMs = this.#context.ports.clock.wallMs();
    const ageMs = active.ageMs(nowMs, next.maxTimestamp, this.#context.cursor);
    return ageMs > segmentMsMax(this.config) - active.rollJitterMs;
  }

  /** An empty segment leaves no file behind when the log moves past it. */
  #replaceEmpty(empty: LogSegment): void {
    this.#segments.pop();
    this.#forgetSync(empty);
    for (const file of empty.files()) file.remove();
  }

  #createSegment(baseOffset: number): LogSegment {
    const segment = createSegment(this.#context, this.#directory, baseOffset, this.config);
    this.#nameChanges += 1;
    return segment;
  }

  #cut(offset: number): void {
    this.cuts += 1;
    // What was cut off must not come back with it: the names are synced before the cut is done.
    for (const file of [...(this.#swapping?.files() ?? [])].reverse()) file.remove();
    if (this.#swapping !== null) this.#nameChanges += 1;
    this.#swapping = null;
    if (this.cleanedEndOffset !== null) this.cleanedEndOffset = Math.min(this.cleanedEndOffset, offset);
  }

  #forgetSync(segment: LogSegment): void {
    this.#unsynced.delete(segment);
    this.#syncing.delete(segment);
  }

  #endAt(offset: number): void {
    this.#logEndOffset = offset;
    this.#writtenEndOffset = offset;
    this.tail.startAt(this.active.baseOffset, this.active.sizeInBytes);
  }
}

/** A new, empty segment; the names of its files are not durable yet. Throws `DiskError`. */
export function createSegment(
  context: LogContext,
  directory: string,
  baseOffset: number,
  config: LogConfig,
): LogSegment {
  return runWhole(createSegmentInPieces(context, directory, baseOffset, config));
}

/** The same in pieces. */
export function* createSegmentInPieces(
  context: LogContext,
  directory: string,
  baseOffset: number,
  config: LogConfig,
): Pieces<LogSegment> {
  const segment = new LogSegment(context.files, directory, baseOffset, context.ports.clock.wallMs(), true);
  for (const file of segment.files()) if (file.exists()) file.remove();
  segment.log.opened();
  yield;
  segment.createFiles();
  const jitterMax = Math.min(config.segmentJitterMs, 0xffffffff);
  segment.rollJitterMs = jitterMax > 0 ? context.ports.random.below(jitterMax) : 0;
  return segment;
}

/** A record that has to be compacted in time must not stay in an active segment for longer. */
function segmentMsMax({ segmentMs, cleanupCompact, maxCompactionLagMs }: LogConfig): number {
  return cleanupCompact && maxCompactionLagMs > 0 ? Math.min(segmentMs, maxCompactionLagMs) : segmentMs;
}
