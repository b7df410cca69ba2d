// Opens the logs of log directories that were taken into use: what is known of each, several at a time,
// progress, and what goes once all are recovered. Not here: one log (open-log.ts), the directories themselves
// (directory/open-directory.ts), who keeps the logs (log-manager.ts).
import type { LogConfig } from "@ottla/config";
import { DiskError, removeFailedSyncMarker, type Slices } from "@ottla/ports";
import { type Uuid, ZERO_UUID } from "@ottla/protocol";
import { MalformedCheckpointError } from "../checkpoint/checkpoint-text.ts";
import { readPartitionMetadata, writePartitionMetadataAnew } from "../checkpoint/partition-metadata.ts";
import { type Cleaning, syncOnPool } from "../cleaner/cleaning.ts";
import { isFailingDisk } from "../directory/failing-disk.ts";
import type { LogDirectory } from "../directory/log-directory.ts";
import { logDirectoryName, type TopicPartition } from "../directory/log-directory-name.ts";
import type { OpenedDirectory } from "../directory/open-directory.ts";
import { pathIn, retireReplaced } from "../future/retire-replaced.ts";
import { removeSyncJournal } from "../journal/prepare-journal.ts";
import type { LogContext } from "../log-context.ts";
import { LogManagerError } from "../log-manager-error.ts";
import { type FileToCheck, filesToCheck } from "./files-to-check.ts";
import { openLogInPieces } from "./open-log.ts";
import type { OpenedLog } from "./opened-log.ts";
import { type LogsToOpen, type OpeningEnd, openInLanes } from "./opening-lanes.ts";
import { OpeningProgress, type OpeningState } from "./opening-progress.ts";

/** How to open. */
export interface OpeningSettings {
  readonly slices: Slices;
  /** Logs of a directory opened at a time. */
  readonly lanes: number;
  readonly topicConfig: (topic: string) => LogConfig;
  readonly progress: ((state: OpeningState) => void) | undefined;
  /** Others go on without the log directory of this path. */
  readonly mayBeOffline: (path: string) => boolean;
}

/** Who gets the logs. */
export interface LogKeeper {
  add(
    directory: LogDirectory,
    where: TopicPartition & { readonly topicId: Uuid },
    opened: OpenedLog,
    highWatermark: number,
  ): void;
  /** A copy that was on its way to `directory`. */
  foundFuture(future: OpenedDirectory["futures"][number], directory: LogDirectory, wasClean: boolean): void;
}

type FilesToCheck = ReadonlyMap<string, readonly FileToCheck[]>;

/** `end` runs in a later turn; it fails with a `LogManagerError`. */
export function openDirectoryLogs(
  context: LogContext,
  settings: OpeningSettings,
  directories: readonly OpenedDirectory[],
  keeper: LogKeeper,
  end: OpeningEnd,
): void {
  const { turn } = context.ports;
  const opening = new DirectoryLogsOpening(context, settings, keeper);
  turn.nextSlice(() => {
    try {
      const lanes = Math.max(1, settings.lanes);
      const plans = opening.plan(directories).map((plan) => ({ ...plan, lanes }));
      openInLanes({ slices: settings.slices, turn }, plans, end);
    } catch (error) {
      end.failed(error);
    }
  });
}

class DirectoryLogsOpening {
  readonly #context: LogContext;
  readonly #settings: OpeningSettings;
  readonly #keeper: LogKeeper;

  constructor(context: LogContext, settings: OpeningSettings, keeper: LogKeeper) {
    this.#context = context;
    this.#settings = settings;
    this.#keeper = keeper;
  }

