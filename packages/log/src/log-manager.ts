// All logs of a broker over its log directories: opening, creating, deleting, and the work that belongs to
// turns and seconds. Invariant: a partition has one log; a directory is either online or lost for the life of
// the process. Not here: which partitions this broker should have, and who asks for a turn's end (the
// broker).
import type { BrokerConfig, LogConfig } from "@ottla/config";
import {
  type DiskDone,
  DiskError,
  endsPiece,
  type Logger,
  type Pieces,
  type Ports,
  runWhole,
  type SlicedWork,
  type Slices,
} from "@ottla/ports";
import type { Uuid } from "@ottla/protocol";
import { writeCleanShutdownMarker } from "./checkpoint/clean-shutdown-marker.ts";
import { writePartitionMetadata } from "./checkpoint/partition-metadata.ts";
import { type CleanerHost, isFailedSync } from "./cleaner/cleaner-host.ts";
import type { CleanerMetrics } from "./cleaner/cleaner-metrics.ts";
import { type Cleaning, type RunningCleaning, runCleaning } from "./cleaner/cleaning.ts";
import { LogCleaner } from "./cleaner/log-cleaner.ts";
import type { LogDamage } from "./damage/log-damage.ts";
import { isFullDisk } from "./directory/disk-room.ts";
import type { LogDirectory } from "./directory/log-directory.ts";
import {
  DELETE_SUFFIX,
  logDirectoryName,
  retiredDirectoryName,
  STRAY_SUFFIX,
  type TopicPartition,
} from "./directory/log-directory-name.ts";
import { type OpenedDirectory, openDirectory } from "./directory/open-directory.ts";
import { FutureLogs, type FutureLogsKeeper } from "./future/future-logs.ts";
import {
  CHECKPOINT_INTERVAL_MS,
  FULL_DISK_RETENTION_INTERVAL_MS,
  HOUSEKEEPING_INTERVAL_MS,
  LOGS_TICKED_PER_PIECE,
  PREFERRED_DIRECTORIES_MAX,
  READ_LENT_BYTES_DEFAULT,
  SYNCS_IN_FLIGHT_MAX,
  TAIL_CACHE_BYTES_DEFAULT,
  TAIL_IDLE_MS,
} from "./limits.ts";
import { createLogContext, type LogContext } from "./log-context.ts";
import { LogManagerError } from "./log-manager-error.ts";
import type { LogOwner } from "./log-owner.ts";
import { PartitionLog } from "./partition-log.ts";
import { type LogKeeper, openDirectoryLogs } from "./recovery/open-directory-logs.ts";
import { openLog, openLogInPieces } from "./recovery/open-log.ts";
import type { OpenedLog } from "./recovery/opened-log.ts";
import type { OpeningState } from "./recovery/opening-progress.ts";
import { retainLogs } from "./retain-logs.ts";
import { LogScrub } from "./scrub/log-scrub.ts";
import type { ScrubMetrics } from "./scrub/scrub-metrics.ts";

/** What a manager needs. */
export interface LogManagerOptions {
  readonly ports: Ports;
  readonly config: BrokerConfig;
  readonly clusterId: string;
  /** Called when a log has something for the end of a turn. */
  readonly requestTurnEnd: () => void;
  readonly logger: Logger;
  /** Logs are opened, and long ones checked, in slices of the loop. */
  readonly slices: Slices;
  /** Settings of a topic that was found on disk. */
  readonly topicConfig: (topic: string) => LogConfig;
  /** Bytes of tail blocks over all logs; the default when absent. */
  readonly tailCacheBytesMax?: number;
  /** Bytes of records read from files that readers may hold; the default when absent. */
  readonly readLentBytesMax?: number;
  /** New logs are not put into the log directory of this path; default: into any. */
  readonly isCordoned?: (directory: string) => boolean;
  /** Of copying between log directories; unbounded when absent. */
  readonly moveBytesPerSecond?: () => number;
  /** A log lies in another log directory now. */
  readonly moved?: (log: PartitionLog) => void;
  /** Told of each log before and after it is opened, and between the pieces of one that takes long. */
  readonly progress?: (state: OpeningState) => void;
}

/** A log to create. */
export interface NewLog {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly partition: number;
  readonly config: LogConfig;
  /** The log directory to use; the one with the fewest logs when absent. */
  readonly directoryId?: Uuid;
}

