// What an append to a partition answers. Outcomes are data: nothing here is thrown.
// Not here: when the appended records are safe (log-listener.ts), what the outcome becomes on the wire (the
// broker).
import type { ErrorSpec, LeaderEpoch, Offset } from "@ottla/protocol";

/** Who appends. It decides what is checked: only clients are held to Kafka's rules for clients. */
export type AppendOrigin = "client" | "coordinator" | "controller";

/** How to append as leader. */
export interface AppendOptions {
  readonly origin: AppendOrigin;
  /** Stamped into every batch. */
  readonly leaderEpoch: LeaderEpoch;
  /** Level of the `transaction.version` feature a marker was written under (KIP-890); 0 when not given. */
  readonly transactionVersion?: number;
}

/** A complaint about one record of a refused batch. */
export interface RecordError {
  /** Index of the record in its batch. */
  readonly batchIndex: number;
  readonly message: string | null;
}

/** The records have offsets and are readable up to the end that the reader may see. */
export interface Appended {
  readonly kind: "appended";
  /** -1 when nothing was appended (an empty follower fetch, bytes without one whole batch). */
  readonly firstOffset: Offset;
  readonly lastOffset: Offset;
  /** Milliseconds; -1 without timestamps. */
  readonly maxTimestamp: number;
  /** Milliseconds; -1 with CreateTime. */
  readonly logAppendTimeMs: number;
  readonly logStartOffset: Offset;
}

/** An idempotent producer sent again what it had sent: the offsets it got then. */
export interface Duplicate {
  readonly kind: "duplicate";
  readonly firstOffset: Offset;
  readonly lastOffset: Offset;
  /** Max timestamp of the first delivery, in milliseconds (as Apache Kafka answers). */
  readonly logAppendTimeMs: number;
  readonly logStartOffset: Offset;
}

/** Nothing was appended. */
export interface Refused {
  readonly kind: "refused";
  readonly error: ErrorSpec;
  readonly message: string | null;
  readonly recordErrors: readonly RecordError[];
}

export type AppendOutcome = Appended | Duplicate | Refused;

/** Receives the outcome; exactly once. */
export type AppendDone = (outcome: AppendOutcome) => void;

/** No complaint about a single record. */
const NO_RECORD_ERRORS: readonly RecordError[] = Object.freeze([]);

/** A refusal without complaints about single records. */
export function refused(error: ErrorSpec, message: string | null): Refused {
  return { kind: "refused", error, message, recordErrors: NO_RECORD_ERRORS };
}