  /** Throws `LogManagerError`. */
  plan(directories: readonly OpenedDirectory[]): Omit<LogsToOpen<TopicPartition>, "lanes">[] {
    const replaced = this.#replacedPaths(directories);
    const wasClean = directories.every((directory) => directory.wasClean);
    const paths = new Map<string, string>();
    return directories.map((directory) => {
      for (const future of directory.futures) this.#keeper.foundFuture(future, directory.directory, wasClean);
      const logs = directory.partitions.filter((partition) => !replaced.has(pathIn(directory, partition)));
      for (const { topic, partition } of logs) {
        const name = logDirectoryName(topic, partition);
        const other = paths.get(name);
        const { path } = directory.directory;
        if (other !== undefined) {
          throw new LogManagerError(`${path}/${name}`, `the same partition is also in ${other}`);
        }
        paths.set(name, path);
      }
      const files = this.#filesToCheck(directory);
      const { progress } = this.#settings;
      const told = new OpeningProgress(directory.directory.path, logs.length, files, progress);
      const open = (log: TopicPartition): Cleaning<void> => this.#openLog(directory, log, told);
      return { logs, open, opened: () => this.#endRecovery(directory) };
    });
  }

  /** Paths of logs that a move had replaced when the broker stopped: they go. */
  #replacedPaths(directories: readonly OpenedDirectory[]): ReadonlySet<string> {
    try {
      return retireReplaced(this.#context, directories);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      throw new LogManagerError(error.path, error.message, { cause: error });
    }
  }

  /** By log; nothing after a stop in order. */
  #filesToCheck({ directory, partitions, recoveryPoints, wasClean }: OpenedDirectory): FilesToCheck {
    const { files, ports } = this.#context;
    const found = new Map<string, readonly FileToCheck[]>();
    if (wasClean) return found;
    for (const { topic, partition } of partitions) {
      const name = logDirectoryName(topic, partition);
      const path = `${directory.path}/${name}`;
      found.set(name, filesToCheck(files, ports.disk, path, recoveryPoints.get(name) ?? 0));
    }
    return found;
  }

  /** All logs of the directory are recovered and their files synced: what told of the life before goes. */
  #endRecovery({ journaled, hasFailedSync, directory: { path, isOnline } }: OpenedDirectory): void {
    const { disk } = this.#context.ports;
    if (!isOnline) return;
    try {
      if (journaled !== null) removeSyncJournal(disk, path);
      if (hasFailedSync) removeFailedSyncMarker(disk, path);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      throw new LogManagerError(path, error.message, { cause: error });
    }
  }

  *#openLog(from: OpenedDirectory, where: TopicPartition, told: OpeningProgress): Cleaning<void> {
    const { directory } = from;
    const name = logDirectoryName(where.topic, where.partition);
    const path = `${directory.path}/${name}`;
    if (!directory.isOnline) return;
    try {
      const recoveryPoint = from.recoveryPoints.get(name) ?? 0;
      const highWatermark = from.areHighWatermarksDurable ? (from.highWatermarks.get(name) ?? 0) : 0;
      const { disk } = this.#context.ports;
      const topicId = readPartitionMetadata(disk, path) ?? ZERO_UUID;
      if (from.hasFailedSync && topicId !== ZERO_UUID) writePartitionMetadataAnew(disk, path, topicId);
      // Records are in the log's own files only once the log would be found.
      const isCreated = recoveryPoint > 0 && !from.hasFailedSync;
      told.goesOn(name);
      const pieces = openLogInPieces(this.#context, {
        path,
        cleanedEndOffset: from.cleanedEndOffsets.get(name) ?? null,
        config: this.#settings.topicConfig(where.topic),
        isClean: from.wasClean,
        hasFailedSync: from.hasFailedSync,
        recoveryPoint,
        durableEndOffset: Math.max(recoveryPoint, highWatermark),
        // Without its id the log is none that had a record durable.
        journaled: topicId === ZERO_UUID ? null : (from.journaled?.log(name, topicId) ?? null),
        logStartOffset: from.logStartOffsets.get(name) ?? 0,
        creation: isCreated ? null : directory.creationOf(name),
      });
      let step = pieces.next();
      for (; step.done !== true; step = pieces.next()) {
        told.goesOn(name);
        yield;
      }
      const opened = step.value;
      for (const file of opened.toSync) yield* syncOnPool(file);
      this.#keeper.add(directory, { ...where, topicId }, opened, from.highWatermarks.get(name) ?? 0);
      told.opened(name);
    } catch (error) {
      if (!(error instanceof DiskError || error instanceof MalformedCheckpointError)) throw error;
      const isLost = error instanceof DiskError && isFailingDisk(error);
      if (!isLost || !this.#settings.mayBeOffline(directory.path)) {
        throw new LogManagerError(path, error.message, { cause: error });
      }
      directory.goOffline(error);
    }
  }
}
