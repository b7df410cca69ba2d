// The answer of a look-up by time, and how it may fail.
import type { ErrorSpec } from "@ottla/protocol";

/** A record found by time. Offset -1, timestamp -1 and epoch -1: there is none. */
export interface TimestampOffset {
  readonly offset: number;
  readonly timestamp: number;
  readonly leaderEpoch: number;
}

export type TimestampResult =
  | { readonly kind: "found"; readonly found: TimestampOffset }
  | { readonly kind: "failed"; readonly error: ErrorSpec; readonly message: string };

export type TimestampDone = (result: TimestampResult) => void;

export const NO_TIMESTAMP_OFFSET: TimestampOffset = Object.freeze({
  offset: -1,
  timestamp: -1,
  leaderEpoch: -1,
});
