// Which batches of a fetched range belong to aborted transactions. The broker lists the transactions that
// were aborted and overlap the range; walking the batches in order, a producer's batches are dropped from
// the first offset of its aborted transaction up to the abort marker.
interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

export class AbortedTransactions {
  /** By first offset, the next one last. */
  readonly #coming: { readonly producerId: number; readonly firstOffset: number }[];
  readonly #aborting = new Set<number>();

  constructor(transactions: readonly AbortedTransaction[]) {
    this.#coming = transactions
      .map(({ producerId, firstOffset }) => ({
        producerId: Number(producerId),
        firstOffset: Number(firstOffset),
      }))
      .sort((left, right) => right.firstOffset - left.firstOffset);
  }

  /** Whether the producer's batch up to `lastOffset` is to be dropped. Batches come in order of offset. */
  isAborted(producerId: number, lastOffset: number): boolean {
    for (let next = this.#coming.at(-1); next !== undefined; next = this.#coming.at(-1)) {
      if (next.firstOffset > lastOffset) break;
      this.#aborting.add(next.producerId);
      this.#coming.pop();
    }
    return this.#aborting.has(producerId);
  }

  /** The abort marker of the producer has passed. */
  ended(producerId: number): void {
    this.#aborting.delete(producerId);
  }
}
