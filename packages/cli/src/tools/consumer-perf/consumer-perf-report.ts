// What a run has read, and its lines: one at the end, or one for each interval.
import { fixed } from "../client-tool/java-format.ts";

const MIB = 1024 * 1024;
const COLUMNS =
  "data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, " +
  "fetch.MB.sec, fetch.nMsg.sec\n";

/** The names of the columns. */
export function headerLine(isDetailed: boolean): string {
  return `${isDetailed ? "time, threadId" : "start.time, end.time"}, ${COLUMNS}`;
}

export interface ReportOptions {
  readonly isDetailed: boolean;
  /** From one line of progress to the next. */
  readonly reportMs: number;
  readonly date: (wallMs: number) => string;
  readonly startMs: number;
  readonly out: (text: string) => void;
}

/** Counts and lines of one run. */
export class ConsumerPerfReport {
  readonly #options: ReportOptions;
  #records = 0;
  #bytes = 0;
  #joinStartMs: number;
  #joinMs = 0;
  #intervalJoinMs = 0;
  #reportedMs: number;
  #reportedRecords = 0;
  #reportedBytes = 0;

  constructor(options: ReportOptions) {
    this.#options = options;
    this.#joinStartMs = options.startMs;
    this.#reportedMs = options.startMs;
  }

  get records(): number {
    return this.#records;
  }

  /** Polling begins: intervals count from here. */
  begin(nowMs: number): void {
    this.#reportedMs = nowMs;
  }

  /** All partitions are gone. */
  joining(nowMs: number): void {
    this.#joinStartMs = nowMs;
  }

  /** The first partitions are here. */
  joined(nowMs: number): void {
    const elapsedMs = nowMs - this.#joinStartMs;
    this.#joinMs += elapsedMs;
    this.#intervalJoinMs += elapsedMs;
  }

  /** One record of a poll that ended at `nowMs`. */
  record(bytes: number, nowMs: number): void {
    this.#records += 1;
    this.#bytes += bytes;
    if (nowMs - this.#reportedMs < this.#options.reportMs) return;
    if (this.#options.isDetailed) this.#options.out(this.#intervalLine(nowMs));
    this.#intervalJoinMs = 0;
    this.#reportedMs = nowMs;
    this.#reportedRecords = this.#records;
    this.#reportedBytes = this.#bytes;
  }

  /** The line of the whole run, unless there were lines of intervals. */
  finish(endMs: number): void {
    const { isDetailed, date, startMs, out } = this.#options;
    if (isDetailed) return;
    const seconds = (endMs - startMs) / 1000;
    const fetchMs = endMs - startMs - this.#joinMs;
    const mib = this.#bytes / MIB;
    const numbers = [
      fixed(mib, 4),
      fixed(mib / seconds, 4),
      this.#records,
      fixed(this.#records / seconds, 4),
      this.#joinMs,
      fetchMs,
      fixed(mib / (fetchMs / 1000), 4),
      fixed(this.#records / (fetchMs / 1000), 4),
    ];
    out(`${date(startMs)}, ${date(endMs)}, ${numbers.join(", ")}\n`);
  }

  #intervalLine(nowMs: number): string {
    const elapsedMs = nowMs - this.#reportedMs;
    const records = this.#records - this.#reportedRecords;
    const mib = (this.#bytes - this.#reportedBytes) / MIB;
    const fetchMs = elapsedMs - this.#intervalJoinMs;
    const numbers = [
      0,
      fixed(this.#bytes / MIB, 4),
      fixed((1000 * mib) / elapsedMs, 4),
      this.#records,
      fixed((records / elapsedMs) * 1000, 4),
      this.#intervalJoinMs,
      fetchMs,
      fixed(fetchMs <= 0 ? 0 : (1000 * mib) / fetchMs, 4),
      fixed(fetchMs <= 0 ? 0 : (1000 * records) / fetchMs, 4),
    ];
    return `${this.#options.date(nowMs)}, ${numbers.join(", ")}\n`;
  }
}