export type LogManagerDone = (result: LogManager | LogManagerError) => void;

type RetiredSuffix = typeof DELETE_SUFFIX | typeof STRAY_SUFFIX;

/** The logs of one broker. */
export class LogManager {
  readonly #context: LogContext;
  readonly #options: LogManagerOptions;
  readonly #directories: LogDirectory[] = [];
  readonly #logs = new Map<string, PartitionLog>();
  #dirty: PartitionLog[] = [];
  #flushing: PartitionLog[] = [];
  readonly #isDirty = new Set<PartitionLog>();
  readonly #broken = new Set<PartitionLog>();
  #checkpointMs = 0;
  #housekeepingMs = 0;
  #retentionMs = 0;
  /** When retention was applied last; monotonic. */
  #retainedMs = Number.NEGATIVE_INFINITY;
  /** When silent producers are looked for. */
  #producerCheckMs = 0;
  #housekeeping: SlicedWork | null = null;
  #retention: RunningCleaning | null = null;
  readonly #cleaner: LogCleaner;
  readonly #scrub: LogScrub;
  /** Replicas on their way to another log directory. */
  readonly moves: FutureLogs;
  /** Log directories, by path, wished for partitions that were not there yet. */
  readonly #preferred = new Map<string, string>();

  private constructor(options: LogManagerOptions) {
    this.#options = options;
    this.#context = createLogContext({
      ports: options.ports,
      logger: options.logger,
      tailCacheBytesMax: options.tailCacheBytesMax ?? TAIL_CACHE_BYTES_DEFAULT,
      readLentBytesMax: options.readLentBytesMax ?? READ_LENT_BYTES_DEFAULT,
      producerIdExpirationMs: options.config.producerIdExpirationMs,
    });
    const nowMs = options.ports.clock.monotonicMs();
    this.#retentionMs = nowMs + options.config.logInitialTaskDelayMs;
    this.#producerCheckMs = nowMs + options.config.producerIdExpirationCheckIntervalMs;
    const cleanerHost = this.#cleanerHost();
    this.#cleaner = new LogCleaner(this.#context, options.slices, options.config, cleanerHost);
    const scrubBytesPerSecond = options.config.scrubBytesPerSecond ?? 0;
    this.#scrub = new LogScrub(this.#context, options.slices, scrubBytesPerSecond, cleanerHost);
    this.moves = new FutureLogs({
      context: this.#context,
      slices: options.slices,
      keeper: this.#movesKeeper(),
      bytesPerSecond: options.moveBytesPerSecond ?? (() => Number.MAX_SAFE_INTEGER),
      copyingMax: options.config.logDirs.length,
    });
  }

  /** Locks and opens every log directory. `done` runs in a later turn. */
  static open(options: LogManagerOptions, done: LogManagerDone): void {
    const manager = new LogManager(options);
    const { turn } = options.ports;
    const opened: OpenedDirectory[] = [];
    try {
      const syncsInFlightMax = Math.max(1, Math.floor(SYNCS_IN_FLIGHT_MAX / options.config.logDirs.length));
      const { nodeId, logDirs } = options.config;
      const identity = {
        clusterId: options.clusterId,
        nodeId,
        syncsInFlightMax,
        journalBytes: options.config.syncJournalBytes ?? 0,
      };
      for (const path of logDirs) {
        const directory = openDirectory(manager.#context, path, identity, manager.#mayBeOffline(path));
        manager.#directories.push(directory.directory);
        if (directory.directory.isOnline) opened.push(directory);
      }
      if (opened.length === 0) throw new LogManagerError(logDirs.join(", "), "no log directory can be read");
    } catch (error) {
      manager.#release();
      if (!(error instanceof LogManagerError)) throw error;
      turn.nextSlice(() => done(error));
      return;
    }
    manager.#openLogs(opened, done);
  }

  get directories(): readonly LogDirectory[] {
    return this.#directories;
  }

  /** What compaction did and could not do. */
  get cleanerMetrics(): CleanerMetrics {
    return this.#cleaner.metrics;
  }

  /** What the scrub looked at. */
  get scrubMetrics(): ScrubMetrics {
    return this.#scrub.metrics;
  }

  /** What was found damaged in the logs. */
  get damage(): LogDamage {
    return this.#context.damage;
  }

  /** Memory that exists only because readers hold slices: read buffers, and tail blocks beyond the cache. */
  get lentBytes(): number {
    return this.#context.readBuffers.lentBytes + this.#context.tails.heldBySlicesBytes;
  }

  /** Null when this broker has no such partition. */
  log(topic: string, partition: number): PartitionLog | null {
    return this.#logs.get(logDirectoryName(topic, partition)) ?? null;
  }

  logs(): Iterable<PartitionLog> {
    return this.#logs.values();
  }

  /** Null when no log directory has this path. */
  directoryAt(path: string): LogDirectory | null {
    return this.#directories.find((directory) => directory.path === path) ?? null;
  }

  /** The partition, which is not here yet, is to be made in the log directory of this path. */
  prefer(topic: string, partition: number, path: string): void {
    if (this.#preferred.size < PREFERRED_DIRECTORIES_MAX) {
      this.#preferred.set(logDirectoryName(topic, partition), path);
    }
  }

  /** End of a turn: one write per log that was appended to. Only the owner of the turn's end calls it. */
  flushDirty(): void {
    if (this.#dirty.length === 0) return;
    const flushing = this.#dirty;
    this.#dirty = this.#flushing;
    this.#flushing = flushing;
    this.#isDirty.clear();
    for (const directory of this.#directories) directory.holdSyncs();
    for (const log of flushing) log.flush();
    flushing.length = 0;
    for (const directory of this.#directories) directory.startSyncs();
  }

  /**
   * The log, created when this broker has none yet. Nothing of a new one is durable before the first of its
   * records is to be. Throws `DiskError`.
   */
  createLog(where: NewLog): PartitionLog {
    const name = logDirectoryName(where.topic, where.partition);
    // Pieces would wait for the pool.
    if (!this.#logs.has(name)) this.#chooseDirectory(name, where.directoryId).beginAnew(name, where.topicId);
    return runWhole(this.createLogInPieces(where));
  }

  /**
   * The same in pieces, each of which creates one file or two; they are not to be run whole, as some wait for
   * the pool. One at a time for a partition.
   */
  *createLogInPieces(where: NewLog): Pieces<PartitionLog> {
    const present = this.log(where.topic, where.partition);
    if (present !== null) return present;
    const name = logDirectoryName(where.topic, where.partition);
    const directory = this.#chooseDirectory(name, where.directoryId);
    this.#preferred.delete(name);
    const { disk } = this.#context.ports;
    const path = `${directory.path}/${name}`;
    yield* directory.beginAnewInPieces(name, where.topicId);
    if (disk.status(path) === null) disk.makeDirectory(path);
    writePartitionMetadata(disk, path, where.topicId);
    yield;
    const opened = yield* openLogInPieces(this.#context, {
      path,
      config: where.config,
      isClean: false,
      hasFailedSync: false,
      recoveryPoint: 0,
      durableEndOffset: 0,
      journaled: null,
      logStartOffset: 0,
      creation: directory.creationOf(name),
    });
    // Only what a creation before a crash left.
    for (const file of opened.toSync) file.opened().syncNow();
    return this.#add(directory, where, opened, 0);
  }

  /**
   * The partition is gone: its directory is renamed now, for good soon, and removed later. Throws
   * `DiskError`.
   */
  deleteLog(topic: string, partition: number): void {
    const log = this.log(topic, partition);
    if (log !== null) this.#retireLog(log, DELETE_SUFFIX);
  }

  /**
   * The log belongs to no known partition: it is set aside as `-stray`, for a human to look at. Throws
   * `DiskError`.
   */
  setAsideStray(topic: string, partition: number): void {
    const log = this.log(topic, partition);
    if (log !== null) this.#retireLog(log, STRAY_SUFFIX);
  }

  /** `done` once records of the log below `offset` are durable. */
  whenDurable(log: PartitionLog, offset: number, done: (isDurable: boolean) => void): void {
    this.#directoryOf(log).whenDurable(log, offset, done);
  }

  /** `done` in a later turn, once the log's start as it is now would be found after a crash. */
  saveStart(log: PartitionLog, done: DiskDone): void {
    this.#directoryOf(log).checkpoints.saveStarts(done);
  }

  /** Called about once a second, with monotonic time: checkpoints, removals, reopening, expiry, retention. */
  tick(nowMs: number): void {
    if (this.#options.config.logCleanerEnable) this.#cleaner.tick(nowMs);
    this.#scrub.tick(nowMs);
    this.moves.resume();
    // A disk that is slow, or very many logs: the round before is still under way.
    if (this.#housekeeping?.isEnded === false) return;
    const pieces = this.#keepHouse(nowMs);
    this.#housekeeping = this.#options.slices.run("log housekeeping", pieces, { done: () => {} });
  }

  /**
   * Applies retention to every log, unless that is under way. `done` gets the number of segments deleted, in
   * a later turn where there is something to delete.
   */
  deleteOldSegments(done: (deleted: number) => void = () => {}): void {
    if (this.#retention !== null) return;
    let isEnded = false;
    const ended = (deleted: number): void => {
      isEnded = true;
      this.#retention = null;
      done(deleted);
    };
    const { slices } = this.#options;
    const running = runCleaning(slices, this.#deleteOldSegments(), { done: ended }, "retention");
    if (!isEnded) this.#retention = running;
  }

  *#keepHouse(nowMs: number): Pieces<void> {
    if (nowMs - this.#checkpointMs >= CHECKPOINT_INTERVAL_MS) {
      this.#checkpointMs = nowMs;
      for (const directory of this.#directories) {
        yield* this.#guardedPieces(directory, this.#tickDirectory(directory, nowMs));
      }
    }
    if (nowMs - this.#housekeepingMs >= HOUSEKEEPING_INTERVAL_MS) {
      this.#housekeepingMs = nowMs;
      let logs = 0;
      for (const log of this.#logs.values()) {
        log.dropIdle(nowMs - TAIL_IDLE_MS);
        if (endsPiece(++logs)) yield;
      }
      this.#context.readBuffers.trim();
    }
    if (nowMs >= this.#producerCheckMs) {
      this.#producerCheckMs = nowMs + this.#options.config.producerIdExpirationCheckIntervalMs;
      const wallMs = this.#context.ports.clock.wallMs();
      let logs = 0;
      for (const log of this.#logs.values()) {
        log.expireProducers(wallMs);
        if (endsPiece(++logs)) yield;
      }
    }
    if (this.#directories.some(({ room }) => room.isFull)) {
      this.#retentionMs = Math.min(this.#retentionMs, this.#retainedMs + FULL_DISK_RETENTION_INTERVAL_MS);
    }
    if (nowMs >= this.#retentionMs) {
      this.#retainedMs = nowMs;
      this.#retentionMs = nowMs + this.#options.config.logRetentionCheckIntervalMs;
      this.deleteOldSegments();
    }
  }

  *#deleteOldSegments(): Cleaning<number> {
    const nowMs = this.#context.ports.clock.wallMs();
    let deleted = 0;
    for (const directory of this.#directories) {
      const failed = (error: DiskError): void => this.#workFailed(directory, error);
      deleted += yield* retainLogs(this.#context, directory, nowMs, failed);
    }
    return deleted;
  }

  /**
   * A clean stop: everything written and synced, snapshots, checkpoints, the marker. `done` runs in a later
   * turn.
   */
  close(brokerEpoch: number, done: () => void): void {
    this.#cleaner.close();
    this.#scrub.close();
    this.moves.close();
    this.flushDirty();
    const { disk, turn } = this.#context.ports;
    for (const directory of this.#directories) {
      this.#guarded(directory, () => {
        let isClean = true;
        for (const log of directory.logs.values()) isClean = log.closeCleanly() && isClean;
        directory.checkpoints.saveNow();
        directory.closeJournal(isClean);
        if (isClean) writeCleanShutdownMarker(disk, directory.path, brokerEpoch);
      });
    }
    this.#release();
    turn.nextSlice(done);
  }

  *#tickDirectory(directory: LogDirectory, nowMs: number): Pieces<void> {
    for (const log of this.#broken) {
      if (log.directory === directory.path) this.#reopen(log);
    }
    let logs = 0;
    for (const log of directory.logs.values()) {
      log.tick(nowMs);
      if (++logs % LOGS_TICKED_PER_PIECE === 0) yield;
    }
    yield* directory.checkpoints.saveLater();
    directory.room.tick();
    // What is deleted on a full disk goes at once.
    yield* directory.doomed.tick(directory.room.isFull ? Number.POSITIVE_INFINITY : nowMs);
  }

  /** A log that does not open yet (a full disk, say) is tried again at the next tick. */
  #reopen(log: PartitionLog): void {
    try {
      log.reopen();
      this.#broken.delete(log);
      this.#directoryOf(log).reopened(log);
      this.#options.logger.info("a failed log is open again", { path: log.path });
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#options.logger.warn("a failed log does not open yet", { path: log.path, cause: error });
    }
  }

  /** As `#guarded`, for work in pieces. */
  *#guardedPieces(directory: LogDirectory, pieces: Pieces<void>): Pieces<void> {
    if (!directory.isOnline) return;
    try {
      yield* pieces;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#workFailed(directory, error);
    }
  }

  /** A disk error in the manager's own work takes the directory offline; one without room it waits for. */
  #guarded(directory: LogDirectory, work: () => void): void {
    if (!directory.isOnline) return;
    try {
      work();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#workFailed(directory, error);
    }
  }

  #workFailed(directory: LogDirectory, error: DiskError): void {
    if (!isFullDisk(error)) {
      directory.goOffline(error);
      return;
    }
    directory.room.ranOut();
    this.#options.logger.warn("a disk without room held up work on its logs", {
      path: directory.path,
      cause: error,
    });
  }

  /** At a start: the node goes on without it. */
  #mayBeOffline(path: string): boolean {
    const { logDirs, metadataLogDir } = this.#options.config;
    return logDirs.length > 1 && path !== metadataLogDir;
  }

  #openLogs(directories: readonly OpenedDirectory[], done: LogManagerDone): void {
    const { slices, config, topicConfig, progress } = this.#options;
    const lanes = config.numRecoveryThreadsPerDataDir ?? 1;
    const mayBeOffline = (path: string): boolean => this.#mayBeOffline(path);
    const settings = { slices, topicConfig, progress, lanes, mayBeOffline };
    const keeper = {
      add: (...log: Parameters<LogKeeper["add"]>) => void this.#add(...log),
      foundFuture: (...future: Parameters<LogKeeper["foundFuture"]>) => this.moves.foundOne(...future),
    };
    openDirectoryLogs(this.#context, settings, directories, keeper, {
      done: () => done(this),
      failed: (error) => {
        this.#release();
        if (!(error instanceof LogManagerError)) throw error;
        done(error);
      },
    });
  }

  #add(
    directory: LogDirectory,
    where: TopicPartition & { readonly topicId: Uuid },
    opened: OpenedLog,
    highWatermark: number,
  ): PartitionLog {
    const identity = {
      topic: where.topic,
      partition: where.partition,
      topicId: where.topicId,
      directory: directory.path,
    };
    const owner = this.#ownerIn(directory);
    const log = new PartitionLog(this.#context, owner, identity, opened, highWatermark);
    this.#logs.set(log.directoryName, log);
    directory.add(log);
    return log;
  }

  #ownerIn(directory: LogDirectory): LogOwner {
    return {
      markDirty: (log) => {
        if (this.#isDirty.has(log)) return;
        this.#isDirty.add(log);
        this.#dirty.push(log);
        this.#options.requestTurnEnd();
      },
      hasRoom: (bytes) => directory.room.takes(bytes),
      syncSoon: (log) => directory.whenDurable(log, 0, null),
      syncNow: (log) => directory.syncNow(log),
      forgetJournaled: (log) => directory.forgetJournaled(log.directoryName, log.topicId),
      checkpointNow: () => directory.checkpoints.saveNow(),
      retire: (segments, delayMs) => directory.retire(segments, delayMs),
      broken: (log, error) => {
        this.#broken.add(log);
        if (isFullDisk(error)) directory.room.ranOut();
        this.#options.logger.error("a log failed and opens again soon", { path: log.path, cause: error });
      },
      reopen: (log) =>
        openLog(this.#context, {
          path: log.path,
          config: log.config,
          isClean: false,
          hasFailedSync: false,
          recoveryPoint: log.recoveryPoint,
          durableEndOffset: log.survivingEndOffset,
          journaled: null,
          logStartOffset: log.logStartOffset,
          cleanedEndOffset: log.opened.local.cleanedEndOffset,
          creation: log.opened.local.creation,
        }),
    };
  }

  #cleanerHost(): CleanerHost {
    return {
      logs: () => this.#logs.values(),
      has: (log) => this.log(log.topic, log.partition) === log && this.#directoryOf(log).isOnline,
      retire: (log, segments) => this.#directoryOf(log).rename(segments, log.config.fileDeleteDelayMs),
      saveRecoveryPoints: (log, done) => this.#directoryOf(log).checkpoints.saveRecoveryPoints(done),
      failed: (log, error) => {
        const directory = this.#directoryOf(log);
        if (isFailedSync(error)) {
          directory.goOffline(error);
          return;
        }
        log.breakWith(error);
        this.#ownerIn(directory).broken(log, error);
      },
    };
  }

  #movesKeeper(): FutureLogsKeeper {
    return {
      log: (topic, partition) => this.log(topic, partition),
      directoryOf: (log) => this.#directoryOf(log),
      created: ({ topic, partition, topicId, highWatermark }, directory, opened) => {
        const identity = { topic, partition, topicId, directory: directory.path };
        const owner = this.#ownerIn(directory);
        const log = new PartitionLog(this.#context, owner, identity, opened, highWatermark);
        directory.add(log);
        return log;
      },
      promoted: (current, log) => {
        this.#logs.set(log.directoryName, log);
        this.#broken.delete(current);
        log.listener = current.listener;
        current.listener.replaced?.(current, log);
        this.#options.moved?.(log);
      },
      retire: (replaced) => this.#renameRetired(replaced, DELETE_SUFFIX),
      forget: (log) => {
        this.#directoryOf(log).remove(log);
        this.#broken.delete(log);
        log.closeDeleted(log.path);
      },
    };
  }

  #retireLog(log: PartitionLog, suffix: RetiredSuffix): void {
    this.moves.cancel(log.directoryName);
    // Under another name nobody looks for what the journal holds of it.
    if (suffix === STRAY_SUFFIX && log.isWritable) log.syncFilesNow();
    this.#logs.delete(log.directoryName);
    this.#renameRetired(log, suffix);
  }

  #renameRetired(log: PartitionLog, suffix: RetiredSuffix): void {
    const { disk, random, clock } = this.#context.ports;
    const directory = this.#directoryOf(log);
    const name = retiredDirectoryName(log.topic, log.partition, random.bytes(16), suffix);
    const path = `${directory.path}/${name}`;
    const from = log.path;
    directory.remove(log);
    this.#broken.delete(log);
    log.closeDeleted(path);
    disk.rename(from, path);
    const { fileDeleteDelayMs } = log.config;
    directory.names.sync((error) => {
      if (error !== null) directory.goOffline(error);
      else if (suffix === DELETE_SUFFIX) {
        directory.doomed.addDirectory(path, clock.monotonicMs() + fileDeleteDelayMs);
      }
    });
  }

  /** The one wished for, the one asked for, or the one with the fewest logs, cordoned ones last. */
  #chooseDirectory(name: string, id: Uuid | undefined): LogDirectory {
    const online = this.#directories.filter((directory) => directory.isOnline);
    const path = this.#preferred.get(name);
    const wished = path === undefined ? undefined : online.find((directory) => directory.path === path);
    const asked = id === undefined ? undefined : online.find((directory) => directory.id === id);
    const isThere = id === undefined || id.startsWith(NO_DIRECTORY) || asked !== undefined;
    if (wished === undefined && !isThere && online.length < this.#directories.length) {
      // Its records are where nobody can read them: an empty log in their place would pass for all there is.
      throw new DiskError("create", name, "the log directory that has it is offline");
    }
    const open = online.filter((directory) => this.#options.isCordoned?.(directory.path) !== true);
    const free = open.length > 0 ? open : online;
    const chosen = wished ?? asked ?? free.sort((left, right) => left.logs.size - right.logs.size)[0];
    if (chosen !== undefined) return chosen;
    throw new DiskError("create", this.#directories[0]?.path ?? "", "no log directory is online");
  }

  #directoryOf(log: PartitionLog): LogDirectory {
    const found = this.#directories.find((directory) => directory.path === log.directory);
    if (found === undefined)
      throw new Error(`the log of ${log.topic}-${log.partition} is in no known directory`);
    return found;
  }

  #release(): void {
    this.#housekeeping?.cancel();
    this.#retention?.cancel();
    for (const directory of this.#directories) directory.release();
  }
}

/** How ids begin that stand for no directory (KIP-858): none was assigned, or it is not known. */
const NO_DIRECTORY = "AAAAAAAAAAAAAAAAAAAA";
