// The producers of one log: who may append what next, which transactions are open, which were aborted.
// `check` decides without changing anything; `replay` changes and never refuses, so that live appends,
// replication and recovery share it. Invariant: `endOffset` is the offset after the last replayed batch.
// Not here: snapshots on disk (producer-snapshots.ts), the aborted index (segment/transaction-index.ts).
import {
  batchBaseOffset,
  batchBaseSequence,
  batchIsControl,
  batchIsTransactional,
  batchLastOffset,
  batchLastOffsetDelta,
  batchLastSequence,
  batchMaxTimestamp,
  batchProducerEpoch,
  batchProducerId,
  batchSizeInBytes,
  type ErrorSpec,
  errors,
  NO_PRODUCER_EPOCH,
} from "@ottla/protocol";
import type { AppendOrigin } from "../append/append-outcome.ts";
import type { AbortedTxn } from "../segment/transaction-index.ts";
import { readTransactionMarker, type TransactionMarker } from "./end-txn-marker.ts";
import { isInSequence, NO_TRANSACTION, type ProducerBatch, ProducerEntry } from "./producer-entry.ts";

/** Why a batch with a producer id is not appended. */
export type ProducerVerdict =
  | { readonly kind: "duplicate"; readonly batch: ProducerBatch }
  | { readonly kind: "refused"; readonly error: ErrorSpec; readonly message: string };

interface OpenTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

interface DecidedTransaction {
  readonly firstOffset: number;
  /** Offset of the marker. */
  readonly lastOffset: number;
}

/** Producer and transaction state of one partition. */
export class ProducerState {
  readonly #producers = new Map<number, ProducerEntry>();
  /** By first offset, ascending. */
  #open: OpenTransaction[] = [];
  /**
   * Decided, but the marker is not below the high watermark yet: they still hold back the last stable offset.
   */
  #decided: DecidedTransaction[] = [];
  #endOffset = 0;
  /** Who is not known is new. */
  #knowsAll = false;

  get producers(): ReadonlyMap<number, ProducerEntry> {
    return this.#producers;
  }

  /** Offset after the last batch this state reflects. */
  get endOffset(): number {
    return this.#endOffset;
  }

  set endOffset(offset: number) {
    this.#endOffset = offset;
  }

