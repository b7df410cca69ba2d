// What a cleaning knows of transactions as it walks a log: which batches belong to aborted ones, and which
// markers still have records before them. Batches come in order of offsets. Not here: when a marker that is
// no longer needed goes (filter-batch.ts).
import {
  batchBaseOffset,
  batchCount,
  batchIsTransactional,
  batchLastOffset,
  batchProducerId,
  batchSizeInBytes,
} from "@ottla/protocol";
import { readTransactionMarker } from "../../producer-state/end-txn-marker.ts";
import type { AbortedTxn } from "../../segment/transaction-index.ts";

interface OpenAborted {
  readonly aborted: AbortedTxn;
  /** A batch of it was met. */
  hasBatch: boolean;
}

/** The transactions of one walk. */
export class CleanedTransactions {
  /** By first offset, descending: the next one is the last. */
  readonly #toCome: AbortedTxn[];
  readonly #aborted = new Map<number, OpenAborted>();
  /** Producers with a batch of a transaction that was not aborted. */
  readonly #committed = new Set<number>();
  /** Told of each aborted transaction that still has batches when its marker is met. */
  onAborted: (aborted: AbortedTxn) => void = () => {};

  /** `aborted`: those with a marker at or above the offset where the walk begins. */
  constructor(aborted: readonly AbortedTxn[]) {
    this.#toCome = [...aborted].sort((left, right) => right.firstOffset - left.firstOffset);
  }

  /** Takes in a batch of records. True: it belongs to an aborted transaction. */
  dataBatch(bytes: Uint8Array, at: number): boolean {
    this.#beginUpTo(batchLastOffset(bytes, at));
    if (!batchIsTransactional(bytes, at)) return false;
    const producerId = batchProducerId(bytes, at);
    const open = this.#aborted.get(producerId);
    if (open === undefined) {
      this.#committed.add(producerId);
      return false;
    }
    open.hasBatch = true;
    return true;
  }

  /** Takes in a control batch. True: no batch of its transaction is left, so the marker may go in time. */
  controlBatch(bytes: Uint8Array, at: number): boolean {
    this.#beginUpTo(batchBaseOffset(bytes, at));
    // Cleaned before, and kept for its producer only.
    if (batchCount(bytes, at) === 0) return true;
    const marker = readTransactionMarker(bytes, at, at + batchSizeInBytes(bytes, at));
    if (marker === null) return false;
    const producerId = batchProducerId(bytes, at);
    if (marker.isCommit) return !this.#committed.delete(producerId);
    const open = this.#aborted.get(producerId);
    this.#aborted.delete(producerId);
    if (open === undefined || !open.hasBatch) return true;
    this.onAborted(open.aborted);
    return false;
  }

  #beginUpTo(offset: number): void {
    for (let next = this.#toCome.at(-1); next !== undefined && next.firstOffset <= offset; ) {
      this.#toCome.pop();
      if (!this.#aborted.has(next.producerId)) {
        this.#aborted.set(next.producerId, { aborted: next, hasBatch: false });
      }
      next = this.#toCome.at(-1);
    }
  }
}
