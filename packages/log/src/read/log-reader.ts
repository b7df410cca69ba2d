// Reading records: from the tail without a copy, else from the files into pooled memory, small warm ranges at
// once, others on the pool. A read never crosses segments, starts with the batch that holds the offset, ends
// at the bound, and may be cut at the byte limit like Apache Kafka's.
import { DiskError } from "@ottla/ports";
import { errors } from "@ottla/protocol";
import { READ_BYTES_MAX, READ_ON_LOOP_BYTES_MAX, WARM_SEGMENTS } from "../limits.ts";
import type { LocalLog } from "../local-log.ts";
import type { LogContext } from "../log-context.ts";
import { CorruptLogError } from "../segment/corrupt-log-error.ts";
import type { FileRange, LogSegment } from "../segment/log-segment.ts";
import type { TailPlace } from "../tail/log-tail.ts";
import type { TailBlock } from "../tail/tail-block.ts";
import { EMPTY_READ, type ReadDone, type ReadRequest, type ReadResult } from "./log-slice.ts";
import { TailSlice } from "./tail-slice.ts";

/** Reads; the caller has checked that `offset` lies in the log. */
export function readLog(context: LogContext, log: LocalLog, request: ReadRequest, done: ReadDone): void {
  const upperBound = Math.min(request.upperBound, log.writtenEndOffset);
  if (request.offset >= upperBound) {
    done(EMPTY_READ);
    return;
  }
  const place = log.tail.find(request.offset);
  if (place !== null) {
    done(readTail(context, log, place, upperBound, request));
    return;
  }
  try {
    readFile(context, log, upperBound, request, done);
  } catch (error) {
    done(failedRead(context, error));
  }
}

/** The answer for what a read met; rethrows what is no environment error. */
function failedRead(context: LogContext, error: unknown): ReadResult & { kind: "failed" } {
  if (error instanceof CorruptLogError) {
    context.damage.readOfDamage(error);
    return { kind: "failed", error: errors.CORRUPT_MESSAGE, message: error.message };
  }
  if (error instanceof DiskError) {
    return { kind: "failed", error: errors.KAFKA_STORAGE_ERROR, message: error.message };
  }
  throw error;
}

/** How many of `available` bytes to give when the first batch has `batchBytes`. */
function bytesToGive(
  request: ReadRequest,
  batchBytes: number,
  available: number,
  bytesMax = READ_BYTES_MAX,
): number {
  const wanted = Math.min(request.bytesMax, bytesMax);
  if (wanted >= batchBytes) return Math.min(wanted, available);
  return request.atLeastOneBatch ? batchBytes : 0;
}

function readTail(
  context: LogContext,
  log: LocalLog,
  place: TailPlace,
  upperBound: number,
  request: ReadRequest,
): ReadResult {
  const blocks = log.tail.blocks;
  const first = blocks.indexOf(place.block);
  const bound = upperBound < log.logEndOffset ? log.tail.find(upperBound) : null;
  const wanted = bytesToGive(request, place.batchBytes, Number.MAX_SAFE_INTEGER);
  const taken: TailBlock[] = [];
  let bytes = 0;
  for (let index = first; index < blocks.length && bytes < wanted; index++) {
    const block = blocks[index] as TailBlock;
    if (block.segmentBaseOffset !== place.block.segmentBaseOffset) break;
    const from = block === place.block ? place.at : 0;
    const end = bound !== null && bound.block === block ? bound.at : block.usedBytes;
    if (end > from) {
      taken.push(block);
      bytes += end - from;
    }
    if (bound !== null && bound.block === block) break;
  }
  bytes = Math.min(bytes, wanted);
  if (bytes < place.batchBytes) return EMPTY_READ;
  return { kind: "slice", slice: new TailSlice(context.tails, taken, place.at, bytes) };
}

function readFile(
  context: LogContext,
  log: LocalLog,
  upperBound: number,
  request: ReadRequest,
  done: ReadDone,
): void {
  const found = log.findBatch(request.offset);
  if (found === null) {
    done(EMPTY_READ);
    return;
  }
  const { segment, range } = found;
  const end = soundEnd(segment, range, boundIn(context, log, segment, upperBound));
  const bytesMax = Math.min(READ_BYTES_MAX, context.readBuffers.allowanceBytes);
  const bytes = bytesToGive(request, range.bytes, end - range.position, bytesMax);
  if (bytes === 0 || end - range.position < range.bytes) {
    done(EMPTY_READ);
    return;
  }
  const file = segment.log.opened();
  const slice = context.readBuffers.borrow(bytes);
  const finish = (error: DiskError | null, bytesRead: number): void => {
    if (error === null && bytesRead === bytes) {
      done({ kind: "slice", slice });
      return;
    }
    slice.release();
    done(failedRead(context, error ?? new DiskError("read", segment.log.path, "short read")));
  };
  if (bytes > READ_ON_LOOP_BYTES_MAX || !isWarm(log, segment) || !context.loopReads.isOpen()) {
    file.readLater(slice.target, range.position, finish);
    return;
  }
  let bytesRead = 0;
  let failure: DiskError | null = null;
  try {
    bytesRead = context.loopReads.run(() => file.read(slice.target, range.position));
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    failure = error;
  }
  finish(failure, bytesRead);
}

/** Position in `segment` up to which records below `upperBound` go. */
function boundIn(context: LogContext, log: LocalLog, segment: LogSegment, upperBound: number): number {
  const written = log.writtenBytes(segment);
  const next = log.segmentAfter(segment);
  if (upperBound >= (next === null ? log.writtenEndOffset : next.baseOffset)) return written;
  const inTail = log.tail.find(upperBound);
  if (inTail !== null && inTail.block.segmentBaseOffset === segment.baseOffset) {
    return inTail.block.position + inTail.at;
  }
  try {
    return segment.findBatch(upperBound, written, context.cursor)?.position ?? written;
  } catch (error) {
    // The bound lies in damage, or right behind it: what can be read ends where the damage begins.
    if (error instanceof CorruptLogError) return error.position;
    throw error;
  }
}

/**
 * Nothing damaged leaves: the range ends before the next corrupt one, and a read that starts in one fails.
 */
function soundEnd(segment: LogSegment, range: FileRange, end: number): number {
  for (const corrupt of segment.corruptRanges) {
    if (corrupt.position + corrupt.bytes <= range.position) continue;
    if (corrupt.position <= range.position) throw new CorruptLogError(segment.log.path, corrupt.position);
    return Math.min(end, corrupt.position);
  }
  return end;
}

function isWarm(log: LocalLog, segment: LogSegment): boolean {
  return log.segments.indexOf(segment, Math.max(0, log.segments.length - WARM_SEGMENTS)) >= 0;
}
