// What the runtime asks of the state machine of one coordinator partition. A shard decides and replays; it
// does no I/O. Group, transaction and share coordinators are siblings behind this interface.
import type { ErrorSpec } from "@ottla/protocol";
import type { SnapshotRegistry } from "@ottla/timeline";
import type { Decision, DecisionTime } from "./decision.ts";

/** Where a record stands and who wrote it; `producerId` is -1 outside of transactions. */
export interface ReplayContext {
  readonly offset: number;
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** A timer of a shard: soft state that ends with the shard. */
export interface ShardTimer {
  /**
   * Sets or moves it to monotonic time `dueMs`. Moving it to a later time again and again costs next to
   * nothing.
   */
  set(dueMs: number): void;
  cancel(): void;
}

/** What a timer does when it is due; the decision goes the way of every other. */
export type TimerDecide<Rec> = (now: DecisionTime) => Decision<void, Rec>;

/** What a shard is given at its start. */
export interface ShardContext<Rec> {
  readonly partition: number;
  /** Snapshots of the shard's durable state; the runtime takes, commits and reverts them. */
  readonly registry: SnapshotRegistry;
  newTimer(decide: TimerDecide<Rec>): ShardTimer;
  /**
   * Runs `answer` after the present decision: soft state answers whoever waits in it this way, so that an
   * answer that brings the next request never meets a half-made decision.
   */
  answerLater(answer: () => void): void;
}

/** The state machine of one partition. */
export interface CoordinatorShard<Rec> {
  /** Changes durable state, live and at load alike; with `replayEndTransaction` the only one that does. */
  replay(record: Rec, context: ReplayContext): void;
  /** The end of a producer's transaction in this partition. */
  replayEndTransaction(producerId: number, isCommit: boolean): void;
  /** The log is replayed: soft state (members, timers) can be made from the durable one. */
  loaded(now: DecisionTime): Decision<void, Rec>;
  /** The partition is no longer led here: whoever waits in soft state is answered with `error`. */
  unloaded(error: ErrorSpec): void;
}

/** Between a shard's records and Kafka's bytes. */
export interface RecordCodec<Rec> {
  encode(record: Rec): EncodedRecord;
  /**
   * Null for a record of a kind this program does not know. Keeps no view of the bytes. Throws DecodeError on
   * damage.
   */
  decode(key: Uint8Array, value: Uint8Array | null): Rec | null;
}

export interface EncodedRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}
