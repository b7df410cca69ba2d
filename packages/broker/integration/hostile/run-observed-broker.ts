// Runs a broker as ../run-broker.ts does, and tells its parent on request what it holds: memory now and at
// its peak, metrics, connections.
import { readFileSync, writeFileSync } from "node:fs";
import { Broker } from "@ottla/broker";

/** What the parent is told. */
export interface Report {
  readonly rssBytes: number;
  /** Highest since the report before. */
  readonly peakRssBytes: number;
  /** Heap and buffers in use, after a collection. */
  readonly heldBytes: number;
  readonly connections: number;
  readonly fetchSessions: number;
  readonly bugs: number;
  /** Samples of the broker's own metrics, as `name{labels} value`. */
  readonly metrics: readonly string[];
}

let running: Broker | null = null;
const open = Broker.open;
Broker.open = (options, done) => {
  open(options, (result) => {
    if (result instanceof Broker) running = result;
    done(result);
  });
};

/** Bytes; the kernel's own high-water mark where there is one. */
function peakBytes(): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1];
    return Number(kilobytes) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

function forgetPeak(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Then the peak is that of the whole life, which only makes bounds stricter.
  }
}

process.on("message", () => {
  globalThis.gc?.();
  const samples = running?.metrics.samples() ?? [];
  const { rss, heapUsed, external } = process.memoryUsage();
  const report: Report = {
    rssBytes: rss,
    heldBytes: heapUsed + external,
    peakRssBytes: peakBytes(),
    connections: running?.connectionCount ?? 0,
    fetchSessions: running?.services.fetchSessions.size ?? 0,
    bugs: samples
      .filter(({ name }) => name === "ottla_request_bugs_total")
      .reduce((sum, { value }) => sum + value, 0),
    metrics: samples
      .filter(({ value }) => value !== 0)
      .map(({ name, labels, value }) => `${name}${JSON.stringify(labels ?? {})} ${value}`),
  };
  process.send?.(report);
  forgetPeak();
});

await import("../run-broker.ts");
