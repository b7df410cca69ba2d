// One log directory looked at: identity, checkpoints, journal and markers, leftovers, then each of its logs.
// Reads only; beside a broker in use it says what may be in motion. Checkpoints are read before the logs, so
// that a log in use is never behind what they tell. Not here: who may look at the same time, and how it is
// run (look-at-directory.ts).
import { DiskError, hasFailedSyncMarker } from "@ottla/ports";
import { CLUSTER_METADATA_TOPIC, type Uuid, ZERO_UUID } from "@ottla/protocol";
import { MalformedCheckpointError } from "../checkpoint/checkpoint-text.ts";
import { readCleanShutdownMarker } from "../checkpoint/clean-shutdown-marker.ts";
import { META_PROPERTIES, type MetaProperties, readMetaProperties } from "../checkpoint/meta-properties.ts";
import {
  type CheckpointedOffsets,
  CLEANER_OFFSET_CHECKPOINT,
  LOG_START_OFFSET_CHECKPOINT,
  RECOVERY_POINT_CHECKPOINT,
  REPLICATION_OFFSET_CHECKPOINT,
  readOffsetCheckpoint,
} from "../checkpoint/offset-checkpoint.ts";
import { readPartitionMetadata } from "../checkpoint/partition-metadata.ts";
import type { Cleaning } from "../cleaner/cleaning.ts";
import { parseLogDirectoryName } from "../directory/log-directory-name.ts";
import { areHighWatermarksDurable } from "../directory/open-directory.ts";
import { SYNC_JOURNAL } from "../journal/journal-format.ts";
import { readSyncJournal } from "../journal/journal-reader.ts";
import type { JournaledLogs } from "../journal/journaled-logs.ts";
import { filesToCheck } from "../recovery/files-to-check.ts";
import type { Finding } from "./finding.ts";
import { leftoverDirectory } from "./leftovers.ts";
import type { LogFacts, VerifiedLog } from "./verified-log.ts";
import { type Look, verifyLog } from "./verify-log.ts";
import { verifyMetadataSnapshots } from "./verify-metadata-snapshots.ts";

/** What is looked at. */
export interface DirectoryToVerify {
  /** Absolute. */
  readonly path: string;
  /** Names of the partitions' directories; null: all. */
  readonly partitions: ReadonlySet<string> | null;
  readonly isInUse: boolean;
}

/** What a look at a directory answers. */
export interface VerifiedDirectory {
  readonly path: string;
  readonly identity: MetaProperties | null;
  readonly isInUse: boolean;
  /** The last user stopped in order. */
  readonly wasClean: boolean;
  readonly logs: readonly VerifiedLog[];
  readonly findings: readonly Finding[];
}

interface Checkpoints {
  readonly recoveryPoints: CheckpointedOffsets;
  readonly highWatermarks: CheckpointedOffsets;
  readonly logStartOffsets: CheckpointedOffsets;
  readonly cleanedEndOffsets: CheckpointedOffsets;
}

/** Looks. Throws `DiskError` where the directory itself cannot be read. */
export function* verifyDirectory(look: Look, target: DirectoryToVerify): Cleaning<VerifiedDirectory> {
  return yield* new DirectoryLook(look, target).run();
}

class DirectoryLook {
  readonly #look: Look;
  readonly #target: DirectoryToVerify;
  readonly #names: readonly string[];

  constructor(look: Look, target: DirectoryToVerify) {
    this.#look = look;
    this.#target = target;
    this.#names = look.context.ports.disk.list(target.path);
  }

  *run(): Cleaning<VerifiedDirectory> {
    const { findings } = this.#look;
    const { disk } = this.#look.context.ports;
    const { path, isInUse, partitions } = this.#target;
    const identity = this.#identity();
    const hasFailedSync = hasFailedSyncMarker(disk, path);
    if (isInUse) findings.add("in-use", path, "nobody");
    else if (hasFailedSync) findings.add("failed-sync", path, "broker");
    const checkpoints = this.#checkpoints();
    const wasClean = !isInUse && readCleanShutdownMarker(disk, path) !== null && !hasFailedSync;
    const journaled = isInUse || wasClean ? null : this.#journal();
    const logs: VerifiedLog[] = [];
    const present = new Set<string>();
    for (const name of this.#names) {
      if (disk.status(`${path}/${name}`)?.kind !== "directory") continue;
      const leftover = leftoverDirectory(name);
      if (leftover !== null && partitions === null) {
        const mendedBy = leftover === "deleted-directory" ? "repair" : "broker";
        findings.add(leftover, `${path}/${name}`, mendedBy);
      }
      const partition = parseLogDirectoryName(name);
      if (partition === null || leftover !== null) continue;
      present.add(name);
      if (partitions !== null && !partitions.has(name)) continue;
      const facts = this.#facts(name, checkpoints, wasClean, journaled);
      if (facts === null) continue;
      const log = yield* this.#lookAtLog(facts);
      if (log !== null) logs.push(log);
    }
    this.#lookAtLines(checkpoints, present);
    if (!isInUse && !wasClean && logs.length > 0) this.#lookAtUncleanStop(checkpoints);
    return { path, identity, isInUse, wasClean, logs, findings: findings.all };
  }

