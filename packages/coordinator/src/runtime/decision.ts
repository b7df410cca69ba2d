// The shape of every stateful decision of a coordinator: what goes to the log, and the answer that is true
// once it is there.
import type { ErrorSpec } from "@ottla/protocol";
import type { EncodedRecord } from "./coordinator-shard.ts";

/**
 * The moment of a decision. Monotonic time drives timeouts, wall time (whole milliseconds since 1970) goes
 * into records.
 */
export interface DecisionTime {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/**
 * What a pure core wants done. `reply` becomes visible when `records` are committed; until then the state is
 * speculative.
 */
export interface Decision<Reply, Rec> {
  readonly records: readonly Rec[];
  /** The encoded form of each record, where the codec was asked in advance. */
  readonly encoded?: readonly EncodedRecord[];
  readonly reply: Reply;
  /** True: all records in one batch, or none. False: any prefix of them may stand alone. */
  readonly atomic: boolean;
  /**
   * The answer rests on soft state alone: it leaves at once, not after what was decided before it. Only
   * without records.
   */
  readonly isSoft?: boolean;
  /**
   * Called before the reply: with null once the records are committed, else with why not; the state is
   * reverted by then.
   */
  readonly settled?: (error: ErrorSpec | null, now: DecisionTime) => void;
}
