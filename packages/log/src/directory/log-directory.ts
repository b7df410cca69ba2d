// One entry of `log.dirs`: its lock and identity, its logs, the order of their fdatasyncs, its checkpoint
// files, its doomed files. Invariant: once offline it never comes back in this process; all its logs refuse
// appends.
import {
  type Disk,
  DiskError,
  type DiskLock,
  type DiskSpace,
  leaveFailedSyncMarker,
  type Pieces,
} from "@ottla/ports";
import type { Uuid } from "@ottla/protocol";
import type { JournalMetrics } from "../journal/journal-metrics.ts";
import { SyncJournal } from "../journal/sync-journal.ts";
import { JOURNAL_BYTES_MIN } from "../limits.ts";
import type { LogContext } from "../log-context.ts";
import type { PartitionLog } from "../partition-log.ts";
import type { LogSegment } from "../segment/log-segment.ts";
import { DELETED_SUFFIX } from "../segment/segment-file-name.ts";
import { DirectoryNames } from "./directory-names.ts";
import { DiskRoom } from "./disk-room.ts";
import { DoomedFiles } from "./doomed-files.ts";
import { LogCreation } from "./log-creation.ts";
import { OffsetCheckpoints } from "./offset-checkpoints.ts";
import { SyncQueue } from "./sync-queue.ts";

/** Completion of `whenDurable`: false when the log failed first. */
export type DurableDone = (isDurable: boolean) => void;

interface DurableWait {
  readonly offset: number;
  readonly done: DurableDone;
}

/** A log directory in use. */
export class LogDirectory {
  readonly path: string;
  readonly id: Uuid | null;
  readonly doomed: DoomedFiles;
  readonly checkpoints: OffsetCheckpoints;
  readonly names: DirectoryNames;
  readonly room: DiskRoom;
  readonly #context: LogContext;
  readonly #lock: DiskLock;
  readonly #syncs: SyncQueue<PartitionLog>;
  /** Null when there shall be none. */
  readonly #journal: SyncJournal | null;
  readonly #logs = new Map<string, PartitionLog>();
  readonly #waits = new Map<PartitionLog, DurableWait[]>();
  #failure: DiskError | null = null;

  constructor(
    context: LogContext,
    options: {
      path: string;
      id: Uuid | null;
      lock: DiskLock;
      syncsInFlightMax: number;
      journalBytes: number;
    },
  ) {
    this.path = options.path;
    this.id = options.id;
    this.#lock = options.lock;
    this.#context = context;
    this.checkpoints = new OffsetCheckpoints(context, options.path, this.#logs);
    this.room = new DiskRoom(context, options.path);
    this.doomed = new DoomedFiles(context.ports.disk, context.logger);
    this.names = new DirectoryNames(context.ports.disk, options.path);
    const { journalBytes } = options;
    this.#journal =
      journalBytes < JOURNAL_BYTES_MIN
        ? null
        : new SyncJournal(context, options.path, journalBytes, this.#journalEvents());
    const events = {
      synced: (log: PartitionLog) => this.#fileSynced(log),
      failed: (error: DiskError) => this.goOffline(error),
    };
    this.#syncs = new SyncQueue(context.ports.clock, options.syncsInFlightMax, events, this.#journal);
  }

  get isOnline(): boolean {
    return this.#failure === null;
  }

  /** What the directory's sync journal did; null when there shall be none. */
  get journalMetrics(): JournalMetrics | null {
    return this.#journal?.metrics ?? null;
  }

  get logs(): ReadonlyMap<string, PartitionLog> {
    return this.#logs;
  }

  get #disk(): Disk {
    return this.#context.ports.disk;
  }

  add(log: PartitionLog): void {
    this.#logs.set(log.directoryName, log);
  }

  remove(log: PartitionLog): void {
    this.#logs.delete(log.directoryName);
    this.#journal?.removed(log);
    this.#answerWaits(log);
    if (!log.isUntouched) this.checkpoints.left(log.directoryName);
  }

  /**
   * The one door to fdatasync: `done` runs once records below `offset` are durable, in a later turn unless
   * they are already. Without `done` it only asks for the sync.
   */
  whenDurable(log: PartitionLog, offset: number, done: DurableDone | null): void {
    if (done !== null) {
      if (log.survivingEndOffset >= offset || !log.isWritable) {
        done(log.survivingEndOffset >= offset);
        return;
      }
      const waits = this.#waits.get(log) ?? [];
      waits.push({ offset, done });
      this.#waits.set(log, waits);
    }
    if (this.#journal?.takes(log) === true) this.#journal.request(log);
    else this.#syncs.request(log);
  }

  /** Blocks: for what is rare. Throws `DiskError`, and is offline then. */
  syncNow(log: PartitionLog): void {
    try {
      log.syncFilesNow();
    } catch (error) {
      if (error instanceof DiskError) this.goOffline(error);
      throw error;
    }
    this.#context.ports.turn.nextSlice(() => {
      log.tellDurable();
      this.#fileSynced(log);
    });
  }

