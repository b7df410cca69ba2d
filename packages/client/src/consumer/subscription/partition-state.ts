// What the consumer knows of one partition that it is assigned: where reading goes on, and what keeps it
// from being read. Invariant: a partition is read only with a position that is known, valid in the leader's
// epochs and not being looked for.
import type { TopicPartition } from "../../assignors/topic-partition.ts";
import type { OffsetResetStrategy } from "../offsets/offset-reset-strategy.ts";
import { partitionKey } from "../topic-partition-map.ts";

export class PartitionState implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  /** Next offset to give to the user; null until known. */
  position: number | null = null;
  /** Epoch of the record before the position, as far as known; for validation (KIP-320). */
  positionEpoch: number | null = null;
  /** Leader epoch in which the position was last known to be good. */
  validatedEpoch: number | null = null;
  isPaused = false;
  /** Being given up: not read any more while the user's callback runs. */
  isRevoking = false;
  /** Not read before the user's callback about it has run. */
  isAwaitingCallback = false;
  /** The position has to be looked for by this strategy. */
  reset: OffsetResetStrategy | null = null;
  /** A look-up of position or epoch is on its way. */
  isLookingUp = false;
  /** Monotonic time before which no look-up is sent. */
  retryAtMs = 0;
  needsValidation = false;
  /** From the last fetch; null until known. */
  highWatermark: number | null = null;
  lastStableOffset: number | null = null;
  logStartOffset: number | null = null;
  /** Replica that the leader named for reading (KIP-392), until a monotonic time. */
  preferredReplica: { readonly nodeId: number; readonly untilMs: number } | null = null;

  constructor({ topic, partition }: TopicPartition) {
    this.topic = topic;
    this.partition = partition;
    this.key = partitionKey(this);
  }

  /** Fetch may ask for it. */
  get isFetchable(): boolean {
    return !this.isPaused && !this.isRevoking && !this.isAwaitingCallback && this.hasValidPosition;
  }

  get hasValidPosition(): boolean {
    return this.position !== null && this.reset === null && !this.needsValidation;
  }

  /** The last fetch told of records behind the position. */
  get isKnownToHaveMore(): boolean {
    return this.position !== null && this.highWatermark !== null && this.position < this.highWatermark;
  }

  /** Nothing is known of where to read: a committed offset or a reset has to tell. */
  get isInitializing(): boolean {
    return this.position === null && this.reset === null;
  }

  /** Reading goes on at `offset`. */
  seek(offset: number, epoch: number | null): void {
    this.position = offset;
    this.positionEpoch = epoch;
    this.validatedEpoch = null;
    this.needsValidation = false;
    this.reset = null;
    this.preferredReplica = null;
    this.retryAtMs = 0;
  }

  /** Reading goes on where `strategy` says. */
  requestReset(strategy: OffsetResetStrategy): void {
    this.reset = strategy;
    this.needsValidation = false;
    this.preferredReplica = null;
  }

  /** The user has been given the records before `offset`. */
  advance(offset: number, epoch: number | null): void {
    this.position = offset;
    if (epoch !== null) this.positionEpoch = epoch;
  }
}
