// Finding records by time: the first one at or after a timestamp, and the one with the largest. The time
// index leads to the batch, the batch's records (uncompressed on the pool when large) to the record.
import { DiskError } from "@ottla/ports";
import {
  BATCH_HEADER_BYTES,
  batchBaseOffset,
  batchBaseTimestamp,
  batchCount,
  batchIsCompressed,
  batchIsLogAppendTime,
  batchLastOffset,
  batchMagic,
  batchMaxTimestamp,
  batchPartitionLeaderEpoch,
  batchSizeInBytes,
  createRecordCursor,
  decompressBatchBody,
  decompressBatchBodyLater,
  errors,
  MAGIC_V2,
  nextRecord,
  RecordsError,
} from "@ottla/protocol";
import { STORED_BODY_BYTES_MAX, ZIP_ON_LOOP_BYTES_MAX } from "../limits.ts";
import type { LocalLog } from "../local-log.ts";
import type { LogContext } from "../log-context.ts";
import { CorruptLogError } from "../segment/corrupt-log-error.ts";
import type { LogSegment } from "../segment/log-segment.ts";
import {
  NO_TIMESTAMP_OFFSET,
  type TimestampDone,
  type TimestampOffset,
  type TimestampResult,
} from "./timestamp-offset.ts";

/** What to look for. */
export interface TimestampSearch {
  readonly timestampMs: number;
  readonly fromOffset: number;
}

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

function searchBatch(
  context: LogContext,
  batch: Uint8Array,
  search: TimestampSearch,
  done: TimestampDone,
): void {
  if (batchMagic(batch, 0) !== MAGIC_V2) {
    done({
      kind: "found",
      found: { offset: batchBaseOffset(batch, 0), timestamp: search.timestampMs, leaderEpoch: -1 },
    });
    return;
  }
  const { zip } = context.ports;
  if (
    batchIsCompressed(batch, 0) &&
    batchSizeInBytes(batch, 0) - BATCH_HEADER_BYTES > ZIP_ON_LOOP_BYTES_MAX
  ) {
    decompressBatchBodyLater(batch, 0, zip, STORED_BODY_BYTES_MAX, (body) => {
      done(body instanceof RecordsError ? corruptBatch(body) : searchBody(batch, body, search));
    });
    return;
  }
  let result: TimestampResult;
  try {
    result = searchBody(batch, decompressBatchBody(batch, 0, zip, STORED_BODY_BYTES_MAX), search);
  } catch (error) {
    if (!(error instanceof RecordsError)) throw error;
    result = corruptBatch(error);
  }
  done(result);
}

function searchBody(batch: Uint8Array, body: Uint8Array, search: TimestampSearch): TimestampResult {
  const baseOffset = batchBaseOffset(batch, 0);
  const appendTime = batchIsLogAppendTime(batch, 0) ? batchMaxTimestamp(batch, 0) : null;
  const baseTimestamp = batchBaseTimestamp(batch, 0);
  const cursor = createRecordCursor();
  let at = 0;
  for (let index = 0; index < batchCount(batch, 0); index++) {
    at = nextRecord(body, at, body.length, cursor);
    if (at < 0) return corruptBatch(new Error(`record ${index} of the batch at ${baseOffset} is damaged`));
    const offset = baseOffset + cursor.offsetDelta;
    const timestamp = appendTime ?? baseTimestamp + cursor.timestampDelta;
    if (timestamp >= search.timestampMs && offset >= search.fromOffset) {
      return found({ offset, timestamp, leaderEpoch: batchPartitionLeaderEpoch(batch, 0) });
    }
  }
  return found(NO_TIMESTAMP_OFFSET);
}

function found(record: TimestampOffset): TimestampResult {
  return { kind: "found", found: record };
}

function corruptBatch(cause: Error): TimestampResult {
  return { kind: "failed", error: errors.CORRUPT_MESSAGE, message: cause.message };
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
