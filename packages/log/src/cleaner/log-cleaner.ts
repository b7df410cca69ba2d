// When which log is cleaned: the one with the largest share of dirty bytes that is above its
// `min.cleanable.dirty.ratio` or has waited for longer than `max.compaction.lag.ms`; again and again until
// none is left, then after `log.cleaner.backoff.ms`. At most `log.cleaner.threads` cleanings are under
// way. A log that cannot be cleaned is set aside for the life of the process, and the others go on; but
// a sync that failed takes its directory offline, as any other.
import type { BrokerConfig } from "@ottla/config";
import { DiskError, endsPiece, type Pieces, type Slices } from "@ottla/ports";
import { CLEANER_CHUNK_BYTES_MAX, CLEANER_POSTPONED_MS } from "../limits.ts";
import type { LogContext } from "../log-context.ts";
import type { PartitionLog } from "../partition-log.ts";
import { type CleanerTools, type CleaningResult, cleanLog } from "./clean-log.ts";
import { type CleanableRange, cleanableRange, dirtyRatio } from "./cleanable-range.ts";
import { type CleanerHost, isFailedSync } from "./cleaner-host.ts";
import { CleanerMetrics } from "./cleaner-metrics.ts";
import { CleanerThrottle } from "./cleaner-throttle.ts";
import {
  type Cleaning,
  CleaningAborted,
  endOf,
  type RunningCleaning,
  runCleaning,
  UncleanableLog,
} from "./cleaning.ts";
import { LiveLog } from "./live-log.ts";

interface Candidate {
  readonly log: PartitionLog;
  readonly range: CleanableRange;
}

/** Cleans the compacted logs of a broker. */
export class LogCleaner {
  readonly metrics: CleanerMetrics = new CleanerMetrics();
  readonly #context: LogContext;
  readonly #slices: Slices;
  readonly #host: CleanerHost;
  readonly #tools: CleanerTools;
  readonly #backoffMs: number;
  readonly #cleaningsMax: number;
  readonly #running = new Map<PartitionLog, RunningCleaning | null>();
  /** Logs whose disk had no room, and when they are tried again. Monotonic time. */
  readonly #postponed = new Map<PartitionLog, number>();
  #isLooking = false;
  #isClosed = false;
  #dueMs = 0;

