// What the owner of a log (the broker's partition) is told about its ends.
import type { DiskError } from "@ottla/ports";
import type { PartitionLog } from "./partition-log.ts";

/** Set once per log by its owner. */
export interface LogListener {
  /**
   * `writtenEndOffset` moved; called during `flushDirty`, and when a failed log opened again. In page-cache
   * mode `durableEndOffset` moved with it.
   */
  written(log: PartitionLog): void;
  /** `durableEndOffset` moved; called in a later turn than the write. Not called in page-cache mode. */
  durable(log: PartitionLog): void;
  /**
   * A write or fdatasync failed: what is beyond `writtenEndOffset` is gone, appends are refused with
   * KAFKA_STORAGE_ERROR until the log has reopened (never, when its directory went offline).
   */
  failed(log: PartitionLog, error: DiskError): void;
  /**
   * The partition was moved to another log directory: `by` holds the same records and is its log from now on;
   * the listener belongs to it already.
   */
  replaced?(log: PartitionLog, by: PartitionLog): void;
}

/** For logs that nobody watches yet. */
export const NO_LISTENER: LogListener = Object.freeze({ written() {}, durable() {}, failed() {} });