  /** Small syncs that are asked for until `startSyncs` go together. */
  holdSyncs(): void {
    this.#journal?.hold();
  }

  startSyncs(): void {
    this.#journal?.start();
  }

  /** The files of `log` were synced otherwise. */
  reopened(log: PartitionLog): void {
    this.#journal?.fileSynced(log);
  }

  /** The creation of the log of this name. */
  creationOf(name: string): LogCreation {
    return new LogCreation(this.#disk, `${this.path}/${name}`, this.names);
  }

  /**
   * A log of this name and topic is about to be created: nothing of one before will be found for it. Throws
   * `DiskError`.
   */
  beginAnew(name: string, topicId: Uuid): void {
    this.#journal?.forget(name, topicId);
    this.checkpoints.beginAnew(name);
  }

  /** The same in pieces. Blocks only where the sync journal holds something of that log and topic. */
  *beginAnewInPieces(name: string, topicId: Uuid): Pieces<void> {
    this.#journal?.forget(name, topicId);
    yield* this.checkpoints.beginAnewInPieces(name);
  }

  /**
   * Recovery will not find what the sync journal holds of the log of this name and topic. Blocks. Throws
   * `DiskError`.
   */
  forgetJournaled(name: string, topicId: Uuid): void {
    this.#journal?.forget(name, topicId);
  }

  /** After the last log closed; with `isClean` all files are synced. Throws `DiskError`. */
  closeJournal(isClean: boolean): void {
    this.#journal?.close(isClean);
  }

  /** The directory's disk cannot be trusted any more. */
  goOffline(error: DiskError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#syncs.stop();
    this.#journal?.stop();
    this.#context.logger.error("a log directory is offline", { path: this.path, cause: error });
    if (error.operation === "sync" && !leaveFailedSyncMarker(this.#disk, this.path)) {
      this.#context.logger.error("start the machine anew before the broker: its cache cannot be trusted", {
        path: this.path,
      });
    }
    for (const log of this.#logs.values()) {
      log.breakWith(error);
      this.#answerWaits(log);
    }
  }

  /** Renames the segments' files for good, removes them after `delayMs`. Throws `DiskError`. */
  retire(segments: readonly LogSegment[], delayMs: number): void {
    const directory = this.rename(segments, delayMs);
    if (directory !== "") this.#disk.syncDirectory(directory);
  }

  /**
   * As `retire`, but the names are to be synced: answers in which directory, "" when there were none. Throws
   * `DiskError`.
   */
  rename(segments: readonly LogSegment[], delayMs: number): string {
    const dueMs = this.#context.ports.clock.monotonicMs() + delayMs;
    let directory = "";
    for (const segment of segments) {
      for (const file of segment.files()) {
        if (!file.exists()) continue;
        directory = file.path.slice(0, file.path.lastIndexOf("/"));
        file.rename(`${file.path}${DELETED_SUFFIX}`);
        this.doomed.addFile(file.path, dueMs);
      }
    }
    return directory;
  }

  /** The file system's size and what is left of it. Throws `DiskError`. */
  space(): DiskSpace {
    return this.#disk.space(this.path);
  }

  release(): void {
    this.#lock.release();
  }

  #journalEvents(): ConstructorParameters<typeof SyncJournal>[3] {
    return {
      durable: (log) => this.#answerWaits(log),
      direct: (log) => this.#syncs.request(log),
      spare: () => this.#syncs.spare(),
      failed: (error) => this.goOffline(error),
    };
  }

  #fileSynced(log: PartitionLog): void {
    this.#answerWaits(log);
    this.#journal?.fileSynced(log);
  }

  #answerWaits(log: PartitionLog): void {
    const waits = this.#waits.get(log);
    if (waits === undefined) return;
    const isOver = !log.isWritable || !this.#logs.has(log.directoryName);
    const open: DurableWait[] = [];
    for (const wait of waits) {
      if (log.survivingEndOffset >= wait.offset) wait.done(true);
      else if (isOver) wait.done(false);
      else open.push(wait);
    }
    if (open.length === 0) this.#waits.delete(log);
    else this.#waits.set(log, open);
  }
}
