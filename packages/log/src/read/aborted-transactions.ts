// Which transactions a read_committed reader must skip, from the transaction indexes of the segments it
// reads.
import type { LocalLog } from "../local-log.ts";

/** A transaction whose records read_committed readers skip. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** Aborted transactions with records in `[from, to)`. Throws `DiskError`. */
export function findAbortedTransactions(local: LocalLog, from: number, to: number): AbortedTransaction[] {
  const found: AbortedTransaction[] = [];
  for (let segment = local.segmentFor(from); segment !== null; segment = local.segmentAfter(segment)) {
    for (const aborted of segment.transactionIndex.all()) {
      if (aborted.lastOffset >= from && aborted.firstOffset < to) {
        found.push({ producerId: aborted.producerId, firstOffset: aborted.firstOffset });
      }
      if (aborted.lastStableOffset >= to) return found;
    }
  }
  return found;
}
