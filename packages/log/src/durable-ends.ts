// How much of a log survives a power cut, told apart by where: in the log's own files, and there or in the
// sync journal. Invariant: fileSyncedEndOffset ≤ durableEndOffset ≤ the written end; what a sync or the
// journal made durable counts only if the log was not cut since it began. Not here: the files
// (sync-files.ts).
import type { JournalRun, LogMark } from "./journal/journal-run.ts";
import type { LocalLog } from "./local-log.ts";

/** A place whose position nobody knows: behind a cut, until the files were synced again. */
const NOWHERE = -1;

/** The ends of one log. */
export class DurableEnds {
  #durable: LogMark;
  #fileSyncedEndOffset: number;
  #cuts = 0;

  /** The log was opened just now, which synced its files. */
  constructor(local: LocalLog) {
    this.#durable = local.writtenMark;
    this.#fileSyncedEndOffset = local.logEndOffset;
  }

  get durableEndOffset(): number {
    return this.#durable.offset;
  }

  get fileSyncedEndOffset(): number {
    return this.#fileSyncedEndOffset;
  }

  /** How often the log was cut or opened. */
  get cuts(): number {
    return this.#cuts;
  }

  /** The log was opened again, which synced its files. */
  reopened(local: LocalLog): void {
    this.#cuts += 1;
    this.#durable = local.writtenMark;
    this.#fileSyncedEndOffset = local.logEndOffset;
  }

  /** The log is about to end at `offset` at most. */
  cutTo(offset: number): void {
    this.#cuts += 1;
    const durableEnd = Math.min(this.#durable.offset, offset);
    this.#durable = { segmentBaseOffset: NOWHERE, position: 0, offset: durableEnd };
    this.#fileSyncedEndOffset = Math.min(this.#fileSyncedEndOffset, offset);
  }

  /** A sync of the files that began at `mark` has ended. True when the durable end moved. */
  fileSynced(mark: LogMark, cuts: number): boolean {
    if (cuts !== this.#cuts) return false;
    this.#fileSyncedEndOffset = Math.max(this.#fileSyncedEndOffset, mark.offset);
    return this.#moveTo(mark);
  }

  /** The journal holds `run` for good. True when the durable end moved. */
  journaled(run: JournalRun): boolean {
    if (run.cuts !== this.#cuts) return false;
    const { segmentBaseOffset, position, bytes, endOffset } = run;
    return this.#moveTo({ segmentBaseOffset, position: position + bytes, offset: endOffset });
  }

  /** Bytes for the journal to take, infinite when they are not for it. */
  journalableBytes(local: LocalLog): number {
    return local.journalableBytes(this.#durable);
  }

  /**
   * What the journal may take; null when there is nothing, more than `bytesMax`, or not all of it in memory.
   */
  journalRun(local: LocalLog, bytesMax: number): JournalRun | null {
    const { segmentBaseOffset, position, offset: startOffset } = this.#durable;
    const bytes = local.journalableBytes(this.#durable);
    if (bytes <= 0 || bytes > bytesMax) return null;
    const parts = local.tail.writtenFrom(segmentBaseOffset, position);
    if (parts === null) return null;
    const { writtenEndOffset: endOffset } = local;
    return { segmentBaseOffset, position, startOffset, endOffset, bytes, parts, cuts: this.#cuts };
  }

  #moveTo(mark: LogMark): boolean {
    const hasMoved = mark.offset > this.#durable.offset;
    // The same end may have got its place back after a cut.
    if (hasMoved || mark.offset === this.#durable.offset) this.#durable = mark;
    return hasMoved;
  }
}
