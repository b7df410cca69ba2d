// One partition's log: what is appended, where it ends, who produced it, what readers may see.
// Invariant: logStartOffset ≤ highWatermark ≤ logEndOffset, and durableEndOffset ≤ writtenEndOffset ≤
// logEndOffset. Completions are callbacks; nothing here waits. Not here: who leads, which high watermark is
// right (the broker's partition), bytes and files (local-log.ts), when to sync and tick (directory/,
// log-manager.ts).
import type { LogConfig } from "@ottla/config";
import { DiskError, runWhole } from "@ottla/ports";
import {
  batchBaseOffset,
  batchLastOffset,
  batchLastOffsetDelta,
  batchPartitionLeaderEpoch,
  batchSizeInBytes,
  errors,
  type LeaderEpoch,
  type Offset,
  setBaseOffset,
  setPartitionLeaderEpoch,
  stampCreateTime,
  stampLogAppendTime,
  type Uuid,
} from "@ottla/protocol";
import {
  type AppendDone,
  type AppendOptions,
  type AppendOutcome,
  type Refused,
  refused,
} from "./append/append-outcome.ts";
import { followerRefusal } from "./append/follower-refusal.ts";
import { judgeProducer } from "./append/judge-producer.ts";
import { analyseRecords, batchView } from "./append/records-analysis.ts";
import { sizeProblem } from "./append/size-problem.ts";
import { needsPool, type ValidBatch, validateForLeader } from "./append/validate-for-leader.ts";
import { validateForLeaderLater } from "./append/validate-for-leader-later.ts";
import { logDirectoryName } from "./directory/log-directory-name.ts";
import { DurableEnds } from "./durable-ends.ts";
import type { LogMirror } from "./future/log-mirror.ts";
import type { JournalRun } from "./journal/journal-run.ts";
import { journalKey } from "./journal/journaled-logs.ts";
import type { EpochEndOffset } from "./leader-epoch/epoch-end-offset.ts";
import type { LogContext } from "./log-context.ts";
import type { LogIdentity } from "./log-identity.ts";
import { type LogListener, NO_LISTENER } from "./log-listener.ts";
import type { LogOwner } from "./log-owner.ts";
import { type AbortedTransaction, findAbortedTransactions } from "./read/aborted-transactions.ts";
import { findMaxTimestamp, findTimestamp } from "./read/list-offsets.ts";
import { readLog } from "./read/log-reader.ts";
import { OUT_OF_RANGE, type ReadDone, type ReadRequest } from "./read/log-slice.ts";
import type { TimestampDone } from "./read/timestamp-offset.ts";
import type { OpenedLog } from "./recovery/opened-log.ts";
import { rebuildProducerState } from "./recovery/rebuild-producer-state.ts";
import { syncFiles, syncFilesNow } from "./sync-files.ts";
import type { TailBlock } from "./tail/tail-block.ts";

type Status = "writable" | "failed" | "closed";

