// What Ottla shows under /metrics, as far as figures are made of it.

/** Values by series, as in the text: `name{label="x"}`. */
export type OperationMetrics = ReadonlyMap<string, number>;

/** Reads the Prometheus text format; comments and what is no number are left out. */
export function parseMetrics(text: string): OperationMetrics {
  const metrics = new Map<string, number>();
  for (const line of text.split("\n")) {
    const blank = line.lastIndexOf(" ");
    if (line.startsWith("#") || blank < 0) continue;
    const value = Number(line.slice(blank + 1));
    if (!Number.isNaN(value)) metrics.set(line.slice(0, blank), value);
  }
  return metrics;
}

/** The upper bound of the bucket in which that share of a histogram ends; `Infinity` beyond the last. */
export function histogramBound(metrics: OperationMetrics, name: string, share: number): number {
  const total = metrics.get(`${name}_count`) ?? 0;
  let bound = Number.POSITIVE_INFINITY;
  for (const [series, count] of metrics) {
    const upTo = Number(new RegExp(`^${name}_bucket\\{le="([^"]+)"\\}$`).exec(series)?.[1] ?? Number.NaN);
    if (Number.isFinite(upTo) && count >= total * share && upTo < bound) bound = upTo;
  }
  return bound;
}

/** Asks a broker's metrics listener. */
export async function readMetrics(port: number): Promise<OperationMetrics> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  return parseMetrics(await answer.text());
}
