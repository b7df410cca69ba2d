// One metric of a client as its user gets it: Apache Kafka's group, name and tags, and the value at the
// moment of the question. Nothing is reckoned before somebody asks.
import type { WindowedValues } from "./windowed-values.ts";

const MS_PER_SECOND = 1000;

/** A number, or a text where the value is no measure (a version). NaN: nothing was measured. */
export interface ClientMetric {
  readonly group: string;
  readonly name: string;
  /** `client-id`, and what else the metric is about. */
  readonly tags: Readonly<Record<string, string>>;
  readonly value: number | string;
}

/** Adds how many metrics there are, this one included. */
export function withCount(
  metrics: ClientMetric[],
  tags: Readonly<Record<string, string>>,
): readonly ClientMetric[] {
  return [...metrics, { group: "kafka-metrics-count", name: "count", tags, value: metrics.length + 1 }];
}

/** Collects metrics of one group and one set of tags. */
export class MetricList {
  readonly metrics: ClientMetric[];
  readonly #group: string;
  readonly #tags: Readonly<Record<string, string>>;
  readonly #nowMs: number;

  /** `nowMs`: monotonic. */
  constructor(
    group: string,
    tags: Readonly<Record<string, string>>,
    nowMs: number,
    into: ClientMetric[] = [],
  ) {
    this.metrics = into;
    this.#group = group;
    this.#tags = tags;
    this.#nowMs = nowMs;
  }

  value(name: string, value: number | string): void {
    this.metrics.push({ group: this.#group, name, tags: this.#tags, value });
  }

  /** Whole seconds since a monotonic time; −1 when it never was. */
  secondsSince(name: string, sinceMs: number | null): void {
    this.value(name, sinceMs === null ? -1 : Math.floor((this.#nowMs - sinceMs) / MS_PER_SECOND));
  }

  /** `NAME-rate` and `NAME-total`, of the sum of values. */
  meter(name: string, values: WindowedValues): void {
    this.value(`${name}-rate`, values.rate(this.#nowMs));
    this.value(`${name}-total`, values.total);
  }

  /** `NAME-rate` and `NAME-total`, of how many values there were. */
  countMeter(name: string, values: WindowedValues): void {
    this.value(`${name}-rate`, values.countRate(this.#nowMs));
    this.value(`${name}-total`, values.totalCount);
  }

  /** `NAME-avg` and `NAME-max`. */
  averageAndMax(name: string, values: WindowedValues): void {
    this.value(`${name}-avg`, values.average(this.#nowMs));
    this.value(`${name}-max`, values.max(this.#nowMs));
  }
}
