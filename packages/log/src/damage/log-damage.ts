// What was found damaged in the logs of a broker: counted, and told with file, position and offsets. Every
// place that cuts, keeps or rebuilds something tells it here, so that nothing goes in silence. Not here: what
// is done about it (recovery/, scrub/).
import type { Clock, Logger } from "@ottla/ports";
import { CORRUPT_READ_TOLD_MS } from "../limits.ts";
import type { CorruptLogError } from "../segment/corrupt-log-error.ts";
import type { CorruptRange } from "./corrupt-range.ts";

/** Counts since the process started; read by a scrape. */
export class LogDamage {
  /** Ranges that readers are told about. */
  corruptRanges = 0;
  corruptBytes = 0;
  /** Reads that were answered with CORRUPT_MESSAGE. */
  corruptReads = 0;
  /** Bytes that recovery cut off behind the durable end. */
  cutBytes = 0;
  /** Indexes, snapshots and checkpoints that were wrong and made again from the log. */
  rebuiltFiles = 0;
  readonly #logger: Logger;
  readonly #clock: Clock;
  #readToldMs = Number.NEGATIVE_INFINITY;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Durable records are damaged or gone; the range is kept as it is. */
  foundCorrupt(path: string, range: CorruptRange): void {
    this.corruptRanges += 1;
    this.corruptBytes += range.bytes;
    this.#logger.error("records that were durable are damaged; reading them answers CORRUPT_MESSAGE", {
      path,
      position: range.position,
      bytes: range.bytes,
      fromOffset: range.fromOffset,
      toOffset: range.toOffset,
    });
  }

  /** Told at a bounded rate: a consumer asks again and again. */
  readOfDamage(error: CorruptLogError): void {
    this.corruptReads += 1;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#readToldMs < CORRUPT_READ_TOLD_MS) return;
    this.#readToldMs = nowMs;
    const { path, position } = error;
    this.#logger.warn("a read met damage and was answered CORRUPT_MESSAGE", { path, position });
  }

  /** A file that follows from the log was wrong, and is made again. */
  rebuilt(path: string, reason: string): void {
    this.rebuiltFiles += 1;
    this.#logger.warn("a file that follows from the log is wrong and is made again", { path, reason });
  }
}
