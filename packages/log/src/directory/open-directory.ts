// Taking a log directory into use: lock, identity, leftovers of deleted partitions, what was known about its
// logs.
import type { DiskLock } from "@ottla/ports";
import { DiskError, hasFailedSyncMarker } from "@ottla/ports";
import { CLUSTER_METADATA_TOPIC } from "@ottla/protocol";
import { MalformedCheckpointError } from "../checkpoint/checkpoint-text.ts";
import { readCleanShutdownMarker, takeCleanShutdownMarker } from "../checkpoint/clean-shutdown-marker.ts";
import { type MetaProperties, readMetaProperties } from "../checkpoint/meta-properties.ts";
import {
  type CheckpointedOffsets,
  CLEANER_OFFSET_CHECKPOINT,
  LOG_START_OFFSET_CHECKPOINT,
  RECOVERY_POINT_CHECKPOINT,
  REPLICATION_OFFSET_CHECKPOINT,
  readOffsetCheckpoint,
} from "../checkpoint/offset-checkpoint.ts";
import { readSyncJournal } from "../journal/journal-reader.ts";
import type { JournaledLogs } from "../journal/journaled-logs.ts";
import { removeSyncJournal } from "../journal/prepare-journal.ts";
import type { LogContext } from "../log-context.ts";
import { LogManagerError } from "../log-manager-error.ts";
import { isFailingDisk } from "./failing-disk.ts";
import { LogDirectory } from "./log-directory.ts";
import {
  isDeletedDirectoryName,
  logDirectoryName,
  parseFutureDirectoryName,
  parseLogDirectoryName,
  type TopicPartition,
} from "./log-directory-name.ts";

/** Who opens the directory. */
export interface DirectoryIdentity {
  readonly clusterId: string;
  readonly nodeId: number;
  readonly syncsInFlightMax: number;
  /** Of the sync journal that is written to; 0: there is none. One that is there is read in any case. */
  readonly journalBytes: number;
}

/** A replica that was being moved here when the broker stopped. */
export interface FoundFuture extends TopicPartition {
  readonly path: string;
}

/** A directory in use and what it held when it was opened. */
export interface OpenedDirectory {
  readonly directory: LogDirectory;
  readonly wasClean: boolean;
  readonly hasFailedSync: boolean;
  readonly partitions: readonly TopicPartition[];
  /** Replicas that were on their way into this directory. */
  readonly futures: readonly FoundFuture[];
  readonly recoveryPoints: CheckpointedOffsets;
  readonly highWatermarks: CheckpointedOffsets;
  /**
   * Ottla checkpoints a high watermark as far as it is durable; Apache Kafka, which syncs little, as far as
   * it was replicated: after a power cut its logs may end below.
   */
  readonly areHighWatermarksDurable: boolean;
  readonly logStartOffsets: CheckpointedOffsets;
  /** What an unclean stop left in the sync journal; null when there is none. */
  readonly journaled: JournaledLogs | null;
  readonly cleanedEndOffsets: CheckpointedOffsets;
}

/**
 * Opens the directory at `path`. Throws `LogManagerError`; where it `mayBeOffline`, a disk that fails makes
 * it so instead.
 */
