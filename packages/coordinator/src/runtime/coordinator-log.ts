// The log of one coordinator partition as the runtime needs it. Package broker implements it on its
// partition; tests in memory. Only the runtime appends to it while it is the leader. Not here: who leads, and
// how records become durable.
import type { ErrorSpec } from "@ottla/protocol";

/** What became of an append. */
export type CoordinatorAppendOutcome =
  | { readonly kind: "appended"; readonly firstOffset: number; readonly lastOffset: number }
  | { readonly kind: "refused"; readonly error: ErrorSpec };

/**
 * What a read gave: whole batches in order (the last may be cut), the log's end, or why nothing could be
 * read.
 */
export type CoordinatorReadResult =
  | { readonly kind: "batches"; readonly bytes: readonly Uint8Array[]; release(): void }
  | { readonly kind: "end" }
  | { readonly kind: "failed"; readonly error: ErrorSpec };

/** One partition of a coordinator's internal topic, led by this broker. */
export interface CoordinatorLog {
  readonly logStartOffset: number;
  /** The offset the next append gets. */
  readonly logEndOffset: number;
  /** Records below it are committed. */
  readonly highWatermark: number;
  /** Bytes of the largest batch that an append takes (`max.message.bytes` of the topic). */
  readonly batchBytesMax: number;
  /** Appends one batch, origin "coordinator". `done` runs once, usually before the return. */
  append(batch: Uint8Array, done: (outcome: CoordinatorAppendOutcome) => void): void;
  /**
   * Reads from the batch that holds `offset` up to the log's end; at least one whole batch comes, however
   * large. `done` runs once, before the return or in a later turn; the runtime releases the bytes once.
   */
  read(offset: number, bytesMax: number, done: (result: CoordinatorReadResult) => void): void;
}
