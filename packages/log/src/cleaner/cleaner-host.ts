// What the cleaner asks of the one who keeps the logs (log-manager.ts).
import type { DiskDone, DiskError } from "@ottla/ports";
import type { PartitionLog } from "../partition-log.ts";
import type { LogSegment } from "../segment/log-segment.ts";

/** The keeper of the logs. */
export interface CleanerHost {
  logs(): Iterable<PartitionLog>;
  /** The log is still one of `logs`, in a directory that is online. */
  has(log: PartitionLog): boolean;
  /** The files of these segments are no longer part of a log. Throws `DiskError`. */
  retire(log: PartitionLog, segments: readonly LogSegment[]): void;
  /** `done` in a later turn, once the recovery points as they are now would be found after a crash. */
  saveRecoveryPoints(log: PartitionLog, done: DiskDone): void;
  /**
   * The log's files are in between two states: it takes no appends until it is open again. Nor does any other
   * log of its directory when a sync failed: that is never tried again.
   */
  failed(log: PartitionLog, error: DiskError): void;
}

/** Nobody knows what the disk has of what was to be synced. */
export function isFailedSync({ operation }: DiskError): boolean {
  return operation === "sync" || operation === "syncDirectory";
}
