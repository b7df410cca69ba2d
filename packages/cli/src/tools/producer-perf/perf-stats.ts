// What answers tell of a run: counts, rates, latencies; in all and since the last line of progress. Latencies
// are sampled so that a run of any length keeps LATENCIES_MAX of them.
import { fixed } from "../client-tool/java-format.ts";

const LATENCIES_MAX = 500_000;
const MIB = 1024 * 1024;
const PERCENTILES = [0.5, 0.95, 0.99, 0.999];

/** One summary, from `startMs` on. */
export class PerfStats {
  readonly #startMs: number;
  readonly #reportMs: number;
  readonly #kind: string;
  readonly #sampling: number;
  readonly #latencies: Int32Array;
  #sampled = 0;
  #count = 0;
  #bytes = 0;
  #totalLatency = 0;
  #maxLatency = 0;
  #windowStartMs: number;
  #windowCount = 0;
  #windowBytes = 0;
  #windowTotalLatency = 0;
  #windowMaxLatency = 0;

  /** `kind` stands in front of "records sent", such as `steady state `. */
  constructor(recordsMax: number, reportMs: number, startMs: number, kind: string = "") {
    this.#startMs = startMs;
    this.#windowStartMs = startMs;
    this.#reportMs = reportMs;
    this.#kind = kind;
    const latencies = Math.max(1, Math.min(recordsMax, LATENCIES_MAX));
    this.#sampling = Math.max(1, Math.floor(recordsMax / latencies));
    this.#latencies = new Int32Array(latencies);
  }

  /** One answer. Returns the line of progress that is due, or null. */
  record(latencyMs: number, bytes: number, nowMs: number): string | null {
    if (this.#count % this.#sampling === 0 && this.#sampled < this.#latencies.length) {
      this.#latencies[this.#sampled++] = latencyMs;
    }
    this.#count += 1;
    this.#bytes += bytes;
    this.#totalLatency += latencyMs;
    if (latencyMs > this.#maxLatency) this.#maxLatency = latencyMs;
    this.#windowCount += 1;
    this.#windowBytes += bytes;
    this.#windowTotalLatency += latencyMs;
    if (latencyMs > this.#windowMaxLatency) this.#windowMaxLatency = latencyMs;
    return nowMs - this.#windowStartMs >= this.#reportMs ? this.#closeWindow(nowMs) : null;
  }

  /** The last line. */
  total(nowMs: number): string {
    const elapsedMs = nowMs - this.#startMs;
    const perSecond = (1000 * this.#count) / elapsedMs;
    const mibPerSecond = (1000 * this.#bytes) / elapsedMs / MIB;
    const [p50, p95, p99, p999] = this.#percentiles();
    return (
      `${this.#count} ${this.#kind}records sent, ${fixed(perSecond, 6)} records/sec (${fixed(mibPerSecond, 2)} MB/sec), ` +
      `${fixed(this.#totalLatency / this.#count, 2)} ms avg latency, ${fixed(this.#maxLatency, 2)} ms max latency, ` +
      `${p50} ms 50th, ${p95} ms 95th, ${p99} ms 99th, ${p999} ms 99.9th.\n`
    );
  }

  #closeWindow(nowMs: number): string {
    const elapsedMs = nowMs - this.#windowStartMs;
    const perSecond = (1000 * this.#windowCount) / elapsedMs;
    const mibPerSecond = (1000 * this.#windowBytes) / elapsedMs / MIB;
    const line =
      `${this.#windowCount} ${this.#kind}records sent, ${fixed(perSecond, 1)} records/sec ` +
      `(${fixed(mibPerSecond, 2)} MB/sec), ${fixed(this.#windowTotalLatency / this.#windowCount, 1)} ms avg latency, ` +
      `${fixed(this.#windowMaxLatency, 1)} ms max latency.\n`;
    this.#windowStartMs = nowMs;
    this.#windowCount = 0;
    this.#windowBytes = 0;
    this.#windowTotalLatency = 0;
    this.#windowMaxLatency = 0;
    return line;
  }

  #percentiles(): readonly number[] {
    const sorted = this.#latencies.subarray(0, this.#sampled).sort();
    return PERCENTILES.map((part) => sorted[Math.floor(part * sorted.length)] ?? 0);
  }
}
