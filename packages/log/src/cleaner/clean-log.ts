// One cleaning of one log: the dirty part is read into a map, then everything below its end is written
// anew without what the map makes superfluous, group by group, and each group is swapped in. Needs the
// live log only through `CleanedLog`. Offsets never change; the order of records never changes.
import type { LogConfig } from "@ottla/config";
import type { LogContext } from "../log-context.ts";
import type { LogSegment } from "../segment/log-segment.ts";
import type { AbortedTxn } from "../segment/transaction-index.ts";
import type { CleanerThrottle } from "./cleaner-throttle.ts";
import type { Cleaning } from "./cleaning.ts";
import { groupSegments } from "./group-segments.ts";
import { buildOffsetMap } from "./offset-map/build-offset-map.ts";
import { OffsetMap, type OffsetMapBounds } from "./offset-map/offset-map.ts";
import { CleanedSegment } from "./rewrite/cleaned-segment.ts";
import { CleanedTransactions } from "./rewrite/cleaned-transactions.ts";
import { type FilterRules, filterBatch, type LastRecord } from "./rewrite/filter-batch.ts";
import { SegmentBatches } from "./rewrite/segment-batches.ts";

/** The live log, as far as its cleaning needs it. */
export interface LogBeingCleaned {
  /** Throws `CleaningAborted` when the log is not what it was when the cleaning began. */
  check(): void;
  lastRecordOf(producerId: number): LastRecord | undefined;
  /** `cleaned` takes the place of `old`. Throws `DiskError`, `CleaningAborted`. */
  swap(cleaned: LogSegment, old: readonly LogSegment[]): Cleaning<void>;
}

/** What is cleaned. */
export interface LogToClean {
  readonly directory: string;
  readonly config: LogConfig;
  /** All below the first uncleanable offset, ascending. */
  readonly segments: readonly LogSegment[];
  /** With markers above the first dirty offset, and all others. */
  readonly aborted: readonly AbortedTxn[];
  readonly firstDirtyOffset: number;
  /** A segment's base: the end of what may be cleaned. */
  readonly firstUncleanableOffset: number;
}

/** What all cleanings share. */
export interface CleanerTools {
  readonly context: LogContext;
  readonly throttle: CleanerThrottle;
  readonly mapBounds: OffsetMapBounds;
  readonly chunkBytes: number;
}

/** How a cleaning went. */
export interface CleaningResult {
  /** Everything below is clean now. */
  readonly endOffset: number;
  readonly bytesRead: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Of the map, 0 to 1. */
  readonly utilization: number;
}

/** Cleans. Throws `DiskError`, `UncleanableLog`, `CleaningAborted`. */
export function* cleanLog(
  tools: CleanerTools,
  toClean: LogToClean,
  live: LogBeingCleaned,
): Cleaning<CleaningResult> {
  const { context, throttle } = tools;
  const { firstDirtyOffset, firstUncleanableOffset, segments } = toClean;
  const { ports } = context;
  const nowMs = ports.clock.wallMs();
  const check = (): void => live.check();
  const batches = new SegmentBatches(tools.chunkBytes, throttle, check);
  const keysMax = firstUncleanableOffset - firstDirtyOffset;
  const map = new OffsetMap(keysMax, tools.mapBounds, ports.random.uint32());
  const dirty = segments.filter(
    (_, index) => (segments[index + 1]?.baseOffset ?? firstUncleanableOffset) > firstDirtyOffset,
  );
  const range = { segments: dirty, startOffset: firstDirtyOffset, endOffset: firstUncleanableOffset };
  const undecided = toClean.aborted.filter(({ lastOffset }) => lastOffset >= firstDirtyOffset);
  yield* buildOffsetMap(ports.zip, range, batches, new CleanedTransactions(undecided), map);
  const endOffset = map.latestOffset + 1;
  const rules: FilterRules = {
    zip: ports.zip,
    map,
    nowMs,
    deleteRetentionMs: toClean.config.deleteRetentionMs,
    transactions: new CleanedTransactions(toClean.aborted),
    lastRecordOf: (producerId) => live.lastRecordOf(producerId),
    upperBoundOffset: firstUncleanableOffset,
  };
  let bytesBefore = 0;
  let bytesAfter = 0;
  for (const group of groupsBelow(toClean, endOffset)) {
    const cleaned = yield* cleanGroup(tools, toClean, group, rules, batches, check);
    bytesBefore += bytesOf(group);
    bytesAfter += cleaned.segment.sizeInBytes;
    try {
      yield* live.swap(cleaned.segment, group);
    } catch (error) {
      cleaned.discard();
      throw error;
    }
  }
  return { endOffset, bytesRead: batches.bytesRead, bytesBefore, bytesAfter, utilization: map.utilization };
}

function groupsBelow(toClean: LogToClean, endOffset: number): LogSegment[][] {
  const segments = toClean.segments.filter(({ baseOffset }) => baseOffset < endOffset);
  const sizes = segments.map(({ baseOffset, sizeInBytes, offsetIndex, timeIndex }) => ({
    baseOffset,
    sizeInBytes,
    offsetIndexBytes: offsetIndex.file.size(),
    timeIndexBytes: timeIndex.file.size(),
  }));
  const { segmentBytes, segmentIndexBytes } = toClean.config;
  const endOfLast = toClean.segments[segments.length]?.baseOffset ?? toClean.firstUncleanableOffset;
  let first = 0;
  return groupSegments(sizes, { segmentBytes, segmentIndexBytes, endOffset: endOfLast }).map((count) => {
    first += count;
    return segments.slice(first - count, first);
  });
}

function* cleanGroup(
  tools: CleanerTools,
  toClean: LogToClean,
  group: readonly LogSegment[],
  rules: FilterRules,
  batches: SegmentBatches,
  check: () => void,
): Cleaning<CleanedSegment> {
  const cleaned = new CleanedSegment(tools.context, tools.throttle, {
    directory: toClean.directory,
    baseOffset: (group[0] as LogSegment).baseOffset,
    createdMs: (group.at(-1) as LogSegment).createdMs,
    indexIntervalBytes: toClean.config.indexIntervalBytes,
    chunkBytes: tools.chunkBytes,
    check,
  });
  rules.transactions.onAborted = (aborted) => cleaned.addAborted(aborted);
  try {
    for (const segment of group) {
      batches.start(segment, 0);
      while (yield* batches.step()) {
        const kept = yield* filterBatch(batches.bytes, batches.at, rules);
        if (kept !== null) yield* cleaned.append(kept);
      }
    }
    yield* cleaned.finish();
    return cleaned;
  } catch (error) {
    cleaned.discard();
    throw error;
  }
}

function bytesOf(segments: readonly LogSegment[]): number {
  return segments.reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0);
}
