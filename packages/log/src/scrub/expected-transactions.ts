// Aborted transactions as the batches of a log tell them, walked in order, and whether the transaction index
// of each segment says the same. An entry that is missing would show read_committed readers what was aborted;
// one too many would hide what was committed. Only for logs that compaction never touched: it takes markers
// and data. What began before the first batch that was met is not judged.
import {
  batchBaseOffset,
  batchIsControl,
  batchIsTransactional,
  batchLastOffset,
  batchProducerId,
} from "@ottla/protocol";
import { readTransactionMarker } from "../producer-state/end-txn-marker.ts";
import type { AbortedTxn, TransactionIndex } from "../segment/transaction-index.ts";

/** The transactions of one log. */
export class ExpectedTransactions {
  /** First offset, by producer, of a transaction without its marker so far. */
  readonly #open = new Map<number, number>();
  /** Producer, by offset of its abort marker in the present segment. */
  readonly #markers = new Map<number, number>();
  #aborted: AbortedTxn[] = [];

  /** Another segment begins, right behind the last one. */
  begin(): void {
    this.#markers.clear();
    this.#aborted = [];
  }

  /** A sound batch in `bytes`, from `at` to before `end`. */
  met(bytes: Uint8Array, at: number, end: number): void {
    if (!batchIsTransactional(bytes, at)) return;
    const producerId = batchProducerId(bytes, at);
    if (!batchIsControl(bytes, at)) {
      if (!this.#open.has(producerId)) this.#open.set(producerId, batchBaseOffset(bytes, at));
      return;
    }
    const marker = readTransactionMarker(bytes, at, end);
    if (marker === null) return;
    const firstOffset = this.#open.get(producerId);
    this.#open.delete(producerId);
    if (marker.isCommit) return;
    const lastOffset = batchLastOffset(bytes, at);
    this.#markers.set(lastOffset, producerId);
    // Where the last stable offset stood nobody knows any more; with the lowest one readers look on.
    if (firstOffset !== undefined)
      this.#aborted.push({ producerId, firstOffset, lastOffset, lastStableOffset: 0 });
  }

  /** Batches are missing, or cannot be read: what was open may have ended there. */
  interrupted(): void {
    this.#open.clear();
    this.#markers.clear();
    this.#aborted = [];
  }

  /** What the index of the present segment should hold; null: it does. Throws `DiskError`. */
  rightEntries(index: TransactionIndex): AbortedTxn[] | null {
    const entries = index.all();
    const right = entries.filter(
      ({ producerId, lastOffset }) => this.#markers.get(lastOffset) === producerId,
    );
    const told = new Set(right.map(({ lastOffset }) => lastOffset));
    const missing = this.#aborted.filter(({ lastOffset }) => !told.has(lastOffset));
    if (missing.length === 0 && right.length === entries.length) return null;
    return [...right, ...missing].sort((left, other) => left.lastOffset - other.lastOffset);
  }
}
