// Metrics of requests by API: how many, how long from last byte to answer, how large, how many ended in a
// bug. And the steps that held the loop for longer than they may.
import { Counter, counter, gauge, Histogram, type MetricSample } from "./metric.ts";
import { stepMsMax } from "./step-limit.ts";

/** Milliseconds. */
const latencyBounds = [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000];

/** Numbers of one API. */
export class ApiMetrics {
  readonly name: string;
  readonly totalMs: Histogram = new Histogram(latencyBounds);
  readonly bytesIn: Counter = new Counter();
  readonly bytesOut: Counter = new Counter();
  readonly bugs: Counter = new Counter();
  /** Handler calls above `stepMsMax`. */
  readonly longSteps: Counter = new Counter();
  longestStepMs = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** The handler's call took this long. */
  stepTook(ms: number): void {
    if (ms <= stepMsMax) return;
    this.longSteps.add(1);
    if (ms > this.longestStepMs) this.longestStepMs = ms;
  }
}

/** Numbers of all APIs of a broker. */
export class RequestMetrics {
  readonly #byKey = new Map<number, ApiMetrics>();
  /** Requests that could not be decoded, by what was wrong. */
  readonly refused: Map<"unknown-api" | "unsupported-version" | "malformed" | "unauthenticated", Counter> =
    new Map([
      ["unknown-api", new Counter()],
      ["unsupported-version", new Counter()],
      ["malformed", new Counter()],
      ["unauthenticated", new Counter()],
    ]);

  /** `key` comes from the table of served APIs, never from a peer alone. */
  api(key: number, name: string): ApiMetrics {
    let api = this.#byKey.get(key);
    if (api === undefined) {
      api = new ApiMetrics(name);
      this.#byKey.set(key, api);
    }
    return api;
  }

  samples(): MetricSample[] {
    const samples: MetricSample[] = [];
    for (const [reason, refused] of this.refused) {
      const help = "Requests answered by closing the connection.";
      samples.push(counter("ottla_requests_refused_total", help, refused.value, { reason }));
    }
    for (const api of this.#byKey.values()) samples.push(...apiSamples(api));
    return samples;
  }
}

function apiSamples(api: ApiMetrics): MetricSample[] {
  const labels = { api: api.name };
  return [
    {
      name: "ottla_request_duration_ms",
      kind: "histogram",
      help: "From the last byte of a request to its answer, in milliseconds.",
      labels,
      value: api.totalMs.count,
      sum: api.totalMs.sum,
      buckets: api.totalMs.buckets(),
    },
    counter("ottla_request_bytes_total", "Bytes of request frames.", api.bytesIn.value, labels),
    counter("ottla_response_bytes_total", "Bytes of response frames.", api.bytesOut.value, labels),
    counter(
      "ottla_request_bugs_total",
      "Requests that ended in UNKNOWN_SERVER_ERROR.",
      api.bugs.value,
      labels,
    ),
    counter("ottla_request_long_steps_total", "Handler calls above 5 ms.", api.longSteps.value, labels),
    gauge("ottla_request_longest_step_ms", "Longest handler call.", api.longestStepMs, labels),
  ];
}
