// Brings the directory of a metadata log into a state that can be worked with, blocking, at start: makes what
// is missing, sweeps leftovers of a crash, checks every batch, cuts a torn tail. A hole in the middle is no
// torn tail: acknowledged metadata would be lost, so the start is refused. After a failed sync what is read
// may be in the system's cache alone: it is written anew before it counts. Not here: writing
// (embedded-meta-log.ts).
import { type Disk, hasFailedSyncMarker, type Logger, removeFailedSyncMarker } from "@ottla/ports";
import { METADATA_TOPIC_UUID, type Offset } from "@ottla/protocol";
import { MetadataError } from "../../../metadata-error.ts";
import { type KraftState, replayKraftControls, staticKraftState } from "../../../records/kraft-state.ts";
import { isLeftover, segmentBaseName, segmentsIn } from "./file-names.ts";
import type { EpochStart } from "./leader-epochs.ts";
import { MetadataSegment } from "./metadata-segment.ts";
import { decodeQuorumState, QUORUM_STATE_FILE } from "./quorum-state.ts";
import { scanSegment, soundBatchFollows } from "./segment-scan.ts";
import { Snapshots } from "./snapshots.ts";

/** What a directory holds. */
export interface OpenedDirectory {
  readonly snapshots: Snapshots;
  /** At least one; the last is active. */
  readonly segments: MetadataSegment[];
  readonly tail: Offset;
  /** Epoch of the last batch or of the newest snapshot. */
  readonly epoch: number;
  /** The highest epoch ever claimed here, used or not. */
  readonly claimedEpoch: number;
  readonly epochStarts: EpochStart[];
  readonly kraft: KraftState;
  readonly bytesSinceSnapshot: number;
}

const PARTITION_METADATA_FILE = "partition.metadata";

/** `logger` hears of what was repaired. @throws MetadataError, DiskError */
export function openDirectory(disk: Disk, directory: string, logger: Logger): OpenedDirectory {
  if (disk.status(directory) === null) disk.makeDirectory(directory);
  // Also when it was there: a start that died may have made it and not synced its name.
  disk.syncDirectory(directory.slice(0, directory.lastIndexOf("/")));
  for (const name of disk.list(directory)) if (isLeftover(name)) disk.remove(`${directory}/${name}`);
  const partitionMetadata = `${directory}/${PARTITION_METADATA_FILE}`;
  if (disk.status(partitionMetadata) === null) {
    disk.replaceFile(
      partitionMetadata,
      new TextEncoder().encode(`version: 0\ntopic_id: ${METADATA_TOPIC_UUID}`),
    );
  }
  const snapshots = new Snapshots(disk, directory);
  const scan = new DirectoryScan(disk, directory, snapshots, logger);
  scan.run();
  disk.syncDirectory(directory);
  if (hasFailedSyncMarker(disk, directory)) {
    for (const segment of scan.found().segments) segment.writeAnew();
    removeFailedSyncMarker(disk, directory);
    logger.warn(`${directory}: a sync failed before this start; the metadata log was written anew`);
  }
  return { ...scan.found(), claimedEpoch: Math.max(scan.epoch, claimedEpoch(disk, directory)) };
}

function claimedEpoch(disk: Disk, directory: string): number {
  const path = `${directory}/${QUORUM_STATE_FILE}`;
  return disk.status(path) === null ? 0 : decodeQuorumState(disk.readFile(path)).leaderEpoch;
}

class DirectoryScan {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #snapshots: Snapshots;
  readonly #logger: Logger;
  readonly #segments: MetadataSegment[] = [];
  readonly #epochStarts: EpochStart[] = [];
  #kraft: KraftState = staticKraftState;
  #tail = 0;
  #bytesSinceSnapshot = 0;
  epoch = 0;

  constructor(disk: Disk, directory: string, snapshots: Snapshots, logger: Logger) {
    this.#disk = disk;
    this.#directory = directory;
    this.#snapshots = snapshots;
    this.#logger = logger;
  }

