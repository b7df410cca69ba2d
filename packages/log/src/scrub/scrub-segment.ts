// One closed segment read from its first byte to its last: every batch is whole, its CRC right, its offsets
// follow to where the next segment begins, and the indexes agree. Damage, and records that are gone from its
// end, are kept out of what is served from then on; wrong indexes are made again. Reads on the pool, checks a
// piece at a time, at the rate of the throttle. A segment that begins with a message of an old format (magic
// 0 or 1) is not looked at.
import { endsPiece } from "@ottla/ports";
import {
  BATCH_HEADER_BYTES,
  batchBaseOffset,
  batchLastOffset,
  batchMagic,
  batchMaxTimestamp,
  batchProblem,
  batchSizeInBytes,
  HEADER_BYTES_UP_TO_MAGIC,
  MAGIC_V2,
} from "@ottla/protocol";
import type { CleanerThrottle } from "../cleaner/cleaner-throttle.ts";
import { type Cleaning, readOnPool } from "../cleaner/cleaning.ts";
import { keepCorrupt } from "../damage/keep-corrupt.ts";
import { SCRUB_CHUNK_BYTES } from "../limits.ts";
import type { LogContext } from "../log-context.ts";
import { findNextValidBatch } from "../recovery/find-next-valid-batch.ts";
import type { LogSegment } from "../segment/log-segment.ts";
import { ExpectedIndexes } from "./expected-indexes.ts";
import type { ExpectedTransactions } from "./expected-transactions.ts";

/** A log whose segments are scrubbed in order. */
export interface WalkedLog {
  /** Compaction may have taken records. */
  readonly mayHaveHoles: boolean;
  readonly transactions: ExpectedTransactions;
}

/** What is scrubbed. */
export interface SegmentToScrub {
  readonly segment: LogSegment;
  /** Where the next segment begins. */
  readonly endOffset: number;
  readonly indexIntervalBytes: number;
  /** What becomes of the indexes: wrong ones are made again when left out. */
  readonly indexes?: "look" | "make-again";
  /** What a walk over the whole log knows; without it the segment is looked at alone. */
  readonly log?: WalkedLog;
  /** False once the segment is no longer what it was: the scrub gives it up. */
  isUnchanged(): boolean;
  /** Told of bytes as they are checked. */
  checked(bytes: number): void;
}

/** What was found. */
export interface ScrubbedSegment {
  readonly newRanges: number;
  readonly wereIndexesWrong: boolean;
  readonly wasTransactionIndexWrong: boolean;
  /** Offset after the last sound batch. */
  readonly endOffset: number;
}

/** Null: given up, or not one to look at. Throws `DiskError`. */
export function* scrubSegment(
  context: LogContext,
  throttle: CleanerThrottle,
  target: SegmentToScrub,
): Cleaning<ScrubbedSegment | null> {
  const { segment } = target;
  const end = segment.sizeInBytes;
  const indexes = new ExpectedIndexes(segment, target.indexIntervalBytes);
  let chunk = new Uint8Array(SCRUB_CHUNK_BYTES);
  const transactions = target.log?.transactions;
  transactions?.begin();
  let endOffset = segment.baseOffset;
  let isWhole = target.log?.mayHaveHoles === false && segment.corruptRanges.length === 0;
  let newRanges = 0;
  let position = 0;
  while (position < end) {
    const wanted = Math.min(chunk.length, end - position);
    yield* throttle.pay(wanted);
    if (!target.isUnchanged()) return null;
    const length = yield* readOnPool(segment.log, chunk.subarray(0, wanted), position);
    if (!target.isUnchanged()) return null;
    if (position === 0 && isOldFormat(chunk, length)) return null;
    let at = 0;
    let batches = 0;
    for (let bytes = 0; (bytes = soundBatch(segment, chunk, at, length, endOffset)) > 0; at += bytes) {
      const lastOffset = batchLastOffset(chunk, at);
      const maxTimestamp = batchMaxTimestamp(chunk, at);
      indexes.met({ position: position + at, bytes, lastOffset, maxTimestamp });
      if (batchBaseOffset(chunk, at) !== endOffset) isWhole = false;
      transactions?.met(chunk, at, at + bytes);
      endOffset = lastOffset + 1;
      if (endsPiece(++batches)) yield;
    }
    target.checked(at);
    position += at;
    if (at > 0 || position >= end) continue;
    const size = length >= BATCH_HEADER_BYTES ? batchSizeInBytes(chunk, 0) : 0;
    if (size > chunk.length && size <= end - position) {
      chunk = new Uint8Array(size);
      continue;
    }
    const known = segment.corruptRanges.find((range) => range.position === position && range.bytes > 0);
    if (known !== undefined) {
      position += known.bytes;
      continue;
    }
    const next = (yield* findNextValidBatch(segment, position + 1, end, endOffset)) ?? end;
    if (!target.isUnchanged()) return null;
    const toOffset = next < end ? firstOffsetAt(segment, next) : target.endOffset;
    keepCorrupt(context, segment, { position, bytes: next - position, fromOffset: endOffset, toOffset });
    newRanges += 1;
    position = next;
  }
  if (isWhole && newRanges === 0 && endOffset < target.endOffset) {
    // Without a hole before it, this one is none of compaction's: the file has lost its end.
    keepCorrupt(context, segment, {
      position: end,
      bytes: 0,
      fromOffset: endOffset,
      toOffset: target.endOffset,
    });
    newRanges += 1;
  }
  isWhole &&= newRanges === 0;
  if (!isWhole) transactions?.interrupted();
  const entries = isWhole ? (transactions?.rightEntries(segment.transactionIndex) ?? null) : null;
  if (entries !== null) segment.transactionIndex.replaceAll(context.ports.disk, entries);
  // A batch that nobody can read may have been indexed: entries about it are no fault of the index.
  const wereIndexesWrong = segment.corruptRanges.length === 0 && indexes.areWrong;
  const isMade = target.indexes === undefined ? wereIndexesWrong : target.indexes === "make-again";
  if (isMade) yield* indexes.rebuild();
  return { newRanges, wereIndexesWrong, wasTransactionIndexWrong: entries !== null, endOffset };
}

function isOldFormat(bytes: Uint8Array, length: number): boolean {
  return length >= HEADER_BYTES_UP_TO_MAGIC && [0, 1].includes(batchMagic(bytes, 0));
}

/** Bytes of the sound batch at `at`; 0 when there is none, or not all of it. */
function soundBatch(
  segment: LogSegment,
  bytes: Uint8Array,
  at: number,
  end: number,
  offsetMin: number,
): number {
  if (end - at < BATCH_HEADER_BYTES || batchMagic(bytes, at) !== MAGIC_V2) return 0;
  const size = batchSizeInBytes(bytes, at);
  if (size < BATCH_HEADER_BYTES || size > end - at) return 0;
  const baseOffset = batchBaseOffset(bytes, at);
  const lastOffset = batchLastOffset(bytes, at);
  const isInOrder = baseOffset >= offsetMin && lastOffset >= baseOffset && segment.canHold(lastOffset);
  return isInOrder && batchProblem(bytes, at) === null ? size : 0;
}

function firstOffsetAt(segment: LogSegment, position: number): number {
  const bytes = new Uint8Array(8);
  segment.log.opened().read(bytes, position);
  return batchBaseOffset(bytes, 0);
}