  #identity(): MetaProperties | null {
    const { findings } = this.#look;
    const { path } = this.#target;
    const file = `${path}/${META_PROPERTIES}`;
    try {
      const meta = readMetaProperties(this.#look.context.ports.disk, path);
      if (meta === null) findings.add("not-formatted", file, "nobody");
      return meta;
    } catch (error) {
      if (!(error instanceof MalformedCheckpointError)) throw error;
      const reason = error.message.slice(file.length + 2);
      findings.add("malformed-meta-properties", file, "nobody", { reason });
      return null;
    }
  }

  #checkpoints(): Checkpoints {
    const offsets = (name: string): CheckpointedOffsets => {
      const path = `${this.#target.path}/${name}`;
      try {
        return readOffsetCheckpoint(this.#look.context.ports.disk, path);
      } catch (error) {
        if (!(error instanceof MalformedCheckpointError)) throw error;
        const reason = error.message.slice(path.length + 2);
        this.#look.findings.add("malformed-checkpoint", path, "broker", { reason });
        return new Map();
      }
    };
    return {
      recoveryPoints: offsets(RECOVERY_POINT_CHECKPOINT),
      highWatermarks: offsets(REPLICATION_OFFSET_CHECKPOINT),
      logStartOffsets: offsets(LOG_START_OFFSET_CHECKPOINT),
      cleanedEndOffsets: offsets(CLEANER_OFFSET_CHECKPOINT),
    };
  }

  /** What a start would put back from it. */
  #journal(): JournaledLogs | null {
    const { context, findings } = this.#look;
    const path = `${this.#target.path}/${SYNC_JOURNAL}`;
    let reason: string | null = null;
    const logger = { ...context.logger, error: (message: string) => (reason = message) };
    const journaled = readSyncJournal(context.ports.disk, this.#target.path, logger);
    if (journaled === null) return null;
    if (reason !== null) findings.add("journal-damaged", path, "broker", { reason });
    findings.add("journal", path, "broker", { bytes: journaled.bytes });
    return journaled;
  }

  /** Null for a log that went meanwhile. */
  #facts(
    name: string,
    checkpoints: Checkpoints,
    wasClean: boolean,
    journaledLogs: JournaledLogs | null,
  ): LogFacts | null {
    const { recoveryPoints, highWatermarks, logStartOffsets, cleanedEndOffsets } = checkpoints;
    const { isInUse } = this.#target;
    const path = `${this.#target.path}/${name}`;
    const isMetadata = name === `${CLUSTER_METADATA_TOPIC}-0`;
    const topicId = isMetadata ? ZERO_UUID : this.#topicId(path);
    const journaled = topicId === ZERO_UUID ? null : (journaledLogs?.log(name, topicId) ?? null);
    const recoveryPoint = recoveryPoints.get(name) ?? 0;
    const isDurable = areHighWatermarksDurable(journaledLogs, recoveryPoints);
    const highWatermark = isDurable ? (highWatermarks.get(name) ?? 0) : 0;
    return {
      path,
      isInUse,
      wasClean,
      recoveryPoint,
      durableEndOffset: Math.max(recoveryPoint, highWatermark, journaled?.endOffset ?? 0),
      logStartOffset: logStartOffsets.get(name) ?? 0,
      journaled,
      isCompacted: cleanedEndOffsets.has(name),
      isMetadata,
    };
  }

  #topicId(path: string): Uuid {
    try {
      return readPartitionMetadata(this.#look.context.ports.disk, path) ?? ZERO_UUID;
    } catch (error) {
      if (!(error instanceof MalformedCheckpointError)) throw error;
      // Told where the log is looked at.
      return ZERO_UUID;
    }
  }

  /** Null where it cannot be read to its end, which is told. */
  *#lookAtLog(facts: LogFacts): Cleaning<VerifiedLog | null> {
    const { findings, context } = this.#look;
    try {
      const log = yield* verifyLog(this.#look, facts);
      if (facts.isMetadata) verifyMetadataSnapshots(context, facts.path, findings);
      return log;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      const isGone = facts.isInUse && error.code === "ENOENT";
      const kind = isGone ? "gone-meanwhile" : "unreadable";
      findings.add(kind, error.path, "nobody", { reason: `${error.operation}: ${error.code}` });
      return null;
    }
  }

  #lookAtLines(checkpoints: Checkpoints, present: ReadonlySet<string>): void {
    if (this.#target.partitions !== null || this.#target.isInUse) return;
    const stale = new Set<string>();
    for (const lines of Object.values(checkpoints) as CheckpointedOffsets[]) {
      for (const name of lines.keys()) if (!present.has(name)) stale.add(name);
    }
    if (stale.size === 0) return;
    const some = [...stale].sort().slice(0, STALE_NAMES_TOLD).join(", ");
    const reason =
      stale.size > STALE_NAMES_TOLD ? `${some} and ${stale.size - STALE_NAMES_TOLD} others` : some;
    this.#look.findings.add("stale-checkpoint-lines", this.#target.path, "broker", { reason });
  }

  #lookAtUncleanStop({ recoveryPoints }: Checkpoints): void {
    const { context, findings } = this.#look;
    const { path } = this.#target;
    let bytes = 0;
    for (const name of this.#names) {
      const partition = parseLogDirectoryName(name);
      if (partition === null || partition.topic === CLUSTER_METADATA_TOPIC) continue;
      const files = filesToCheck(
        context.files,
        context.ports.disk,
        `${path}/${name}`,
        recoveryPoints.get(name) ?? 0,
      );
      for (const { position, end } of files) bytes += end - position;
    }
    findings.add("unclean-stop", path, "broker", { bytes });
  }
}

const STALE_NAMES_TOLD = 5;
