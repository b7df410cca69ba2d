// The segment that a cleaning writes: files that end in `.cleaned` until they take the place of others, with
// indexes built anew. What is in them is durable when `finish` is through. Not here: what goes in
// (filter-batch.ts), taking the place (swap-segments.ts).
import { DiskError } from "@ottla/ports";
import type { LogContext } from "../../log-context.ts";
import { LogSegment } from "../../segment/log-segment.ts";
import { CLEANED_SUFFIX } from "../../segment/segment-file-name.ts";
import type { AbortedTxn } from "../../segment/transaction-index.ts";
import type { CleanerThrottle } from "../cleaner-throttle.ts";
import { type Cleaning, resultOf, syncOnPool, UncleanableLog } from "../cleaning.ts";
import type { FilteredBatch } from "./filter-batch.ts";

/** Positions in the offset index are int32. */
const SEGMENT_BYTES_MAX = 0x7fffffff;

/** How a segment is written. */
export interface CleanedSegmentOptions {
  readonly directory: string;
  readonly baseOffset: number;
  /** Of the newest segment that goes into it. */
  readonly createdMs: number;
  readonly indexIntervalBytes: number;
  readonly chunkBytes: number;
  /** Called before the disk is touched; throws when the log is no longer to be cleaned. */
  readonly check: () => void;
}

/** A segment in the making. */
export class CleanedSegment {
  readonly segment: LogSegment;
  readonly #context: LogContext;
  readonly #throttle: CleanerThrottle;
  readonly #options: CleanedSegmentOptions;
  readonly #buffer: Uint8Array;
  #buffered = 0;
  #writtenBytes = 0;

  /** Creates the files. Throws `DiskError`. */
  constructor(context: LogContext, throttle: CleanerThrottle, options: CleanedSegmentOptions) {
    const { directory, baseOffset, createdMs, chunkBytes } = options;
    this.#context = context;
    this.#throttle = throttle;
    this.#options = options;
    this.#buffer = new Uint8Array(chunkBytes);
    this.segment = new LogSegment(context.files, directory, baseOffset, createdMs, true);
    options.check();
    for (const file of this.segment.files()) {
      file.moved(`${file.path}${CLEANED_SUFFIX}`);
      file.remove();
    }
    this.segment.createFiles();
  }

  /** Throws `DiskError`. */
  addAborted(aborted: AbortedTxn): void {
    this.#options.check();
    this.segment.transactionIndex.append(aborted);
  }

  /** Throws `DiskError`, `UncleanableLog`. */
  *append(batch: FilteredBatch): Cleaning<void> {
    const { bytes, lastOffset, maxTimestamp } = batch;
    const { segment } = this;
    if (segment.sizeInBytes + bytes.length > SEGMENT_BYTES_MAX || !segment.canHold(lastOffset)) {
      throw new UncleanableLog(`${segment.log.path} would hold more than a segment can`);
    }
    if (this.#buffered + bytes.length > this.#buffer.length) yield* this.#write();
    // While a throttled write waits the memory of the batch stays: nothing reads on.
    segment.appended({ bytes: bytes.length, lastOffset, maxTimestamp }, this.#options.indexIntervalBytes);
    if (bytes.length > this.#buffer.length) yield* this.#writeOut(bytes);
    else {
      this.#buffer.set(bytes, this.#buffered);
      this.#buffered += bytes.length;
    }
  }

  /** Everything is on disk, under its `.cleaned` names. Throws `DiskError`. */
  *finish(): Cleaning<void> {
    const { segment } = this;
    yield* this.#write();
    this.#options.check();
    segment.finish();
    segment.transactionIndex.takeUnsynced();
    for (const file of segment.files()) {
      if (!file.exists()) continue;
      yield* syncOnPool(file);
      this.#options.check();
    }
    const { disk } = this.#context.ports;
    const error = yield* resultOf((done: (error: DiskError | null) => void) =>
      disk.syncDirectoryLater(this.#options.directory, done),
    );
    this.#options.check();
    if (error !== null) throw error;
  }

  /** The files go; what cannot be removed now goes when the log is opened next. */
  discard(): void {
    for (const file of this.segment.files()) {
      try {
        file.remove();
      } catch (error) {
        if (!(error instanceof DiskError)) throw error;
        this.#context.logger.warn("a file of an ended cleaning could not be removed", {
          path: file.path,
          cause: error,
        });
      }
    }
  }

  *#write(): Cleaning<void> {
    if (this.#buffered === 0) return;
    yield* this.#writeOut(this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }

  *#writeOut(bytes: Uint8Array): Cleaning<void> {
    yield* this.#throttle.pay(bytes.length);
    this.#options.check();
    this.segment.log.opened().write([bytes], this.#writtenBytes);
    this.#writtenBytes += bytes.length;
    yield;
    this.#options.check();
  }
}
