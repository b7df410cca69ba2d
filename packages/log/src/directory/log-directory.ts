// One entry of `log.dirs`: its lock and identity, its logs, the order of their fdatasyncs, its checkpoint
// files, its doomed files. Invariant: once offline it never comes back in this process; all its logs refuse
// appends.
import type { Disk, DiskDone, DiskError, DiskLock, DiskSpace } from "@ottla/ports";
import type { Uuid } from "@ottla/protocol";
import {
  encodeOffsetCheckpoint,
  LOG_START_OFFSET_CHECKPOINT,
  type OffsetCheckpointEntry,
  RECOVERY_POINT_CHECKPOINT,
  REPLICATION_OFFSET_CHECKPOINT,
} from "../checkpoint/offset-checkpoint.ts";
import type { LogContext } from "../log-context.ts";
import type { PartitionLog } from "../partition-log.ts";
import type { LogSegment } from "../segment/log-segment.ts";
import { DELETED_SUFFIX } from "../segment/segment-file-name.ts";
import { DoomedFiles } from "./doomed-files.ts";
import { logDirectoryName } from "./log-directory-name.ts";
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
  readonly #context: LogContext;
  readonly #lock: DiskLock;
  readonly #syncs: SyncQueue<PartitionLog>;
  readonly #logs = new Map<string, PartitionLog>();
  readonly #waits = new Map<PartitionLog, DurableWait[]>();
  /** Checkpoint contents as last written, by file name. */
  readonly #written = new Map<string, string>();
  #failure: DiskError | null = null;
  /** Wait for the next writing of the log starts. */
  #startWaits: DiskDone[] = [];
  #isSavingStarts = false;

  constructor(
    context: LogContext,
    options: { path: string; id: Uuid | null; lock: DiskLock; syncsInFlightMax: number },
  ) {
    this.path = options.path;
    this.id = options.id;
    this.#lock = options.lock;
    this.#context = context;
    this.doomed = new DoomedFiles(context.ports.disk, context.logger);
    this.#syncs = new SyncQueue(options.syncsInFlightMax, {
      synced: (log) => this.#answerWaits(log),
      failed: (error) => this.goOffline(error),
    });
  }

  get isOnline(): boolean {
    return this.#failure === null;
  }

  get logs(): ReadonlyMap<string, PartitionLog> {
    return this.#logs;
  }

  get #disk(): Disk {
    return this.#context.ports.disk;
  }

  add(log: PartitionLog): void {
    this.#logs.set(logDirectoryName(log.topic, log.partition), log);
  }

  remove(log: PartitionLog): void {
    this.#logs.delete(logDirectoryName(log.topic, log.partition));
    this.#answerWaits(log);
  }

  /**
   * The one door to fdatasync: `done` runs once records below `offset` are durable, in a later turn unless
   * they are already. Without `done` it only asks for the sync.
   */
  whenDurable(log: PartitionLog, offset: number, done: DurableDone | null): void {
    if (done !== null) {
      if (log.syncedEndOffset >= offset || !log.isWritable) {
        done(log.syncedEndOffset >= offset);
        return;
      }
      const waits = this.#waits.get(log) ?? [];
      waits.push({ offset, done });
      this.#waits.set(log, waits);
    }
    this.#syncs.request(log);
  }

  /** The directory's disk cannot be trusted any more. */
  goOffline(error: DiskError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#syncs.stop();
    this.#context.logger.error("a log directory is offline", { path: this.path, cause: error });
    for (const log of this.#logs.values()) {
      log.breakWith(error);
      this.#answerWaits(log);
    }
  }

  /** Renames the segments' files at once, removes them after `delayMs`. Throws `DiskError`. */
  retire(segments: readonly LogSegment[], delayMs: number): void {
    if (segments.length === 0) return;
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
    if (directory !== "") this.#disk.syncDirectory(directory);
  }

  /** Starts to write the checkpoint files that changed. */
  checkpointLater(): void {
    for (const [name, content] of this.#checkpoints()) {
      if (this.#written.get(name) === content) continue;
      this.#written.set(name, content);
      this.#disk.replaceFileLater(`${this.path}/${name}`, new TextEncoder().encode(content), (error) => {
        if (error === null) return;
        this.#written.delete(name);
        this.#context.logger.warn("a checkpoint could not be written", {
          directory: this.path,
          name,
          cause: error,
        });
      });
    }
  }

  /** `done` in a later turn, once the log starts as they are now would be found after a crash. */
  saveStarts(done: DiskDone): void {
    this.#startWaits.push(done);
    if (!this.#isSavingStarts) this.#saveStarts();
  }

  /** The file system's size and what is left of it. Throws `DiskError`. */
  space(): DiskSpace {
    return this.#disk.space(this.path);
  }

  /** Writes all checkpoint files before it returns. Throws `DiskError`. */
  checkpointNow(): void {
    for (const [name, content] of this.#checkpoints()) {
      this.#disk.replaceFile(`${this.path}/${name}`, new TextEncoder().encode(content));
      this.#written.set(name, content);
    }
  }

  release(): void {
    this.#lock.release();
  }

  /** One writing at a time, each for everyone who came until it began. */
  #saveStarts(): void {
    const waits = this.#startWaits;
    this.#startWaits = [];
    this.#isSavingStarts = true;
    const content = this.#encodeStarts();
    const path = `${this.path}/${LOG_START_OFFSET_CHECKPOINT}`;
    this.#written.set(LOG_START_OFFSET_CHECKPOINT, content);
    this.#disk.replaceFileLater(path, new TextEncoder().encode(content), (error) => {
      if (error !== null) this.#written.delete(LOG_START_OFFSET_CHECKPOINT);
      this.#isSavingStarts = false;
      if (this.#startWaits.length > 0) this.#saveStarts();
      for (const done of waits) done(error);
    });
  }

  *#checkpoints(): Iterable<readonly [string, string]> {
    yield [RECOVERY_POINT_CHECKPOINT, this.#encode((log) => log.recoveryPoint)];
    yield [REPLICATION_OFFSET_CHECKPOINT, this.#encode((log) => log.highWatermark)];
    yield [LOG_START_OFFSET_CHECKPOINT, this.#encodeStarts()];
  }

  #encodeStarts(): string {
    return this.#encode((log) => (log.isStartMoved ? log.logStartOffset : null));
  }

  #encode(offsetOf: (log: PartitionLog) => number | null): string {
    const entries: OffsetCheckpointEntry[] = [];
    for (const log of this.#logs.values()) {
      const offset = offsetOf(log);
      if (offset !== null) entries.push({ topic: log.topic, partition: log.partition, offset });
    }
    return new TextDecoder().decode(encodeOffsetCheckpoint(entries));
  }

  #answerWaits(log: PartitionLog): void {
    const waits = this.#waits.get(log);
    if (waits === undefined) return;
    const isOver = !log.isWritable || !this.#logs.has(logDirectoryName(log.topic, log.partition));
    const open: DurableWait[] = [];
    for (const wait of waits) {
      if (log.syncedEndOffset >= wait.offset) wait.done(true);
      else if (isOver) wait.done(false);
      else open.push(wait);
    }
    if (open.length === 0) this.#waits.delete(log);
    else this.#waits.set(log, open);
  }
}
