// The sync journal of one log directory: small appends of many logs become durable by one fdatasync of a file
// whose place on the disk is fixed, instead of one for each log's file. Invariant: the bytes of a run stand
// in the log's file too (page cache); a half is used again only once every log with runs in it has had its
// own file synced; what is cut off a log is never found here. Not here: which sync goes to the journal and
// which to a log's file (directory/log-directory.ts), what recovery makes of it (journal-reader.ts).
import { DiskError, type DiskFile } from "@ottla/ports";
import {
  JOURNAL_AFTER_SMALL_SYNCS,
  JOURNAL_GROUP_BYTES_MAX,
  JOURNAL_PAGE_BYTES,
  JOURNAL_RELEASED_BY_SHARE,
  JOURNAL_RETRY_MS,
  JOURNAL_RUN_BYTES_MAX,
} from "../limits.ts";
import type { LogContext } from "../log-context.ts";
import type { PartitionLog } from "../partition-log.ts";
import { encodeHalfHeader } from "./journal-format.ts";
import { type GroupMember, JournalGroupMemory } from "./journal-group.ts";
import { JournalHalf } from "./journal-half.ts";
import { JournalMetrics } from "./journal-metrics.ts";
import { journalKey } from "./journaled-logs.ts";
import { prepareSyncJournal, removeSyncJournal } from "./prepare-journal.ts";

/** Told by the journal. */
export interface SyncJournalEvents {
  /** The log's durable end moved. */
  durable(log: PartitionLog): void;
  /** The journal cannot take what the log has to sync: its own file must. */
  direct(log: PartitionLog): void;
  /** Some log's file may be due for its sync. */
  spare(): void;
  /** A write or fdatasync of the journal failed: nobody knows what it lost. */
  failed(error: DiskError): void;
}

/** The journal of a directory in use. */
export class SyncJournal {
  readonly metrics: JournalMetrics = new JournalMetrics();
  readonly #context: LogContext;
  readonly #directory: string;
  readonly #events: SyncJournalEvents;
  readonly #halves: readonly [JournalHalf, JournalHalf];
  readonly #group: JournalGroupMemory;
  readonly #runBytesMax: number;
  /** Logs with small syncs to come. Insertion order is order of waiting. */
  readonly #waiting = new Set<PartitionLog>();
  #file: DiskFile | null = null;
  #isPreparing = false;
  #isStopped = false;
  /** Between `hold` and `start`: the logs of a whole turn go together. */
  #isHeld = false;
  /** A group is on its way. */
  #isBusy = false;
  /** This half is full and the other one is not ready. */
  #isStuck = false;
  #current: 0 | 1 = 0;
  #generation = 0;
  #resets = 0;
  #smallSyncs = 0;
  #retryMs = 0;

  constructor(context: LogContext, directory: string, bytes: number, events: SyncJournalEvents) {
    const halfBytes = Math.floor(bytes / 2 / JOURNAL_PAGE_BYTES) * JOURNAL_PAGE_BYTES;
    this.#context = context;
    this.#directory = directory;
    this.#events = events;
    this.#halves = [new JournalHalf(0, halfBytes), new JournalHalf(halfBytes, halfBytes)];
    const groupBytesMax = Math.min(JOURNAL_GROUP_BYTES_MAX, halfBytes - JOURNAL_PAGE_BYTES);
    this.#group = new JournalGroupMemory(groupBytesMax);
    this.#runBytesMax = Math.min(JOURNAL_RUN_BYTES_MAX, Math.floor(groupBytesMax / 2));
  }