  constructor(context: LogContext, slices: Slices, config: BrokerConfig, host: CleanerHost) {
    this.#context = context;
    this.#slices = slices;
    this.#host = host;
    this.#backoffMs = config.logCleanerBackoffMs;
    this.#cleaningsMax = Math.max(1, config.logCleanerThreads);
    // Half of the buffer is for reading, the other half for writing.
    const chunkBytes = Math.floor(config.logCleanerIoBufferSize / this.#cleaningsMax / 2);
    this.#tools = {
      context,
      throttle: new CleanerThrottle(context.ports, config.logCleanerIoMaxBytesPerSecond),
      mapBounds: {
        bytesMax: Math.floor(config.logCleanerDedupeBufferSize / this.#cleaningsMax),
        loadFactor: config.logCleanerIoBufferLoadFactor,
      },
      chunkBytes: Math.min(Math.max(chunkBytes, 1), CLEANER_CHUNK_BYTES_MAX),
    };
  }

  /** Called about once a second, with monotonic time. */
  tick(nowMs: number): void {
    if (nowMs >= this.#dueMs) this.#look(nowMs);
  }

  /** Nothing is cleaned any more; what was begun is left for the next opening to tidy up. */
  close(): void {
    this.#isClosed = true;
    for (const cleaning of this.#running.values()) cleaning?.cancel();
    this.#running.clear();
  }

  /** Looks for the log that needs cleaning most, and cleans it. */
  #look(nowMs: number): void {
    this.#dueMs = nowMs + this.#backoffMs;
    if (this.#isLooking || this.#isClosed || this.#running.size >= this.#cleaningsMax) return;
    this.#isLooking = true;
    this.metrics.lastRunMs = nowMs;
    this.#slices.later("log cleaner", this.#filthiest(nowMs), {
      done: (candidate) => {
        this.#isLooking = false;
        if (candidate === null || this.#isClosed || !this.#host.has(candidate.log)) return;
        this.#begin(candidate);
        if (this.#running.size < this.#cleaningsMax) this.#look(this.#context.ports.clock.monotonicMs());
      },
    });
  }

  *#filthiest(nowMs: number): Pieces<Candidate | null> {
    const wallMs = this.#context.ports.clock.wallMs();
    let found: Candidate | null = null;
    let maxRatio = 0;
    let maxDelayMs = 0;
    let seen = 0;
    this.#forget(nowMs);
    for (const log of this.#host.logs()) {
      if (endsPiece(++seen)) yield;
      if (!this.#isEligible(log)) continue;
      const range = this.#rangeOf(log, wallMs);
      if (range === null) continue;
      const ratio = dirtyRatio(range);
      maxRatio = Math.max(maxRatio, ratio);
      maxDelayMs = Math.max(maxDelayMs, range.delayMs);
      const isDue = range.delayMs > 0 && range.cleanableBytes > 0;
      if (!isDue && ratio <= log.config.minCleanableDirtyRatio) continue;
      if (found === null || ratio > dirtyRatio(found.range)) found = { log, range };
      // To look at a log with much to clean may take the disk.
      yield;
    }
    this.metrics.maxDirtyPercent = 100 * maxRatio;
    this.metrics.maxCompactionDelaySecs = maxDelayMs / 1000;
    return found;
  }

  #isEligible(log: PartitionLog): boolean {
    return (
      log.config.cleanupCompact &&
      log.isWritable &&
      this.#host.has(log) &&
      log.opened.local.segments.length > 1 &&
      !this.#running.has(log) &&
      !this.#postponed.has(log) &&
      !this.metrics.uncleanable.has(log)
    );
  }

  /** Null: the log's files cannot be read. */
  #rangeOf(log: PartitionLog, wallMs: number): CleanableRange | null {
    try {
      return cleanableRange(this.#context, log, wallMs);
    } catch (error) {
      this.#failed(log, error);
      return null;
    }
  }

  /** Logs that are gone are kept no longer; those whose time has come may be tried again. */
  #forget(nowMs: number): void {
    for (const [log, untilMs] of this.#postponed) {
      if (nowMs >= untilMs || !this.#host.has(log)) this.#postponed.delete(log);
    }
    for (const log of this.metrics.uncleanable)
      if (!this.#host.has(log)) this.metrics.uncleanable.delete(log);
  }

  #begin({ log, range }: Candidate): void {
    const { clock } = this.#context.ports;
    const beganMs = clock.monotonicMs();
    const live = new LiveLog(this.#context, this.#host, log);
    this.#running.set(log, null);
    const running = runCleaning(this.#slices, this.#clean(log, range, live), {
      done: (result) => {
        this.#running.delete(log);
        const tookMs = clock.monotonicMs() - beganMs;
        this.metrics.ended(result, tookMs);
        const { bytesBefore, bytesAfter, endOffset } = result;
        this.#context.logger.info("a log was compacted", {
          path: log.path,
          endOffset,
          bytesBefore,
          bytesAfter,
          tookMs: Math.round(tookMs),
        });
        this.#look(clock.monotonicMs());
      },
      failed: (error) => {
        this.#running.delete(log);
        const isFatal = error instanceof DiskError && isFailedSync(error);
        if (live.isUnchanged || isFatal) this.#failed(log, error);
        else this.#aborted(log, error);
      },
    });
    if (this.#running.has(log)) this.#running.set(log, running);
  }

  *#clean(log: PartitionLog, range: CleanableRange, live: LiveLog): Cleaning<CleaningResult> {
    live.endSwaps();
    const { local } = log.opened;
    const segments = local.segments.filter(({ baseOffset }) => baseOffset < range.firstUncleanableOffset);
    if (segments.some(({ corruptRanges }) => corruptRanges.length > 0)) {
      throw new UncleanableLog(`${log.path} has a damaged range`);
    }
    // Cleaning leaves holes, which recovery must not meet above its point.
    yield* endOf((done) => this.#host.saveRecoveryPoints(log, done));
    live.check();
    const toClean = {
      directory: local.directory,
      config: log.config,
      segments,
      aborted: local.segments.flatMap(({ transactionIndex }) => transactionIndex.all()),
      firstDirtyOffset: range.firstDirtyOffset,
      firstUncleanableOffset: range.firstUncleanableOffset,
    };
    const result = yield* cleanLog(this.#tools, toClean, live);
    live.check();
    local.cleanedEndOffset = result.endOffset;
    return result;
  }

  #aborted(log: PartitionLog, cause: unknown): void {
    if (!(cause instanceof Error)) throw cause;
    this.metrics.abortedCleanings += 1;
    this.#context.logger.info("the cleaning of a log was given up", { path: log.path, cause });
  }

  /** Rethrows bugs. */
  #failed(log: PartitionLog, error: unknown): void {
    if (error instanceof CleaningAborted) this.#aborted(log, error);
    else if (error instanceof DiskError && isFailedSync(error)) {
      this.#host.failed(log, error);
      this.#aborted(log, error);
    } else if (error instanceof DiskError && error.code === "ENOSPC") {
      this.#aborted(log, error);
      this.#postponed.set(log, this.#context.ports.clock.monotonicMs() + CLEANER_POSTPONED_MS);
    } else if (error instanceof DiskError || error instanceof UncleanableLog) {
      this.metrics.uncleanable.add(log);
      this.#context.logger.error("a log cannot be compacted and is set aside", {
        path: log.path,
        cause: error,
      });
    } else throw error;
  }
}
