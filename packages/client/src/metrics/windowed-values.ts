// Values seen by one sensor: totals since it began, and rate, average, maximum and minimum over the last few
// windows of time, as Apache Kafka's clients reckon them. Invariant: it holds `count` windows at most, and a
// value costs a few additions.

/** `metrics.num.samples` and `metrics.sample.window.ms`. */
export interface MetricWindows {
  readonly count: number;
  readonly windowMs: number;
}

interface Window {
  readonly startMs: number;
  lastMs: number;
  count: number;
  sum: number;
  max: number;
  min: number;
}

/** All times are monotonic milliseconds. */
export class WindowedValues {
  /** Sum of all values. */
  total = 0;
  /** How many values there were. */
  totalCount = 0;
  readonly #windows: MetricWindows;
  #samples: Window[] = [];

  constructor(windows: MetricWindows) {
    this.#windows = windows;
  }

  record(value: number, nowMs: number): void {
    this.total += value;
    this.totalCount += 1;
    const sample = this.#current(nowMs);
    sample.lastMs = nowMs;
    sample.count += 1;
    sample.sum += value;
    if (value > sample.max) sample.max = value;
    if (value < sample.min) sample.min = value;
  }

  /** Values in the windows. */
  count(nowMs: number): number {
    return this.#recent(nowMs).reduce((all, { count }) => all + count, 0);
  }

  /** NaN without values. */
  average(nowMs: number): number {
    return this.#sum(nowMs) / this.count(nowMs);
  }

  /** NaN without values. */
  max(nowMs: number): number {
    const recent = this.#recent(nowMs);
    return recent.length === 0 ? Number.NaN : Math.max(...recent.map(({ max }) => max));
  }

  /** NaN without values. */
  min(nowMs: number): number {
    const recent = this.#recent(nowMs);
    return recent.length === 0 ? Number.NaN : Math.min(...recent.map(({ min }) => min));
  }

  /** Sum of values per second. */
  rate(nowMs: number): number {
    return this.#sum(nowMs) / this.#seconds(nowMs);
  }

  /** Values per second, however large. */
  countRate(nowMs: number): number {
    return this.count(nowMs) / this.#seconds(nowMs);
  }

  #sum(nowMs: number): number {
    return this.#recent(nowMs).reduce((all, { sum }) => all + sum, 0);
  }

  /**
   * What the windows cover. A sensor younger than all windows but one counts as if these had passed: a rate
   * of the first second would say little.
   */
  #seconds(nowMs: number): number {
    const { count, windowMs } = this.#windows;
    const elapsedMs = nowMs - (this.#recent(nowMs)[0]?.startMs ?? nowMs);
    const missing = Math.max(0, count - 1 - Math.floor(elapsedMs / windowMs));
    return Math.max(1, elapsedMs + missing * windowMs) / 1000;
  }

  #recent(nowMs: number): readonly Window[] {
    const { count, windowMs } = this.#windows;
    return this.#samples.filter(({ lastMs }) => nowMs - lastMs < count * windowMs);
  }

  #current(nowMs: number): Window {
    const { count, windowMs } = this.#windows;
    const last = this.#samples.at(-1);
    if (last !== undefined && nowMs - last.startMs < windowMs) return last;
    const { POSITIVE_INFINITY, NEGATIVE_INFINITY } = Number;
    const next = {
      startMs: nowMs,
      lastMs: nowMs,
      count: 0,
      sum: 0,
      max: NEGATIVE_INFINITY,
      min: POSITIVE_INFINITY,
    };
    this.#samples.push(next);
    if (this.#samples.length > count) this.#samples.shift();
    return next;
  }
}
