// One partition's log. Signatures first; see README.md.
import type { LogConfig } from "@ottla/config";
import type { LeaderEpoch, Offset, Uuid } from "@ottla/protocol";
import type { AppendDone, AppendOptions } from "./append/append-outcome.ts";
import type { EpochEndOffset } from "./leader-epoch/epoch-end-offset.ts";
import type { LogListener } from "./log-listener.ts";
import type { ReadDone, ReadRequest } from "./read/log-slice.ts";
import type { TimestampDone } from "./read/timestamp-offset.ts";

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

export declare class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly topicId: Uuid;
  /** Path of the log directory (not of the partition's). */
  readonly directory: string;
  listener: LogListener;
  get config(): LogConfig;
  updateConfig(config: LogConfig): void;

  get logStartOffset(): Offset;
  get logEndOffset(): Offset;
  get writtenEndOffset(): Offset;
  get durableEndOffset(): Offset;
  get highWatermark(): Offset;
  get lastStableOffset(): Offset;
  get sizeInBytes(): number;
  /** False after a failed write until the log reopened. */
  get isWritable(): boolean;
  updateHighWatermark(offset: Offset): void;

  /** `records` is valid during the call. `done` runs before the return unless a compressed body over 64 KiB goes through the pool. */
  appendAsLeader(records: Uint8Array, options: AppendOptions, done: AppendDone): void;
  appendAsFollower(records: Uint8Array, done: AppendDone): void;
  read(request: ReadRequest, done: ReadDone): void;

  /** First record at or after `logStartOffset` whose timestamp is at least `timestampMs` (ListOffsets). */
  offsetForTimestamp(timestampMs: number, done: TimestampDone): void;
  /** Record with the largest timestamp (ListOffsets -3). */
  maxTimestampOffset(done: TimestampDone): void;
  /** ListOffsets -4, -5 and -6 of a log without tiered storage. */
  get earliestLocalOffset(): Offset;

  /** -1 when no record ever was. */
  get latestEpoch(): number;
  /** Epoch of the record at `offset`, -1 when unknown. */
  epochForOffset(offset: number): number;
  endOffsetFor(leaderEpoch: number): EpochEndOffset;
  /** A leader starts: its first record will be at `startOffset`. */
  assignEpochStart(leaderEpoch: LeaderEpoch, startOffset: Offset): void;

  abortedTransactions(from: Offset, to: Offset): AbortedTransaction[];
  /** Cuts everything at and above `offset`. */
  truncateTo(offset: Offset): void;
  truncateFullyAndStartAt(offset: Offset): void;
  /** Moves the log start up; the caller has checked it against the high watermark. False when it would go beyond. */
  deleteRecordsBelow(offset: Offset): boolean;
}
