// Records on their way to a reader: views on memory that the log keeps unchanged until `release`.
// Invariant: every slice is released exactly once; memory is filled again only when no slice holds it.
import type { ErrorSpec, Offset } from "@ottla/protocol";

/** Contiguous bytes of the log in one or more parts. */
export interface LogSlice {
  readonly parts: readonly Uint8Array[];
  /** Sum of the parts' lengths. */
  readonly bytes: number;
  /** Exactly once, when nothing reads the parts any more. */
  release(): void;
}

/** What to read. */
export interface ReadRequest {
  /** The first batch is the one that holds this offset. */
  readonly offset: Offset;
  /** Bytes wanted; like Apache Kafka the last batch may be cut there. */
  readonly bytesMax: number;
  /** The first batch comes whole even when it is larger than `bytesMax`. */
  readonly atLeastOneBatch: boolean;
  /** Exclusive: high watermark, last stable offset or written end. Nothing beyond the written end is read. */
  readonly upperBound: Offset;
}

/**
 * `slice`: the records, possibly none. `out-of-range`: the offset lies before the log start or beyond the log
 * end. `failed`: CORRUPT_MESSAGE where the log is damaged, KAFKA_STORAGE_ERROR where the disk does not give
 * it.
 */
export type ReadResult =
  | { readonly kind: "slice"; readonly slice: LogSlice }
  | { readonly kind: "out-of-range" }
  | { readonly kind: "failed"; readonly error: ErrorSpec; readonly message: string };

export type ReadDone = (result: ReadResult) => void;

/** A slice of nothing; release does nothing. */
export const EMPTY_SLICE: LogSlice = Object.freeze({ parts: Object.freeze([]), bytes: 0, release: () => {} });

/** The answer "nothing there yet". */
export const EMPTY_READ: ReadResult = Object.freeze({ kind: "slice", slice: EMPTY_SLICE });

/** The answer "no such offset". */
export const OUT_OF_RANGE: ReadResult = Object.freeze({ kind: "out-of-range" });