/** The log of one partition. */
export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly topicId: Uuid;
  /** Path of the log directory (not of the partition's). */
  readonly directory: string;
  /** @internal Name of the partition's directory. */
  readonly directoryName: string;
  /** @internal Whose bytes in a sync journal. */
  readonly journalKey: string;
  /** Told about the ends; set once by the owner. */
  listener: LogListener = NO_LISTENER;
  /** @internal The copy that is made in another log directory; null: none. */
  mirror: LogMirror | null = null;
  readonly #context: LogContext;
  readonly #owner: LogOwner;
  #opened: OpenedLog;
  #logStartOffset: number;
  #highWatermark: number;
  readonly #ends: DurableEnds;
  /** Monotonic time of the oldest write that is not durable. */
  #unsyncedSinceMs = 0;
  #status: Status = "writable";

  /** @internal Use `LogManager`. */
  constructor(
    context: LogContext,
    owner: LogOwner,
    identity: LogIdentity,
    opened: OpenedLog,
    highWatermark: number,
  ) {
    this.topic = identity.topic;
    this.partition = identity.partition;
    this.topicId = identity.topicId;
    this.directory = identity.directory;
    this.directoryName = logDirectoryName(identity.topic, identity.partition);
    this.journalKey = journalKey(this.directoryName, identity.topicId);
    this.#context = context;
    this.#owner = owner;
    this.#opened = opened;
    this.#logStartOffset = opened.logStartOffset;
    this.#ends = new DurableEnds(opened.local);
    this.#highWatermark = Math.min(Math.max(highWatermark, this.#logStartOffset), opened.local.logEndOffset);
    opened.producers.highWatermarkMoved(this.#highWatermark);
  }

  get config(): LogConfig {
    return this.#opened.local.config;
  }

  updateConfig(config: LogConfig): void {
    this.#opened.local.config = config;
  }

  get logStartOffset(): Offset {
    return this.#logStartOffset as Offset;
  }

  get logEndOffset(): Offset {
    return this.#opened.local.logEndOffset as Offset;
  }

  get writtenEndOffset(): Offset {
    return this.#opened.local.writtenEndOffset as Offset;
  }

  get durableEndOffset(): Offset {
    const own = this.config.durability === "fsync" ? this.survivingEndOffset : this.writtenEndOffset;
    return (this.mirror === null ? own : Math.min(own, this.mirror.durableEndOffset)) as Offset;
  }

  get highWatermark(): Offset {
    return this.#highWatermark as Offset;
  }

  /**
   * End of what read_committed readers see: the high watermark, or the first offset of a transaction not
   * decided below it.
   */
  get lastStableOffset(): Offset {
    const unstable = this.#opened.producers.firstUnstableOffset;
    if (unstable === null) return this.#highWatermark as Offset;
    return Math.min(Math.max(unstable, this.#logStartOffset), this.#highWatermark) as Offset;
  }

  /** First offset of this log on local disk; all of it without tiered storage (ListOffsets -4). */
  get earliestLocalOffset(): Offset {
    return this.#logStartOffset as Offset;
  }

  get sizeInBytes(): number {
    return this.#opened.local.sizeInBytes;
  }

  /** False after a failed write until the log is open again, and once it is closed. */
  get isWritable(): boolean {
    return this.#status === "writable";
  }

  /** The recovery scan of a crashed log starts here: everything below is durable in the log's own files. */
  get recoveryPoint(): number {
    return Math.min(this.fileSyncedEndOffset, this.#opened.epochs.unsavedFrom);
  }

  /** @internal Everything below survives a power cut, whatever the durability mode. */
  get survivingEndOffset(): number {
    return this.#ends.durableEndOffset;
  }

  /** @internal Everything below survives a power cut in the log's own files. */
  get fileSyncedEndOffset(): number {
    return this.#ends.fileSyncedEndOffset;
  }

  /** @internal No checkpoint can have a line of it that says more than 0. */
  get isUntouched(): boolean {
    return this.logEndOffset === 0 && this.#ends.cuts === 0;
  }

  /** @internal The start does not follow from the files, or a power cut could change that. */
  get isStartMoved(): boolean {
    const { local } = this.#opened;
    return this.#logStartOffset > local.firstBaseOffset || local.hasRetiredNames;
  }

  /** @internal For the cleaner. */
  get opened(): OpenedLog {
    return this.#opened;
  }

  /** Path of the partition's directory. */
  get path(): string {
    return this.#opened.local.directory;
  }

  /** The caller decides; the log keeps it within its ends. */
  updateHighWatermark(offset: Offset): void {
    this.#highWatermark = Math.min(Math.max(offset, this.#logStartOffset), this.logEndOffset);
    this.#opened.producers.highWatermarkMoved(this.#highWatermark);
  }

  /**
   * `records` is read during the call only. `done` runs before the return, unless a compressed body that
   * is large, or unfolds to much, goes through the pool: then the records were copied, and `done` runs in a
   * later turn.
   */
  appendAsLeader(records: Uint8Array, options: AppendOptions, done: AppendDone): void {
    if (this.#status !== "writable") {
      done(this.#unavailable());
      return;
    }
    const isClient = options.origin === "client";
    if (isClient && !this.#owner.hasRoom(records.length)) {
      this.#opened.producers.refuseUnknown();
      done(refused(errors.KAFKA_STORAGE_ERROR, `The disk of ${this.directory} is full`));
      return;
    }
    const analysis = analyseRecords(records, {
      isBaseOffsetZero: isClient,
      batchBytesMax: this.config.maxMessageBytes,
    });
    if (analysis.kind === "refused") done(analysis);
    else if (analysis.batches === 0) done(this.#nothingAppended());
    else if (analysis.batches > 1 && isClient) {
      done(refused(errors.INVALID_RECORD, "An append of a client holds exactly one batch"));
    } else if (analysis.batches === 1)
      this.#appendOne(records.subarray(0, analysis.validBytes), options, done);
    else done(this.#appendSeveral(records, analysis.validBytes, options));
  }

  /** Appends what a leader sent, with its offsets and epochs. `done` runs before the return. */
  appendAsFollower(records: Uint8Array, done: AppendDone): void {
    if (this.#status !== "writable") {
      done(this.#unavailable());
      return;
    }
    const analysis = analyseRecords(records, {
      isBaseOffsetZero: false,
      batchBytesMax: Number.MAX_SAFE_INTEGER,
    });
    if (analysis.kind === "refused") {
      done(analysis);
      return;
    }
    const { firstOffset, lastOffset, maxTimestamp, validBytes } = analysis;
    const refusal = analysis.batches === 0 ? null : followerRefusal(analysis, this.logEndOffset);
    if (refusal !== null) done(refusal);
    else if (analysis.batches === 0) done(this.#nothingAppended());
    else {
      done(
        this.#guarded(() => {
          this.#ensureRoom({ bytes: validBytes, firstOffset, lastOffset, maxTimestamp });
          this.#appendReplicated(records, validBytes);
          return this.#appended(firstOffset, lastOffset, maxTimestamp, -1);
        }),
      );
    }
  }

  /** Tail and small warm ranges: `done` runs before the return; others in a later turn. */
  read(request: ReadRequest, done: ReadDone): void {
    if (request.offset < this.#logStartOffset || request.offset > this.logEndOffset) done(OUT_OF_RANGE);
    else readLog(this.#context, this.#opened.local, request, done);
  }

  /** First record at or after the log start whose timestamp is at least `timestampMs` (ListOffsets). */
  offsetForTimestamp(timestampMs: number, done: TimestampDone): void {
    findTimestamp(this.#context, this.#opened.local, { timestampMs, fromOffset: this.#logStartOffset }, done);
  }

  /** The record with the largest timestamp (ListOffsets -3). */
  maxTimestampOffset(done: TimestampDone): void {
    findMaxTimestamp(this.#context, this.#opened.local, done);
  }

  /** -1 when there never was a record. */
  get latestEpoch(): number {
    return this.#opened.epochs.latestEpoch;
  }

  /** Leader epoch of the record at `offset`; -1 when unknown. */
  epochForOffset(offset: number): number {
    return this.#opened.epochs.epochFor(offset);
  }

  /** Where `leaderEpoch` ended, or the largest one below it (OffsetForLeaderEpoch). */
  endOffsetFor(leaderEpoch: number): EpochEndOffset {
    return this.#opened.epochs.endOffsetFor(leaderEpoch, this.logEndOffset);
  }

  /** A leader starts: its first record will be at `startOffset`. */
  assignEpochStart(leaderEpoch: LeaderEpoch, startOffset: Offset): void {
    this.#opened.epochs.assign(leaderEpoch, startOffset);
  }

  /** Aborted transactions with records in `[from, to)`. Throws `DiskError`. */
  abortedTransactions(from: Offset, to: Offset): AbortedTransaction[] {
    return findAbortedTransactions(this.#opened.local, from, to);
  }

  /** Cuts everything at and above `offset`. Throws `DiskError`, `CorruptLogError`. */
  truncateTo(offset: Offset): void {
    const { local, epochs } = this.#opened;
    if (offset >= this.logEndOffset) return;
    if (offset < local.firstBaseOffset) {
      this.truncateFullyAndStartAt(offset);
      return;
    }
    this.#prepareCut(offset);
    this.#owner.retire(local.truncateTo(offset), 0);
    epochs.truncateFromEnd(offset);
    this.#afterTruncation(offset);
  }

  /** Empties the log; its next record is at `offset`. Throws `DiskError`. */
  truncateFullyAndStartAt(offset: Offset): void {
    const { local, epochs, producers } = this.#opened;
    this.#prepareCut(Math.min(offset, local.firstBaseOffset));
    this.#owner.retire(local.truncateFullyAndStartAt(offset), 0);
    epochs.clear();
    producers.clear(offset);
    this.#logStartOffset = offset;
    this.#highWatermark = offset;
    this.#afterTruncation(offset);
  }

  /** Moves the log start up. False, and nothing done, beyond the high watermark. */
  deleteRecordsBelow(offset: Offset): boolean {
    if (offset > this.#highWatermark) return false;
    if (offset > this.#logStartOffset) {
      this.#logStartOffset = offset;
      this.#opened.epochs.truncateFromStart(offset);
    }
    return true;
  }

  /** @internal End of the turn: one write for everything that was appended. */
  flush(): void {
    if (this.#status !== "writable") return;
    if (!this.isSyncNeeded) this.#unsyncedSinceMs = this.#context.ports.clock.monotonicMs();
    try {
      this.#opened.local.write();
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.config.durability === "fsync" || this.#isFlushDue()) this.#owner.syncSoon(this);
    this.mirror?.flushed();
    this.listener.written(this);
  }

  /** @internal For the log's directory alone, one at a time; `done` mostly runs in a later turn. */
  sync(done: (error: DiskError | null) => void): void {
    const { local } = this.#opened;
    const mark = local.writtenMark;
    const { cuts } = this.#ends;
    syncFiles(this.#context.ports.disk, local, (error) => {
      if (error === null && this.#ends.fileSynced(mark, cuts)) this.tellDurable();
      done(error);
    });
  }

  /** @internal The same at once; `tellDurable` is to follow in a later turn. Throws `DiskError`. */
  syncFilesNow(): void {
    const { local } = this.#opened;
    syncFilesNow(local);
    this.#ends.fileSynced(local.writtenMark, this.#ends.cuts);
  }

  /** @internal The durable end has moved. */
  tellDurable(): void {
    if (this.#status !== "closed" && this.config.durability === "fsync") this.listener.durable(this);
  }

  /** @internal Bytes that the sync journal would take; infinite when they are not for it. */
  get journalableBytes(): number {
    if (this.config.durability !== "fsync") return Number.POSITIVE_INFINITY;
    return this.#ends.journalableBytes(this.#opened.local);
  }

  /** @internal What the sync journal may take now; null when that is nothing, or too much. */
  journalRun(bytesMax: number): JournalRun | null {
    return this.isSyncNeeded ? this.#ends.journalRun(this.#opened.local, bytesMax) : null;
  }

  /** @internal The journal holds `run` for good. */
  journaled(run: JournalRun): void {
    if (this.#ends.journaled(run)) this.tellDurable();
  }

  /** @internal True when a sync would move the durable end. */
  get isSyncNeeded(): boolean {
    return this.#status === "writable" && this.survivingEndOffset < this.writtenEndOffset;
  }

  /** @internal The directory is lost, or a write failed: no more appends. */
  breakWith(error: DiskError): void {
    if (this.#status !== "writable") return;
    this.#status = "failed";
    this.mirror?.lost();
    this.listener.failed(this, error);
  }

  /** @internal Opens a failed log again. Throws `DiskError`. */
  reopen(): void {
    if (this.#status !== "failed") return;
    const { writtenEndOffset } = this;
    this.#opened.local.close();
    this.#opened = this.#owner.reopen(this);
    this.#opened.producers.refuseUnknown();
    this.#ends.reopened(this.#opened.local);
    if (this.logEndOffset < writtenEndOffset) this.#owner.forgetJournaled(this);
    this.#logStartOffset = this.#opened.logStartOffset;
    this.updateHighWatermark(this.highWatermark);
    this.#status = "writable";
    // What survived became durable just now, and perhaps nobody appends again: retries of it wait for that.
    this.listener.written(this);
    if (this.config.durability === "fsync") this.listener.durable(this);
  }

  /** @internal Once a second: caches on disk catch up, old data is synced. */
  tick(nowMs: number): void {
    if (this.#status !== "writable") return;
    this.#opened.epochs.saveLater(this.logEndOffset);
    if (this.isSyncNeeded && nowMs - this.#unsyncedSinceMs >= this.config.flushMs) this.#owner.syncSoon(this);
    try {
      this.#opened.local.flushIndexes();
    } catch (error) {
      // The entries wait on; without them recovery only takes longer.
      if (!(error instanceof DiskError)) throw error;
      this.#context.logger.warn("index entries could not be written", { path: this.path, cause: error });
    }
  }

  /** @internal Forgets producers that have been silent for long. `nowMs` is wall time. */
  expireProducers(nowMs: number): void {
    this.#opened.producers.expire(nowMs, this.#context.producerIdExpirationMs);
  }

  /** @internal Gives memory of an idle log back. */
  dropIdle(idleBeforeMs: number): void {
    this.#opened.local.tail.dropIdle(idleBeforeMs);
  }

  /** @internal The log goes on in a new segment: retention lets go of everything. Throws `DiskError`. */
  rollEmptied(): void {
    this.#opened.local.roll(this.logEndOffset);
    this.#rolled();
  }

  /**
   * @internal Everything on disk, as after a clean stop. False when the log had failed before. Throws
   * `DiskError`.
   */
  closeCleanly(): boolean {
    const { local, epochs, producers, snapshots } = this.#opened;
    const isClean = this.#status === "writable";
    if (isClean) {
      local.write();
      this.syncFilesNow();
      if (this.logEndOffset > 0) snapshots.take(producers);
      local.active.finish();
      epochs.save(this.logEndOffset);
    }
    this.#status = "closed";
    local.close();
    return isClean;
  }

  /** @internal The partition was deleted: its directory has another name now. */
  closeDeleted(directory: string): void {
    this.#status = "closed";
    this.#opened.local.moved(directory);
    this.#opened.local.close();
  }

  /**
   * @internal This copy of `other`, which ends where that one does, takes its place in a directory of another
   * name. `other` is closed; its producers go on here.
   */
  takePlaceOf(other: PartitionLog, directory: string): void {
    const { producers, epochs } = other.opened;
    other.closeDeleted(other.path);
    this.#opened = { ...this.#opened, producers };
    this.#opened.local.moved(directory);
    this.#opened.snapshots.moved(directory);
    this.#opened.epochs.moved(directory);
    this.#opened.epochs.replaceWith(epochs.entries);
  }

  #appendOne(batch: Uint8Array, options: AppendOptions, done: AppendDone): void {
    const rules = this.#rules(options);
    const onLoop = needsPool(batch, 0, this.config) ? null : validateForLeader(batch, 0, rules);
    if (onLoop === null || onLoop.kind === "too-large-for-loop") {
      validateForLeaderLater(batch.slice(), 0, rules, (result) => {
        done(result.kind === "refused" ? result : this.#commitAsLeader([result], options));
      });
    } else done(onLoop.kind === "refused" ? onLoop : this.#commitAsLeader([onLoop], options));
  }

  /** The broker's own batches, which are small when they are compressed at all. */
  #appendSeveral(records: Uint8Array, validBytes: number, options: AppendOptions): AppendOutcome {
    const rules = this.#rules(options);
    const batches: ValidBatch[] = [];
    for (let at = 0; at < validBytes; ) {
      const result = validateForLeader(records, at, rules);
      if (result.kind === "too-large-for-loop") {
        return refused(errors.MESSAGE_TOO_LARGE, "One of several batches unfolds to too much");
      }
      if (result.kind === "refused") return result;
      batches.push(result);
      at += batchSizeInBytes(records, at);
    }
    return this.#commitAsLeader(batches, options);
  }

  #commitAsLeader(batches: readonly ValidBatch[], options: AppendOptions): AppendOutcome {
    if (this.#status !== "writable") return this.#unavailable();
    const refusal = sizeProblem(batches, this.config);
    if (refusal !== null) return refusal;
    let lastOffset = this.logEndOffset - 1;
    let bytes = 0;
    let maxTimestamp = -1;
    for (const batch of batches) {
      const verdict = judgeProducer(batch, options, this.#opened.producers, this.logStartOffset);
      if (verdict !== null) return verdict;
      lastOffset += batchLastOffsetDelta(batch.bytes, batch.at) + 1;
      bytes += batch.size;
      maxTimestamp = Math.max(maxTimestamp, batch.maxTimestamp);
    }
    const firstOffset = this.logEndOffset;
    return this.#guarded(() => {
      this.#ensureRoom({ bytes, firstOffset, lastOffset, maxTimestamp });
      for (const batch of batches) this.#appendStamped(batch, options.leaderEpoch);
      const isLogAppendTime = batches[0]?.isLogAppendTime === true;
      return this.#appended(firstOffset, lastOffset, maxTimestamp, isLogAppendTime ? maxTimestamp : -1);
    });
  }

  #appendStamped(batch: ValidBatch, leaderEpoch: LeaderEpoch): void {
    const { local } = this.#opened;
    const firstOffset = local.logEndOffset;
    const lastOffset = firstOffset + batchLastOffsetDelta(batch.bytes, batch.at);
    const block = local.append(batchView(batch.bytes, batch.at, batch.size), firstOffset, lastOffset);
    const at = block.usedBytes - batch.size;
    setBaseOffset(block.memory, at, firstOffset);
    setPartitionLeaderEpoch(block.memory, at, leaderEpoch);
    if (batch.needsTimestamp) {
      if (batch.isLogAppendTime) stampLogAppendTime(block.memory, at, batch.maxTimestamp);
      else stampCreateTime(block.memory, at, batch.maxTimestamp);
    }
    this.#takeIn(block, at, batch.size);
  }

  #appendReplicated(records: Uint8Array, validBytes: number): void {
    const { local } = this.#opened;
    for (let at = 0; at < validBytes; ) {
      const bytes = batchSizeInBytes(records, at);
      const block = local.append(
        batchView(records, at, bytes),
        batchBaseOffset(records, at),
        batchLastOffset(records, at),
      );
      this.#takeIn(block, block.usedBytes - bytes, bytes);
      at += bytes;
    }
  }

  /**
   * A batch with its final header is in the tail: indexes, epochs and producers learn of it. Throws
   * `DiskError`.
   */
  #takeIn(block: TailBlock, at: number, bytes: number): void {
    const { local, epochs, producers } = this.#opened;
    epochs.assign(batchPartitionLeaderEpoch(block.memory, at), batchBaseOffset(block.memory, at));
    local.appended(block, at, bytes);
    this.mirror?.appended(batchView(block.memory, at, bytes));
    const aborted = producers.replay(block.memory, at);
    if (aborted !== null && local.active.transactionIndex.append(aborted)) local.fileCreated();
  }

  #ensureRoom(next: { bytes: number; firstOffset: number; lastOffset: number; maxTimestamp: number }): void {
    if (this.#opened.local.ensureRoom(next)) this.#rolled();
  }

  #rolled(): void {
    const { local, producers, snapshots } = this.#opened;
    producers.endOffset = local.active.baseOffset;
    if (!snapshots.has(producers.endOffset)) snapshots.takeLater(producers);
    this.#owner.syncSoon(this);
  }

  /** Runs what changes files; a disk error fails the log. */
  #guarded(append: () => AppendOutcome): AppendOutcome {
    try {
      const outcome = append();
      this.#owner.markDirty(this);
      return outcome;
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** What was not written is gone; the log takes no appends until it is open again. Rethrows bugs. */
  #fail(error: unknown): Refused {
    if (!(error instanceof DiskError)) throw error;
    try {
      this.#opened.local.dropUnwritten();
    } catch (second) {
      if (!(second instanceof DiskError)) throw second;
      this.#context.logger.error("a log could not be cut after a failed write", {
        path: this.path,
        cause: second,
      });
    }
    this.breakWith(error);
    this.#owner.broken(this, error);
    return this.#unavailable();
  }

  #isFlushDue(): boolean {
    return this.writtenEndOffset - this.survivingEndOffset >= this.config.flushMessages;
  }

  /**
   * Before a cut: the sync journal would give back what was cut off, and a recovery point above the end would
   * make recovery take later damage for lost durable records.
   */
  #prepareCut(offset: number): void {
    this.mirror?.lost();
    this.#owner.forgetJournaled(this);
    const isLowered = this.survivingEndOffset > offset;
    this.#ends.cutTo(offset);
    if (isLowered) this.#owner.checkpointNow();
  }

  #afterTruncation(offset: number): void {
    const { local, producers, snapshots } = this.#opened;
    this.#highWatermark = Math.min(this.#highWatermark, offset);
    this.#logStartOffset = Math.min(this.#logStartOffset, offset);
    snapshots.removeAbove(offset);
    const range = { logEndOffset: offset, reindexFrom: null };
    runWhole(rebuildProducerState(this.#context, local.segments, producers, snapshots, range));
    producers.highWatermarkMoved(this.#highWatermark);
    // Else a crash could find what was cut off before a segment that began after the cut.
    this.#owner.syncNow(this);
  }

  #rules(options: AppendOptions): Parameters<typeof validateForLeader>[2] {
    const { ports, walk, unzipLanes: lanes } = this.#context;
    const nowMs = ports.clock.wallMs();
    return {
      config: this.config,
      origin: options.origin,
      nowMs,
      zip: ports.zip,
      walk,
      lanes,
      turn: ports.turn,
    };
  }

  #appended(
    firstOffset: number,
    lastOffset: number,
    maxTimestamp: number,
    logAppendTimeMs: number,
  ): AppendOutcome {
    const offsets = { firstOffset: firstOffset as Offset, lastOffset: lastOffset as Offset };
    const { logStartOffset } = this;
    return { kind: "appended", ...offsets, maxTimestamp, logAppendTimeMs, logStartOffset };
  }

  #nothingAppended(): AppendOutcome {
    return this.#appended(-1, -1, -1, -1);
  }

  #unavailable(): Refused {
    return refused(errors.KAFKA_STORAGE_ERROR, `The log of ${this.topic}-${this.partition} takes no records`);
  }
}