export function openDirectory(
  context: LogContext,
  path: string,
  identity: DirectoryIdentity,
  mayBeOffline: boolean = false,
): OpenedDirectory {
  const { disk } = context.ports;
  let lock: DiskLock | null = null;
  try {
    if (disk.status(path) === null) throw new LogManagerError(path, "the log directory does not exist");
    lock = disk.lock(path);
    if (lock === null)
      throw new LogManagerError(path, "another process uses this log directory (.lock is held)");
    const meta = checkIdentity(path, readMetaProperties(disk, path), identity);
    const directory = new LogDirectory(context, {
      path,
      id: meta.directoryId,
      lock,
      syncsInFlightMax: identity.syncsInFlightMax,
      journalBytes: identity.journalBytes,
    });
    const offsets = (name: string): CheckpointedOffsets => readOffsets(context, `${path}/${name}`);
    const checkpoints = {
      recoveryPoints: offsets(RECOVERY_POINT_CHECKPOINT),
      highWatermarks: offsets(REPLICATION_OFFSET_CHECKPOINT),
      logStartOffsets: offsets(LOG_START_OFFSET_CHECKPOINT),
      cleanedEndOffsets: offsets(CLEANER_OFFSET_CHECKPOINT),
    };
    // A journal beside the marker is that of a life before: somebody else ran here and stopped in order. It
    // goes first, so that it is never found without the marker.
    if (readCleanShutdownMarker(disk, path) !== null) removeSyncJournal(disk, path);
    const hasFailedSync = hasFailedSyncMarker(disk, path);
    const wasClean = takeCleanShutdownMarker(disk, path) !== null && !hasFailedSync;
    const journaled = readSyncJournal(disk, path, context.logger);
    const { partitions, futures } = findPartitions(context, directory);
    const names = new Set(partitions.map(({ topic, partition }) => logDirectoryName(topic, partition)));
    for (const lines of Object.values(checkpoints)) {
      for (const name of lines.keys()) if (!names.has(name)) directory.checkpoints.foundStale(name);
    }
    const areDurable = areHighWatermarksDurable(journaled, checkpoints.recoveryPoints);
    const found = { partitions, futures, ...checkpoints, areHighWatermarksDurable: areDurable, journaled };
    return { directory, wasClean, hasFailedSync, ...found };
  } catch (error) {
    lock?.release();
    if (error instanceof LogManagerError) throw error;
    if (mayBeOffline && error instanceof DiskError && isFailingDisk(error))
      return offlineDirectory(context, path, error);
    if (error instanceof DiskError || error instanceof MalformedCheckpointError) {
      throw new LogManagerError(path, error.message, { cause: error });
    }
    throw error;
  }
}

function offlineDirectory(context: LogContext, path: string, error: DiskError): OpenedDirectory {
  const lock = { release() {} };
  const directory = new LogDirectory(context, { path, id: null, lock, syncsInFlightMax: 1, journalBytes: 0 });
  directory.goOffline(error);
  const none = new Map<string, number>();
  return {
    directory,
    wasClean: false,
    hasFailedSync: false,
    partitions: [],
    futures: [],
    recoveryPoints: none,
    highWatermarks: none,
    areHighWatermarksDurable: true,
    logStartOffsets: none,
    journaled: null,
    cleanedEndOffsets: none,
  };
}

function checkIdentity(
  path: string,
  meta: MetaProperties | null,
  identity: DirectoryIdentity,
): MetaProperties {
  if (meta === null) {
    throw new LogManagerError(path, "not formatted (no meta.properties): run kafka-storage.sh format first");
  }
  if (meta.clusterId !== identity.clusterId) {
    throw new LogManagerError(
      path,
      `belongs to cluster ${meta.clusterId}, this node to ${identity.clusterId}: wrong directory or wrong cluster`,
    );
  }
  if (meta.nodeId !== identity.nodeId) {
    throw new LogManagerError(path, `belongs to node ${meta.nodeId}, this is node ${identity.nodeId}`);
  }
  return meta;
}

/**
 * Who ran here last is not written anywhere. A sync journal is Ottla's; and where there are no recovery
 * points, there is nothing else to tell damage by.
 */
export function areHighWatermarksDurable(
  journaled: JournaledLogs | null,
  recoveryPoints: CheckpointedOffsets,
): boolean {
  return journaled !== null || recoveryPoints.size === 0;
}

/** A checkpoint is a lower bound, so a damaged one counts as empty: the logs are scanned then. */
function readOffsets(context: LogContext, path: string): CheckpointedOffsets {
  try {
    return readOffsetCheckpoint(context.ports.disk, path);
  } catch (error) {
    if (!(error instanceof MalformedCheckpointError)) throw error;
    context.logger.warn("a damaged checkpoint is ignored", { path, cause: error });
    return new Map();
  }
}

function findPartitions(
  context: LogContext,
  directory: LogDirectory,
): { readonly partitions: TopicPartition[]; readonly futures: FoundFuture[] } {
  const { disk } = context.ports;
  const partitions: TopicPartition[] = [];
  const futures: FoundFuture[] = [];
  for (const name of disk.list(directory.path)) {
    const path = `${directory.path}/${name}`;
    if (disk.status(path)?.kind !== "directory") {
      // What a crash left of a replacement that did not happen.
      if (name.endsWith(".tmp")) disk.remove(path);
      continue;
    }
    if (isDeletedDirectoryName(name)) directory.doomed.addDirectory(path, 0);
    else {
      const future = parseFutureDirectoryName(name);
      if (future !== null) futures.push({ ...future, path });
      const partition = parseLogDirectoryName(name);
      // The metadata log is its engine's, also where it lies among the others.
      if (partition !== null && partition.topic !== CLUSTER_METADATA_TOPIC) partitions.push(partition);
    }
  }
  return { partitions, futures };
}