  found(): Omit<OpenedDirectory, "claimedEpoch"> {
    return {
      snapshots: this.#snapshots,
      segments: this.#segments,
      tail: this.#tail as Offset,
      epoch: this.epoch,
      epochStarts: this.#epochStarts,
      kraft: this.#kraft,
      bytesSinceSnapshot: this.#bytesSinceSnapshot,
    };
  }

  run(): void {
    const newest = this.#snapshots.newest;
    const bases = segmentsIn(this.#disk.list(this.#directory));
    const start = bases[0] ?? newest?.endOffset ?? (0 as Offset);
    if (start > (newest?.endOffset ?? 0)) {
      throw new MetadataError(
        `${this.#directory}: the log starts at offset ${start} and no snapshot reaches it`,
      );
    }
    if (newest !== null) {
      this.#kraft = this.#snapshots.read(newest).kraft;
      this.epoch = newest.epoch;
    }
    this.#tail = start;
    for (const [index, base] of bases.entries()) this.#openSegment(base, index === bases.length - 1);
    if (newest !== null && this.#tail < newest.endOffset) this.#startAfter(newest.endOffset);
    else if (this.#segments.length === 0) this.#segments.push(this.#segmentAt(start));
  }

  #openSegment(base: Offset, isLast: boolean): void {
    const { newest } = this.#snapshots;
    if (base !== this.#tail) {
      throw new MetadataError(
        `${this.#directory}: offsets ${this.#tail} to ${base - 1} of the log are missing`,
      );
    }
    const segment = this.#segmentAt(base);
    this.#segments.push(segment);
    const scan = scanSegment(segment.log, base, (batch) => {
      segment.note(batch);
      // The snapshot's own state counts up to its end.
      if (batch.baseOffset >= (newest?.endOffset ?? 0)) {
        this.#kraft = replayKraftControls(this.#kraft, batch.controls);
        this.#bytesSinceSnapshot += batch.bytes;
      }
      if (batch.epoch !== this.#epochStarts.at(-1)?.epoch) {
        this.#epochStarts.push({ epoch: batch.epoch, startOffset: batch.baseOffset });
      }
      this.epoch = Math.max(this.epoch, batch.epoch);
      this.#tail = batch.lastOffset + 1;
    });
    if (scan.problem === null) return;
    const path = segment.log.path;
    if (!isLast || soundBatchFollows(segment.log, scan.validBytes, this.#tail as Offset)) {
      throw new MetadataError(
        `${path} is damaged at byte ${scan.validBytes} (${scan.problem}) before its end: metadata was lost. ` +
          "Restore the directory from a copy",
      );
    }
    const lost = segment.log.size() - scan.validBytes;
    segment.cut();
    this.#logger.warn(`${path}: cut ${lost} byte(s) of an unfinished append at byte ${scan.validBytes}`);
  }

  /** The newest snapshot is ahead of the log: the log goes on behind it. */
  #startAfter(endOffset: Offset): void {
    for (const segment of this.#segments.splice(0)) {
      segment.close();
      removeSegment(this.#disk, this.#directory, segment.baseOffset);
    }
    this.#epochStarts.length = 0;
    this.#bytesSinceSnapshot = 0;
    this.#tail = endOffset;
    this.#segments.push(this.#segmentAt(endOffset));
  }

  #segmentAt(base: Offset): MetadataSegment {
    return MetadataSegment.open(this.#disk, this.#directory, base);
  }
}

/**
 * Removes the files of a closed segment, for good: were the next one's removal to survive a crash and this
 * one not, the log would have a hole. Files that are not there are no concern.
 */
export function removeSegment(disk: Disk, directory: string, baseOffset: Offset): void {
  // The log goes last: as long as it is there, the segment is.
  for (const suffix of ["snapshot", "txnindex", "timeindex", "index", "log"]) {
    const path = `${directory}/${segmentBaseName(baseOffset)}.${suffix}`;
    if (disk.status(path) !== null) disk.remove(path);
  }
  disk.syncDirectory(directory);
}
