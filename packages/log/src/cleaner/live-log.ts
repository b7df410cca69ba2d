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
import { type Cleaning, CleaningAborted, resultOf } from "./cleaning.ts";
import type { LastRecord } from "./rewrite/filter-batch.ts";
import { beginSwap, endSwap, giveUpSwap, isSwapping, swapIn } from "./swap-segments.ts";

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
    const { local, snapshots } = this.#opened;
    this.#checkHas(old);
    this.#guarded(() => beginSwap(local, cleaned));
    const failure = yield* this.#syncNames();
    try {
      this.#checkHas(old);
    } catch (error) {
      giveUpSwap(local, cleaned);
      if (this.isUnchanged) this.#context.ports.disk.syncDirectory(local.directory);
      throw error;
    }
    this.#guarded(() => {
      if (failure !== null) throw failure;
      swapIn(local, cleaned, old, (segments) => this.#host.retire(this.#log, segments));
    });
    const { nameChanges } = local;
    const second = yield* this.#syncNames();
    if (!this.isUnchanged || !local.holds(cleaned)) return;
    this.#guarded(() => {
      if (second !== null) throw second;
      local.namesSynced(nameChanges);
      endSwap(cleaned);
    });
    snapshots.removeStray(new Set(local.segments.map(({ baseOffset }) => baseOffset)));
    yield* this.#syncNames();
  }

  /** Segments whose last swap did not come to its end must be called by their names before the next one. */
  endSwaps(): void {
    for (const segment of this.#opened.local.segments) if (isSwapping(segment)) endSwap(segment);
  }

  #checkHas(old: readonly LogSegment[]): void {
    this.check();
    const { segments } = this.#opened.local;
    const first = segments.indexOf(old[0] as LogSegment);
    if (first < 0 || old.some((segment, index) => segments[first + index] !== segment)) {
      throw new CleaningAborted(`segments of ${this.#log.path} were deleted while they were cleaned`);
    }
  }

  /** Makes the names in the log's directory durable, on the pool; the log may be another one after it. */
  *#syncNames(): Cleaning<DiskError | null> {
    const { disk } = this.#context.ports;
    const { directory } = this.#opened.local;
    return yield* resultOf((done: (error: DiskError | null) => void) =>
      disk.syncDirectoryLater(directory, done),
    );
  }

  /** An error of the disk fails the log: opening it again takes the swap the one way or the other. */
  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#host.failed(this.#log, error);
      throw new CleaningAborted(`${this.#log.path} failed in the swap of a cleaned segment`, {
        cause: error,
      });
    }
  }
}
