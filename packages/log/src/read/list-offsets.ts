// Finding records by time: the first one at or after a timestamp, and the one with the largest. The time
// index leads to the batch. Not here: the record in the batch (search-batch.ts).
import { DiskError } from "@ottla/ports";
import { batchBaseOffset, batchLastOffset, batchMagic, errors, MAGIC_V2 } from "@ottla/protocol";
import type { LocalLog } from "../local-log.ts";
import type { LogContext } from "../log-context.ts";
import { CorruptLogError } from "../segment/corrupt-log-error.ts";
import type { LogSegment } from "../segment/log-segment.ts";
import { corruptBatch, searchBatch, type TimestampSearch } from "./search-batch.ts";
import { NO_TIMESTAMP_OFFSET, type TimestampDone, type TimestampResult } from "./timestamp-offset.ts";

/** The first record at or after `fromOffset` with at least this timestamp. */
export function findTimestamp(
  context: LogContext,
  log: LocalLog,
  search: TimestampSearch,
  done: TimestampDone,
): void {
  guarded(done, () => {
    log.write();
    const start = log.segmentFor(search.fromOffset) ?? log.segments[0];
    for (let segment = start ?? null; segment !== null; segment = log.segmentAfter(segment)) {
      segment.loadMaxTimestamp(log.writtenBytes(segment), context.cursor);
      if (segment.maxTimestamp < search.timestampMs) continue;
      const batch = firstBatchAtOrAfter(context, log, segment, search);
      if (batch === null) continue;
      searchBatch(context, batch, search, (result) => {
        if (result.kind === "failed" || result.found.offset >= 0) done(result);
        // The batch's largest timestamp belongs to a record before the log start: look behind the batch.
        else findTimestamp(context, log, { ...search, fromOffset: endOfBatch(batch) }, done);
      });
      return;
    }
    done({ kind: "found", found: NO_TIMESTAMP_OFFSET });
  });
}

/** The first record with the largest timestamp of the log. */
export function findMaxTimestamp(context: LogContext, log: LocalLog, done: TimestampDone): void {
  guarded(done, () => {
    log.write();
    let newest: LogSegment | null = null;
    for (const segment of log.segments) {
      if (log.writtenBytes(segment) === 0) continue;
      segment.loadMaxTimestamp(log.writtenBytes(segment), context.cursor);
      // Records without a timestamp have -1, which can be the largest there is.
      if (newest === null || segment.maxTimestamp > newest.maxTimestamp) newest = segment;
    }
    if (newest === null) {
      done({ kind: "found", found: NO_TIMESTAMP_OFFSET });
      return;
    }
    const timestampMs = newest.maxTimestamp;
    const search = { timestampMs, fromOffset: newest.offsetOfMaxTimestamp };
    const range = newest.findBatch(search.fromOffset, log.writtenBytes(newest), context.cursor);
    if (range === null) throw new CorruptLogError(newest.log.path, log.writtenBytes(newest));
    const bytes = new Uint8Array(range.bytes);
    newest.log.opened().read(bytes, range.position);
    searchBatch(context, bytes, { timestampMs, fromOffset: 0 }, done);
  });
}

/**
 * A copy of the batch; null when no batch of the segment qualifies. Throws `DiskError`, `CorruptLogError`.
 */
function firstBatchAtOrAfter(
  context: LogContext,
  log: LocalLog,
  segment: LogSegment,
  search: TimestampSearch,
): Uint8Array | null {
  const { cursor } = context;
  const end = log.writtenBytes(segment);
  const fromOffset = Math.max(segment.timeIndex.lookup(search.timestampMs), search.fromOffset);
  const from = segment.findBatch(fromOffset, end, cursor);
  if (from === null) return null;
  cursor.start(segment.log, from.position, end);
  for (;;) {
    const step = cursor.step();
    if (step === "end") return null;
    if (step === "damaged") throw new CorruptLogError(segment.log.path, cursor.position);
    if (cursor.maxTimestamp < search.timestampMs || cursor.lastOffset < search.fromOffset) continue;
    if (!cursor.loadWhole()) throw new CorruptLogError(segment.log.path, cursor.position);
    return cursor.bytes.slice(cursor.at, cursor.at + cursor.sizeInBytes);
  }
}

function endOfBatch(batch: Uint8Array): number {
  // Legacy messages are batches of one.
  return (batchMagic(batch, 0) === MAGIC_V2 ? batchLastOffset(batch, 0) : batchBaseOffset(batch, 0)) + 1;
}

/** Runs a search step; damage and disk errors are its answer. */
function guarded(done: TimestampDone, step: () => void): void {
  let failure: TimestampResult;
  try {
    step();
    return;
  } catch (error) {
    if (error instanceof CorruptLogError) failure = corruptBatch(error);
    else if (error instanceof DiskError) {
      failure = { kind: "failed", error: errors.KAFKA_STORAGE_ERROR, message: error.message };
    } else throw error;
  }
  done(failure);
}
