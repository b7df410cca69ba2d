// Percentiles over a list of measured times, as figures.
import { ascending, percentile } from "../report/statistics.ts";
import type { Figures } from "./load.ts";

export { ascending, percentile };

/** What a client measured of single requests, in milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** The percentiles of these times. */
export function latencyOf(times: readonly number[]): Latency {
  const sorted = ascending(times);
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), p999: percentile(sorted, 0.999) };
}

/** As figures `<name> p50 ms` and so on. */
export function latencyFigures(name: string, { p50, p99, p999 }: Latency): Figures {
  return { [`${name}p50 ms`]: p50, [`${name}p99 ms`]: p99, [`${name}p99.9 ms`]: p999 };
}