  /** True when the next sync of `log` is for the journal. Prepares one when there is demand for it. */
  takes(log: PartitionLog): boolean {
    if (this.#isStopped || log.journalableBytes > this.#runBytesMax) return false;
    if (this.#file !== null) return !this.#isStuck;
    this.#smallSyncs += 1;
    if (this.#smallSyncs >= JOURNAL_AFTER_SMALL_SYNCS && !this.#isPreparing) this.#prepare();
    return false;
  }

  /** What `log` has written by now becomes durable with the next group. */
  request(log: PartitionLog): void {
    if (this.#isStopped) return;
    this.#waiting.add(log);
    this.#start();
  }

  /** Requests are gathered until `start`. */
  hold(): void {
    this.#isHeld = true;
  }

  start(): void {
    this.#isHeld = false;
    this.#start();
  }

  /** Nothing is written any more. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting.clear();
  }

  /** True when the journal waits for the files of logs. */
  get isStuck(): boolean {
    return this.#isStuck;
  }

  /**
   * A log whose own file shall be synced now, so that the other half is free in time: spread over the time
   * that this half takes to fill. Null when none is due.
   */
  nextToSync(isRunning: (log: PartitionLog) => boolean): PartitionLog | null {
    if (this.#file === null || this.#isStopped) return null;
    const current = this.#halves[this.#current];
    const { unsynced, unsyncedAtSwitch } = this.#other;
    const left = this.#isStuck ? 0 : 1 - current.position / current.bytes / JOURNAL_RELEASED_BY_SHARE;
    if (unsynced.size <= unsyncedAtSwitch * left) return null;
    for (const log of unsynced.keys()) if (log.isWritable && !isRunning(log)) return log;
    return null;
  }

  /** The file of `log` was synced as far as the log tells. */
  fileSynced(log: PartitionLog): void {
    for (const half of this.#halves) half.synced(log, log.fileSyncedEndOffset);
    this.#start();
  }

  /** The log is gone with its files. */
  removed(log: PartitionLog): void {
    this.#waiting.delete(log);
    for (const half of this.#halves) half.unsynced.delete(log);
    this.#start();
  }

  /**
   * A log of this name and topic is about to be cut or to begin anew: recovery must not find what the journal
   * holds of it. Blocks, where it holds any: the files of all logs are synced and both halves begin again.
   * Throws `DiskError`.
   */
  forget(name: string, topicId: PartitionLog["topicId"]): void {
    const key = journalKey(name, topicId);
    if (!this.#halves.some((half) => half.present.has(key))) return;
    try {
      this.#reset(this.#file as DiskFile);
    } catch (error) {
      if (error instanceof DiskError) this.#events.failed(error);
      throw error;
    }
  }

  /**
   * After the last log closed. With `isClean` every file is synced and the journal goes. Throws `DiskError`.
   */
  close(isClean: boolean): void {
    this.stop();
    this.#file?.close();
    if (isClean) removeSyncJournal(this.#context.ports.disk, this.#directory);
  }

  get #other(): JournalHalf {
    return this.#halves[this.#current === 0 ? 1 : 0];
  }

  #prepare(): void {
    const { clock } = this.#context.ports;
    if (clock.monotonicMs() < this.#retryMs) return;
    this.#isPreparing = true;
    const generations = this.#nextGenerations();
    const isWanted = (): boolean => !this.#isStopped;
    const plan = { halfBytes: this.#halves[0].bytes, generations, isWanted };
    prepareSyncJournal(this.#context.ports, this.#directory, plan, (result) => {
      this.#isPreparing = false;
      if (result instanceof DiskError) this.#notPrepared(result);
      else if (this.#isStopped) result.close();
      else {
        this.#file = result;
        this.#armBoth();
      }
    });
  }

  #notPrepared(error: DiskError): void {
    this.#retryMs = this.#context.ports.clock.monotonicMs() + JOURNAL_RETRY_MS;
    const { logger, ports } = this.#context;
    logger.warn("no sync journal: every log is synced by itself", { path: this.#directory, cause: error });
    if (this.#isStopped) return;
    try {
      removeSyncJournal(ports.disk, this.#directory);
    } catch (second) {
      if (!(second instanceof DiskError)) throw second;
      logger.warn("a sync journal that is not used stays", { path: this.#directory, cause: second });
    }
  }

  #nextGenerations(): readonly [number, number] {
    const first = this.#generation + 1;
    this.#generation += 2;
    this.#halves[0].generation = first;
    this.#halves[1].generation = first + 1;
    return [first, first + 1];
  }

  #armBoth(): void {
    for (const half of this.#halves) half.arm();
    this.#current = 0;
    this.#halves[0].isArmed = false;
    this.#isStuck = false;
  }

  #start(): void {
    const file = this.#file;
    if (file === null || this.#isBusy || this.#isHeld || this.#isStopped) return;
    const direct: PartitionLog[] = [];
    while (this.#waiting.size > 0 && !this.#isBusy && !this.#isStopped) {
      this.#gather(direct);
      if (this.#group.members.length === 0) break;
      if (this.#makesRoom()) this.#write(file);
      else for (const { log } of this.#group.members) direct.push(log);
    }
    if (this.#isStuck && !this.#isBusy && !this.#isStopped && this.#other.isReleased) {
      this.#group.begin();
      this.#write(file);
    }
    for (const log of direct) this.#events.direct(log);
    this.#events.spare();
  }

  /** Puts into the group what waits and has room; `direct` gets what is not for the journal. */
  #gather(direct: PartitionLog[]): void {
    const group = this.#group;
    group.begin();
    for (const log of this.#waiting) {
      const run = log.journalRun(this.#runBytesMax);
      if (run !== null && !group.add(log, run)) return;
      this.#waiting.delete(log);
      if (run === null && log.isSyncNeeded) direct.push(log);
    }
  }

  /** The group fits into the half in use, which may be the other one now. */
  #makesRoom(): boolean {
    const current = this.#halves[this.#current];
    if (this.#group.paddedBytes <= current.room) return true;
    const wasStuck = this.#isStuck;
    this.#isStuck = !this.#other.isArmed;
    if (this.#isStuck) {
      if (!wasStuck) this.metrics.stalls += 1;
      return false;
    }
    this.metrics.rotations += 1;
    current.unsyncedAtSwitch = current.unsynced.size;
    this.#current = this.#current === 0 ? 1 : 0;
    this.#halves[this.#current].isArmed = false;
    return true;
  }

  /** The group, if it has members, and the header of the other half, if that can begin anew. */
  #write(file: DiskFile): void {
    const half = this.#halves[this.#current];
    const { members } = this.#group;
    const arming = !this.#other.isArmed && this.#other.isReleased ? this.#other : null;
    try {
      if (arming !== null) {
        arming.generation = ++this.#generation;
        this.#writeHeader(file, arming);
      }
      if (members.length > 0) {
        const bytes = this.#group.complete(half.generation, half.sequence);
        file.write([bytes], half.start + half.position);
        half.position += bytes.length;
        this.metrics.bytes += bytes.length;
        half.sequence += 1;
      }
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#events.failed(error);
      return;
    }
    for (const { log, run } of members) {
      half.note(log, run.endOffset);
    }
    this.#isBusy = true;
    const resets = this.#resets;
    file.sync((error) => {
      this.#isBusy = false;
      if (error !== null) this.#events.failed(error);
      else this.#written(members, resets === this.#resets ? arming : null);
    });
  }

  #written(members: readonly GroupMember[], armed: JournalHalf | null): void {
    if (armed !== null) {
      armed.arm();
      this.#isStuck = false;
    }
    this.metrics.syncs += 1;
    this.metrics.runs += members.length;
    // With what this turn still brings: at once, the next group would hold half as much, and cost the same.
    this.#context.ports.turn.atEnd(() => this.#start());
    for (const { log, run } of members) {
      log.journaled(run);
      this.#events.durable(log);
    }
  }

  #reset(file: DiskFile): void {
    const synced = new Set(this.#halves.flatMap(({ unsynced }) => [...unsynced.keys()]));
    for (const log of synced) log.syncFilesNow();
    this.#nextGenerations();
    for (const half of this.#halves) this.#writeHeader(file, half);
    file.syncNow();
    for (const { unsynced } of this.#halves) unsynced.clear();
    this.#resets += 1;
    this.metrics.resets += 1;
    this.#armBoth();
    this.#context.ports.turn.nextSlice(() => {
      for (const log of synced) {
        log.tellDurable();
        this.#events.durable(log);
      }
    });
  }

  #writeHeader(file: DiskFile, half: JournalHalf): void {
    file.write([encodeHalfHeader({ generation: half.generation, halfBytes: half.bytes })], half.start);
  }
}