  /** First offset that a read_committed reader may not pass; null when there is none. */
  get firstUnstableOffset(): number | null {
    let first = this.#open[0]?.firstOffset ?? Number.MAX_SAFE_INTEGER;
    for (const decided of this.#decided) first = Math.min(first, decided.firstOffset);
    return first === Number.MAX_SAFE_INTEGER ? null : first;
  }

  /** Replaces everything by the producers of a snapshot. */
  load(entries: Iterable<ProducerEntry>, endOffset: number, nowMs: number, expirationMs: number): void {
    this.clear(endOffset);
    for (const entry of entries) {
      if (entry.isExpired(nowMs, expirationMs)) continue;
      this.#producers.set(entry.producerId, entry);
      if (entry.transactionFirstOffset !== NO_TRANSACTION) {
        this.#open.push({ producerId: entry.producerId, firstOffset: entry.transactionFirstOffset });
      }
    }
    this.#open.sort((left, right) => left.firstOffset - right.firstOffset);
  }

  clear(endOffset: number): void {
    this.#producers.clear();
    this.#open = [];
    this.#decided = [];
    this.#endOffset = endOffset;
  }

  /**
   * From now on a producer that is not known has to begin with its first sequence. After a failed write:
   * where that batch was refused or dropped, one sent behind it would pass as the first of a producer whose
   * state was lost.
   */
  refuseUnknown(): void {
    this.#knowsAll = true;
  }

  /** Judges the not yet stamped batch at `at`; null when it may be appended. */
  check(
    bytes: Uint8Array,
    at: number,
    origin: AppendOrigin,
    transactionVersion: number,
  ): ProducerVerdict | null {
    const entry = this.#producers.get(batchProducerId(bytes, at));
    if (batchIsControl(bytes, at)) {
      const marker = readTransactionMarker(bytes, at, at + batchSizeInBytes(bytes, at));
      return marker === null || entry === undefined
        ? null
        : checkMarker(entry, batchProducerEpoch(bytes, at), marker, transactionVersion);
    }
    const epoch = batchProducerEpoch(bytes, at);
    const sequence = batchBaseSequence(bytes, at);
    if (entry === undefined) {
      if (!this.#knowsAll || sequence === 0 || origin !== "client") return null;
      const who = `producer ${batchProducerId(bytes, at)}`;
      return refuse(
        errors.OUT_OF_ORDER_SEQUENCE_NUMBER,
        `Sequence ${sequence} in epoch ${epoch} of ${who} is not its first, and no other is known`,
      );
    }
    if (origin === "client") {
      const batch = entry.findDuplicate(epoch, sequence, batchLastSequence(bytes, at));
      if (batch !== null) return { kind: "duplicate", batch };
    }
    return checkData(entry, epoch, sequence, batchIsTransactional(bytes, at), origin);
  }

  /** Takes in the stamped batch at `at`. Answers the aborted transaction that it ended, if any. */
  replay(bytes: Uint8Array, at: number): AbortedTxn | null {
    this.#endOffset = batchLastOffset(bytes, at) + 1;
    const producerId = batchProducerId(bytes, at);
    if (producerId < 0) return null;
    if (batchIsControl(bytes, at)) {
      const marker = readTransactionMarker(bytes, at, at + batchSizeInBytes(bytes, at));
      return marker === null ? null : this.#replayMarker(bytes, at, marker);
    }
    const entry = this.#entry(producerId);
    entry.adoptEpoch(batchProducerEpoch(bytes, at));
    entry.addBatch({
      lastSequence: batchLastSequence(bytes, at),
      lastOffset: batchLastOffset(bytes, at),
      offsetDelta: batchLastOffsetDelta(bytes, at),
      maxTimestamp: batchMaxTimestamp(bytes, at),
    });
    if (batchIsTransactional(bytes, at) && entry.transactionFirstOffset === NO_TRANSACTION) {
      entry.transactionFirstOffset = batchBaseOffset(bytes, at);
      this.#open.push({ producerId, firstOffset: entry.transactionFirstOffset });
    }
    return null;
  }

  /** Everything below `offset` is replicated: transactions decided there hold nothing back any more. */
  highWatermarkMoved(offset: number): void {
    if (this.#decided.length === 0) return;
    this.#decided = this.#decided.filter((decided) => decided.lastOffset >= offset);
  }

  /** Forgets producers that were silent for `expirationMs` and have no open transaction. */
  expire(nowMs: number, expirationMs: number): void {
    for (const entry of this.#producers.values()) {
      if (entry.isExpired(nowMs, expirationMs)) this.#producers.delete(entry.producerId);
    }
  }

  #replayMarker(bytes: Uint8Array, at: number, marker: TransactionMarker): AbortedTxn | null {
    const entry = this.#entry(batchProducerId(bytes, at));
    const firstOffset = entry.transactionFirstOffset;
    const markerOffset = batchBaseOffset(bytes, at);
    entry.adoptEpoch(batchProducerEpoch(bytes, at));
    entry.coordinatorEpoch = marker.coordinatorEpoch;
    entry.lastTimestamp = batchMaxTimestamp(bytes, at);
    if (firstOffset === NO_TRANSACTION) return null;
    entry.transactionFirstOffset = NO_TRANSACTION;
    this.#open = this.#open.filter((transaction) => transaction.firstOffset !== firstOffset);
    this.#decided.push({ firstOffset, lastOffset: markerOffset });
    if (marker.isCommit) return null;
    return {
      producerId: entry.producerId,
      firstOffset,
      lastOffset: markerOffset,
      lastStableOffset: this.#open[0]?.firstOffset ?? markerOffset + 1,
    };
  }

  #entry(producerId: number): ProducerEntry {
    let entry = this.#producers.get(producerId);
    if (entry === undefined) {
      entry = new ProducerEntry(producerId);
      this.#producers.set(producerId, entry);
    }
    return entry;
  }
}

/**
 * From transaction version 2 on each end of a transaction raises the epoch (KIP-890), so a marker of the
 * current epoch is good only as the coordinator's own retry, when no transaction is open.
 */
function checkMarker(
  entry: ProducerEntry,
  epoch: number,
  marker: TransactionMarker,
  transactionVersion: number,
): ProducerVerdict | null {
  const isRetry = epoch === entry.epoch && entry.transactionFirstOffset === NO_TRANSACTION;
  if (epoch < entry.epoch || (transactionVersion >= 2 && epoch === entry.epoch && !isRetry)) {
    return refuse(
      errors.INVALID_PRODUCER_EPOCH,
      `Epoch ${epoch} of the marker for producer ${entry.producerId} is behind ${entry.epoch}`,
    );
  }
  if (marker.coordinatorEpoch < entry.coordinatorEpoch) {
    return refuse(
      errors.TRANSACTION_COORDINATOR_FENCED,
      `Coordinator epoch ${marker.coordinatorEpoch} is behind ${entry.coordinatorEpoch}`,
    );
  }
  return null;
}

function checkData(
  entry: ProducerEntry,
  epoch: number,
  sequence: number,
  isTransactional: boolean,
  origin: AppendOrigin,
): ProducerVerdict | null {
  const who = `producer ${entry.producerId}`;
  if (epoch < entry.epoch) {
    return refuse(errors.INVALID_PRODUCER_EPOCH, `Epoch ${epoch} of ${who} is older than ${entry.epoch}`);
  }
  if (origin === "client" && !mayFollow(entry, epoch, sequence)) {
    return refuse(
      errors.OUT_OF_ORDER_SEQUENCE_NUMBER,
      `Sequence ${sequence} in epoch ${epoch} of ${who} does not follow ${entry.lastSequence} in epoch ${entry.epoch}`,
    );
  }
  if (!isTransactional && entry.transactionFirstOffset !== NO_TRANSACTION) {
    return refuse(
      errors.INVALID_TXN_STATE,
      `A batch outside a transaction from ${who}, whose transaction began at ${entry.transactionFirstOffset}`,
    );
  }
  return null;
}

/** A producer whose state was lost may go on with any sequence; a new epoch starts at 0. */
function mayFollow(entry: ProducerEntry, epoch: number, sequence: number): boolean {
  if (entry.epoch === NO_PRODUCER_EPOCH) return true;
  if (epoch !== entry.epoch) return sequence === 0;
  return isInSequence(entry.lastSequence, sequence);
}

function refuse(error: ErrorSpec, message: string): ProducerVerdict {
  return { kind: "refused", error, message };
}
