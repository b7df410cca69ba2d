// Looks at all closed segments again and again, slowly (`ottla.log.scrub.bytes.per.second`), so that damage
// of cold records is found while their replicas and backups are still there. Goes over the logs by name and
// remembers in each log directory how far it came. Not here: the look at one segment (scrub-segment.ts).
import { DiskError, type Slices } from "@ottla/ports";
import { isFailedSync } from "../cleaner/cleaner-host.ts";
import { CleanerThrottle } from "../cleaner/cleaner-throttle.ts";
import { type Cleaning, endOf, type RunningCleaning, runCleaning } from "../cleaner/cleaning.ts";
import { CORRUPT_RANGES, encodeCorruptRanges } from "../damage/corrupt-ranges-file.ts";
import { SCRUB_FIRST_MS, SCRUB_ROUND_MS } from "../limits.ts";
import type { LogContext } from "../log-context.ts";
import type { PartitionLog } from "../partition-log.ts";
import type { LogSegment } from "../segment/log-segment.ts";
import { ExpectedTransactions } from "./expected-transactions.ts";
import { ScrubMetrics } from "./scrub-metrics.ts";
import { readScrubPosition, type ScrubPosition, saveScrubPosition } from "./scrub-position.ts";
import { type SegmentToScrub, scrubSegment } from "./scrub-segment.ts";

/** What the scrub asks of the one who keeps the logs. */
export interface ScrubHost {
  logs(): Iterable<PartitionLog>;
  /** The log is still one of `logs`, in a directory that is online. */
  has(log: PartitionLog): boolean;
  /** A sync of the log's directory failed. */
  failed(log: PartitionLog, error: DiskError): void;
}

/** Scrubs the logs of a broker. */
export class LogScrub {
  readonly metrics: ScrubMetrics = new ScrubMetrics();
  readonly #context: LogContext;
  readonly #slices: Slices;
  readonly #host: ScrubHost;
  readonly #throttle: CleanerThrottle;
  readonly #isOff: boolean;
  #running: RunningCleaning | null = null;
  #isRunning = false;
  #dueMs: number;

  /** `bytesPerSecond` 0: nothing is scrubbed. */
  constructor(context: LogContext, slices: Slices, bytesPerSecond: number, host: ScrubHost) {
    this.#context = context;
    this.#slices = slices;
    this.#host = host;
    this.#isOff = bytesPerSecond <= 0;
    this.#throttle = new CleanerThrottle(context.ports, Math.max(1, bytesPerSecond));
    this.#dueMs = context.ports.clock.monotonicMs() + SCRUB_FIRST_MS;
  }

  /** Called about once a second, with monotonic time. */
  tick(nowMs: number): void {
    if (this.#isOff || this.#isRunning || nowMs < this.#dueMs) return;
    this.#isRunning = true;
    this.#running = runCleaning(
      this.#slices,
      this.#round(),
      {
        done: () => {
          this.#isRunning = false;
          this.metrics.rounds += 1;
          this.#dueMs = this.#context.ports.clock.monotonicMs() + SCRUB_ROUND_MS;
        },
      },
      "log scrub",
    );
  }

  close(): void {
    this.#running?.cancel();
    this.#isRunning = true;
  }

  *#round(): Cleaning<void> {
    const logs = [...this.#host.logs()].sort((left, right) => (left.path < right.path ? -1 : 1));
    const reached = new Map<string, ScrubPosition | null>();
    for (const log of logs) {
      if (!reached.has(log.directory)) {
        reached.set(log.directory, readScrubPosition(this.#context.ports.disk, log.directory));
      }
      const from = reached.get(log.directory) ?? null;
      if (from !== null && log.directoryName < from.log) continue;
      const fromOffset = from?.log === log.directoryName ? from.nextOffset : 0;
      yield* this.#scrubLog(log, fromOffset);
      yield;
    }
    for (const directory of reached.keys()) saveScrubPosition(this.#context.ports.disk, directory, null);
  }

  *#scrubLog(log: PartitionLog, fromOffset: number): Cleaning<void> {
    const { opened } = log;
    const { cuts } = opened.local;
    const isUnchanged = (segment: LogSegment): boolean =>
      this.#host.has(log) &&
      log.isWritable &&
      log.opened === opened &&
      opened.local.cuts === cuts &&
      opened.local.holds(segment);
    const transactions = new ExpectedTransactions();
    try {
      for (const segment of [...opened.local.segments]) {
        const endOffset = opened.local.segmentAfter(segment)?.baseOffset ?? Number.POSITIVE_INFINITY;
        if (segment.baseOffset < fromOffset || endOffset > log.recoveryPoint) continue;
        if (!isUnchanged(segment)) return;
        const target = { segment, endOffset, isUnchanged: () => isUnchanged(segment) };
        yield* this.#scrub(log, target, transactions);
        const position = { log: log.directoryName, nextOffset: endOffset };
        saveScrubPosition(this.#context.ports.disk, log.directory, position);
      }
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      if (isFailedSync(error)) this.#host.failed(log, error);
      this.metrics.badSegments += 1;
      this.#context.logger.error("a segment cannot be scrubbed", { path: log.path, cause: error });
    }
  }

  *#scrub(
    log: PartitionLog,
    target: Pick<SegmentToScrub, "segment" | "endOffset" | "isUnchanged">,
    transactions: ExpectedTransactions,
  ): Cleaning<void> {
    const { segment, endOffset } = target;
    const { local } = log.opened;
    const mayHaveHoles = log.config.cleanupCompact || local.cleanedEndOffset !== null;
    const found = yield* scrubSegment(this.#context, this.#throttle, {
      ...target,
      indexIntervalBytes: log.config.indexIntervalBytes,
      log: { mayHaveHoles, transactions },
      checked: (bytes) => {
        this.metrics.checkedBytes += bytes;
      },
    });
    if (found === null) return;
    this.metrics.checkedSegments += 1;
    const { damage, logger, ports } = this.#context;
    const hasGap = segment.corruptRanges.length === 0 && found.endOffset < endOffset && !mayHaveHoles;
    if (found.wereIndexesWrong) damage.rebuilt(segment.offsetIndex.file.path, "the scrub found it wrong");
    if (hasGap) {
      const { path } = segment.log;
      logger.warn("a segment ends before the next one begins", { path, ...found, nextOffset: endOffset });
    }
    if (found.newRanges > 0) {
      const bytes = encodeCorruptRanges(local.segments);
      yield* endOf((done) => ports.disk.replaceFileLater(`${log.path}/${CORRUPT_RANGES}`, bytes, done));
    }
    if (found.wasTransactionIndexWrong)
      damage.rebuilt(segment.transactionIndex.file.path, "the scrub found that it tells other transactions");
    const wasIndexWrong = found.wereIndexesWrong || found.wasTransactionIndexWrong;
    if (hasGap || found.newRanges > 0 || wasIndexWrong) this.metrics.badSegments += 1;
  }
}
