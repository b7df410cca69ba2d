// What a log asks of the one who keeps it (log-manager.ts, directory/).
import type { DiskError } from "@ottla/ports";
import type { PartitionLog } from "./partition-log.ts";
import type { OpenedLog } from "./recovery/opened-log.ts";
import type { LogSegment } from "./segment/log-segment.ts";

/** The keeper of a log. */
export interface LogOwner {
  /** A client wants to append `bytes`: false when the disk has no room for that. */
  hasRoom(bytes: number): boolean;
  /** The log has bytes to write at the end of this turn. */
  markDirty(log: PartitionLog): void;
  /** What is written shall become durable. */
  syncSoon(log: PartitionLog): void;
  /** What is written is durable in the log's own files when it returns. Throws `DiskError`. */
  syncNow(log: PartitionLog): void;
  /**
   * The files of these segments are no longer part of a log: rename now and for good, remove later. Throws
   * `DiskError`.
   */
  retire(segments: readonly LogSegment[], delayMs: number): void;
  /**
   * Bytes that were given to the sync journal are about to be no part of the log. Blocks. Throws `DiskError`.
   */
  forgetJournaled(log: PartitionLog): void;
  /** Recovery points are on disk when it returns. Throws `DiskError`. */
  checkpointNow(): void;
  /** The log refuses appends until it is opened again. */
  broken(log: PartitionLog, error: DiskError): void;
  /** Opens the files again by the recovery path. Throws `DiskError`. */
  reopen(log: PartitionLog): OpenedLog;
}
