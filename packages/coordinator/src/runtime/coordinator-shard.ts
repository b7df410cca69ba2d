// What the runtime asks of the state machine of one coordinator partition. A shard decides and replays; it does no I/O.
// Group, transaction and share coordinators are siblings behind this interface.
import type { ErrorSpec } from "@ottla/protocol";
import type { SnapshotRegistry } from "@ottla/timeline";
import type { Decision } from "./decision.ts";

/** Where a record stands and who wrote it; `producerId` is -1 outside of transactions. */
export interface ReplayContext {
  readonly offset: number;
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** Timers of one shard, by name. Soft state: they end with the shard. */
export interface ShardTimers<Rec> {
  /**
   * Runs `decide` as a write when monotonic time reaches `dueMs`; takes the place of a timer of the same name. Cheap to move
   * to a later time again and again.
   */
  set(name: string, dueMs: number, decide: TimerDecide<Rec>): void;
  cancel(name: string): void;
}

/** What a timer does; its decision goes the way of every other. */
export type TimerDecide<Rec> = (nowMs: number) => Decision<void, Rec>;

/** What a shard is given at its start. */
export interface ShardContext<Rec> {
  readonly partition: number;
  /** Snapshots of the shard's durable state; the runtime takes, commits and reverts them. */
  readonly registry: SnapshotRegistry;
  readonly timers: ShardTimers<Rec>;
}

/** The state machine of one partition. */
export interface CoordinatorShard<Rec> {
  /** The only function that changes durable state, live and at load alike. */
  replay(record: Rec, context: ReplayContext): void;
  /** The end of a producer's transaction in this partition. */
  replayEndTransaction(producerId: number, producerEpoch: number, isCommit: boolean): void;
  /** The log is replayed: soft state (members, timers) can be made from the durable one. */
  loaded(nowMs: number): Decision<void, Rec>;
  /** The partition is no longer led here: whoever waits in soft state is answered with `error`. */
  unloaded(error: ErrorSpec): void;
}

/** Between a shard's records and Kafka's bytes. */
export interface RecordCodec<Rec> {
  encode(record: Rec): { readonly key: Uint8Array; readonly value: Uint8Array | null };
  /** Null for a record of a kind this program does not know: it is skipped. Throws DecodeError on damage. */
  decode(key: Uint8Array, value: Uint8Array | null): Rec | null;
}
