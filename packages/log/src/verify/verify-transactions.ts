// Which aborted transactions a log tells of, found by replaying it as a start after a crash does, and which
// of them its transaction indexes lack. Only such a walk can tell: an index that lost an entry looks right.
import type { Pieces } from "@ottla/ports";
import type { LogContext } from "../log-context.ts";
import { ProducerSnapshots } from "../producer-state/producer-snapshots.ts";
import { ProducerState } from "../producer-state/producer-state.ts";
import { rebuildProducerState } from "../recovery/rebuild-producer-state.ts";
import { LogSegment } from "../segment/log-segment.ts";
import type { AbortedTxn } from "../segment/transaction-index.ts";

/** What one segment's index should have and does not. */
export interface SegmentTransactions {
  readonly segment: LogSegment;
  /** By the marker, ascending. */
  readonly expected: readonly AbortedTxn[];
  readonly missing: readonly AbortedTxn[];
}

/**
 * Replays all of a log through `context`, which must only look: the indexes are built anew. `segments` keep
 * theirs. Throws `DiskError`.
 */
export function* findTransactions(
  context: LogContext,
  path: string,
  segments: readonly LogSegment[],
  logEndOffset: number,
): Pieces<SegmentTransactions[]> {
  const present = segments.map(({ transactionIndex }) => transactionIndex.all());
  const replayed = segments.map((segment) => {
    const copy = new LogSegment(context.files, path, segment.baseOffset, 0, false);
    copy.sizeInBytes = segment.sizeInBytes;
    copy.corruptRanges = segment.corruptRanges;
    if (copy.transactionIndex.file.exists()) copy.transactionIndex.clear();
    return copy;
  });
  const snapshots = new ProducerSnapshots(context.ports.disk, path, context.ports.disk.list(path));
  const range = { logEndOffset, reindexFrom: segments[0]?.baseOffset ?? logEndOffset };
  yield* rebuildProducerState(context, replayed, new ProducerState(), snapshots, range);
  return segments.map((segment, index) => {
    const expected = replayed[index]?.transactionIndex.all() ?? [];
    const known = new Set(present[index]?.map(keyOf));
    for (const file of replayed[index]?.files() ?? []) file.close();
    return { segment, expected, missing: expected.filter((aborted) => !known.has(keyOf(aborted))) };
  });
}

/** The marker says which transaction it is; compaction may have moved its first record. */
function keyOf({ producerId, lastOffset }: AbortedTxn): string {
  return `${producerId} ${lastOffset}`;
}
