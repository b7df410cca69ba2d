// Producer state of a log from its newest snapshot and the batches after it, also those below the log's start
// that are still there. After a crash the aborted transactions met on the way are put into the transaction
// indexes again.
import { endsPiece, type Pieces } from "@ottla/ports";
import { batchIsControl, MAGIC_V2 } from "@ottla/protocol";
import { keepCorrupt } from "../damage/keep-corrupt.ts";
import type { LogContext } from "../log-context.ts";
import type { ProducerSnapshots } from "../producer-state/producer-snapshots.ts";
import type { ProducerState } from "../producer-state/producer-state.ts";
import { BatchCursor } from "../segment/batch-cursor.ts";
import type { LogSegment } from "../segment/log-segment.ts";
import { findNextValidBatch } from "./find-next-valid-batch.ts";

/** How far to rebuild. */
export interface RebuildRange {
  readonly logEndOffset: number;
  /**
   * After a crash: transaction indexes are sure below here only, and are rebuilt from a snapshot not above
   * it.
   */
  readonly reindexFrom: number | null;
}

/** Brings `producers` to the state at `logEndOffset`. Throws `DiskError`. */
export function* rebuildProducerState(
  context: LogContext,
  segments: readonly LogSegment[],
  producers: ProducerState,
  snapshots: ProducerSnapshots,
  range: RebuildRange,
): Pieces<void> {
  const isIndexing = range.reindexFrom !== null;
  const firstOffset = segments[0]?.baseOffset ?? range.logEndOffset;
  // Nothing is left to index below the first segment, whose snapshot tells of what was deleted before it.
  const snapshotMax = Math.min(
    range.logEndOffset,
    Math.max(range.reindexFrom ?? range.logEndOffset, firstOffset),
  );
  const snapshot = snapshots.newest(firstOffset, snapshotMax);
  const fromOffset = snapshot?.offset ?? firstOffset;
  const nowMs = context.ports.clock.wallMs();
  // An entry may be in the file although its marker never was.
  if (isIndexing) segments.at(-1)?.transactionIndex.truncateTo(range.logEndOffset);
  producers.load(snapshot?.entries ?? [], fromOffset, nowMs, context.producerIdExpirationMs);
  if (fromOffset < range.logEndOffset) {
    const cursor = new BatchCursor();
    for (let index = 0; index < segments.length; index++) {
      const segment = segments[index] as LogSegment;
      const nextBase = segments[index + 1]?.baseOffset ?? range.logEndOffset;
      if (nextBase > fromOffset) {
        yield* replaySegment(context, segment, { fromOffset, nextBase, isIndexing }, producers, cursor);
      }
    }
  }
  producers.endOffset = range.logEndOffset;
}

function* replaySegment(
  context: LogContext,
  segment: LogSegment,
  { fromOffset, nextBase, isIndexing }: { fromOffset: number; nextBase: number; isIndexing: boolean },
  producers: ProducerState,
  cursor: BatchCursor,
): Pieces<void> {
  if (isIndexing) segment.transactionIndex.truncateTo(fromOffset);
  const end = segment.sizeInBytes;
  cursor.start(segment.log, Math.min(segment.offsetIndex.lookup(fromOffset), end), end);
  let endOffset = segment.baseOffset;
  for (let batches = 1; ; batches += 1) {
    if (endsPiece(batches)) yield;
    const step = cursor.step();
    if (step === "end") return;
    if (step === "damaged") {
      const corrupt = segment.corruptRanges.find((range) => range.position === cursor.position);
      if (corrupt !== undefined) cursor.skipTo(corrupt.position + corrupt.bytes);
      else cursor.skipTo(yield* passDamage(context, segment, cursor.position, [endOffset, nextBase]));
      continue;
    }
    endOffset = cursor.lastOffset + 1;
    if (cursor.magic !== MAGIC_V2 || cursor.lastOffset < fromOffset) continue;
    if (batchIsControl(cursor.bytes, cursor.at) && !cursor.loadWhole()) continue;
    const aborted = producers.replay(cursor.bytes, cursor.at);
    const { transactionIndex } = segment;
    if (aborted !== null && isIndexing && transactionIndex.append(aborted)) {
      transactionIndex.file.syncDirectory();
    }
  }
}

/** Below the recovery point nobody looked before. Answers where the next sound batch begins. */
function* passDamage(
  context: LogContext,
  segment: LogSegment,
  position: number,
  [fromOffset, toOffset]: readonly [number, number],
): Pieces<number> {
  const end = segment.sizeInBytes;
  const next = (yield* findNextValidBatch(segment, position + 1, end, fromOffset)) ?? end;
  keepCorrupt(context, segment, { position, bytes: next - position, fromOffset, toOffset });
  return next;
}
