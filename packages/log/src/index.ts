// The door of package log.
export type {
  AppendDone,
  Appended,
  AppendOptions,
  AppendOrigin,
  AppendOutcome,
  Duplicate,
  RecordError,
  Refused,
} from "./append/append-outcome.ts";
export { MalformedCheckpointError } from "./checkpoint/checkpoint-text.ts";
export { type CleanShutdown, readCleanShutdownMarker } from "./checkpoint/clean-shutdown-marker.ts";
export {
  META_PROPERTIES,
  type MetaProperties,
  readMetaProperties,
  writeMetaProperties,
} from "./checkpoint/meta-properties.ts";
export type { CleanerMetrics, UncleanableLogs } from "./cleaner/cleaner-metrics.ts";
export type { LogDamage } from "./damage/log-damage.ts";
export { isFailingDisk } from "./directory/failing-disk.ts";
export type { LogDirectory } from "./directory/log-directory.ts";
export { canHaveFutureDirectory, logDirectoryName } from "./directory/log-directory-name.ts";
export type { JournalMetrics } from "./journal/journal-metrics.ts";
export type { EpochEndOffset } from "./leader-epoch/epoch-end-offset.ts";
export { type LogListener, NO_LISTENER } from "./log-listener.ts";
export { LogManager, type LogManagerDone, type LogManagerOptions, type NewLog } from "./log-manager.ts";
export { LogManagerError } from "./log-manager-error.ts";
export { PartitionLog } from "./partition-log.ts";
export type { AbortedTransaction } from "./read/aborted-transactions.ts";
export {
  EMPTY_SLICE,
  type LogSlice,
  type ReadDone,
  type ReadRequest,
  type ReadResult,
} from "./read/log-slice.ts";
export type { TimestampDone, TimestampOffset, TimestampResult } from "./read/timestamp-offset.ts";
export type { OpeningState } from "./recovery/opening-progress.ts";
export type { ScrubMetrics } from "./scrub/scrub-metrics.ts";
export { openLogFilesMax } from "./segment/file-cache.ts";
export type { Finding, FindingKind, MendedBy } from "./verify/finding.ts";
export {
  type DirectoryLookOptions,
  type RepairDone,
  type RepairedDirectory,
  repairLogDirectory,
  type VerifyDone,
  verifyLogDirectory,
} from "./verify/look-at-directory.ts";
export type { VerifiedLog } from "./verify/verified-log.ts";
export type { VerifiedDirectory } from "./verify/verify-directory.ts";
