// The live side of a cleaning: whether the log is still what it was when the cleaning began, what it knows
// of its producers, and the swap. Invariant: between a check and what follows it in the same step nothing
// changes.
import { DiskError } from "@ottla/ports";
import type { LogContext } from "../log-context.ts";
import type { PartitionLog } from "../partition-log.ts";
import type { OpenedLog } from "../recovery/opened-log.ts";
import type { LogSegment } from "../segment/log-segment.ts";
import type { LogBeingCleaned } from "./clean-log.ts";
import type { CleanerHost } from "./cleaner-host.ts";
import { type Cleaning, CleaningAborted } from "./cleaning.ts";
import type { LastRecord } from "./rewrite/filter-batch.ts";
import { endSwap, isSwapping, swapIn } from "./swap-segments.ts";

/** A log with a cleaning under way. */
export class LiveLog implements LogBeingCleaned {
  readonly #context: LogContext;
  readonly #host: CleanerHost;
  readonly #log: PartitionLog;
  readonly #opened: OpenedLog;
  readonly #cuts: number;

  constructor(context: LogContext, host: CleanerHost, log: PartitionLog) {
    this.#context = context;
    this.#host = host;
    this.#log = log;
    this.#opened = log.opened;
    this.#cuts = log.opened.local.cuts;
  }

  check(): void {
    if (!this.isUnchanged) throw new CleaningAborted(`${this.#log.path} changed while it was cleaned`);
  }

  get isUnchanged(): boolean {
    const { local } = this.#opened;
    const isOpen = this.#host.has(this.#log) && this.#log.isWritable && this.#log.opened === this.#opened;
    return isOpen && local.cuts === this.#cuts;
  }

  lastRecordOf(producerId: number): LastRecord | undefined {
    return this.#opened.producers.producers.get(producerId);
  }

  *swap(cleaned: LogSegment, old: readonly LogSegment[]): Cleaning<void> {
    this.check();
    const { local, snapshots } = this.#opened;
    const { disk } = this.#context.ports;
    const first = local.segments.indexOf(old[0] as LogSegment);
    if (first < 0 || old.some((segment, index) => local.segments[first + index] !== segment)) {
      throw new CleaningAborted(`segments of ${this.#log.path} were deleted while they were cleaned`);
    }
    try {
      swapIn(disk, local, cleaned, old, (segments) => this.#host.retire(this.#log, segments));
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#host.failed(this.#log, error);
      throw new CleaningAborted(`${this.#log.path} failed in the swap of a cleaned segment`, {
        cause: error,
      });
    }
    yield;
    if (!this.isUnchanged || !local.holds(cleaned)) return;
    this.#endSwap(cleaned);
    snapshots.removeStray(new Set(local.segments.map(({ baseOffset }) => baseOffset)));
  }

  /** Segments whose last swap did not come to its end must be called by their names before the next one. */
  endSwaps(): void {
    for (const segment of this.#opened.local.segments) if (isSwapping(segment)) this.#endSwap(segment);
  }

  #endSwap(segment: LogSegment): void {
    endSwap(this.#context.ports.disk, this.#opened.local, segment);
  }
}
