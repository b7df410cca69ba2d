// The three kinds of metric a broker keeps, as plain numbers: cheap to change on the hot path, read only when
// somebody scrapes. Not here: names and help texts of a subject (one file each), the text format of a scrape
// (cli).

/** One value of a metric as a scrape sees it. */
export interface MetricSample {
  readonly name: string;
  readonly kind: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Histograms only: cumulative counts by upper bound, and the sum of what was observed. */
  readonly buckets?: readonly { readonly upTo: number; readonly count: number }[];
  readonly sum?: number;
}

type Labels = MetricSample["labels"];

const NO_LABELS: Labels = {};

/** A value that goes up and down, as a scrape sees it. */
export function gauge(name: string, help: string, value: number, labels: Labels = NO_LABELS): MetricSample {
  return { name, kind: "gauge", help, labels, value };
}

/** A value that only grows, as a scrape sees it. */
export function counter(name: string, help: string, value: number, labels: Labels = NO_LABELS): MetricSample {
  return { name, kind: "counter", help, labels, value };
}

/** A number that only grows. */
export class Counter {
  value = 0;

  add(amount: number): void {
    this.value += amount;
  }
}

/** How often a value fell below each of a few bounds. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  count = 0;
  sum = 0;

  /** `bounds` ascend; what is above the last one counts in `count` alone. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length);
  }

  observe(value: number): void {
    this.count++;
    this.sum += value;
    for (let index = 0; index < this.#bounds.length; index++) {
      if (value > (this.#bounds[index] ?? 0)) continue;
      this.#counts[index] = (this.#counts[index] ?? 0) + 1;
      return;
    }
  }

  buckets(): { upTo: number; count: number }[] {
    let count = 0;
    return this.#bounds.map((upTo, index) => {
      count += this.#counts[index] ?? 0;
      return { upTo, count };
    });
  }
}
