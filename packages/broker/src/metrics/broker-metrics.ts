// All metrics of one broker, by subject. A scrape reads `samples()`; nothing else reads them.
import { ConnectionMetrics } from "./connection-metrics.ts";
import { LoopMetrics } from "./loop-metrics.ts";
import type { MetricSample } from "./metric.ts";
import { RequestMetrics } from "./request-metrics.ts";

/** Something that has numbers to show. */
export interface MetricSource {
  samples(): MetricSample[];
}

/** The metrics of a broker. */
export class BrokerMetrics {
  readonly connections: ConnectionMetrics = new ConnectionMetrics();
  readonly requests: RequestMetrics = new RequestMetrics();
  readonly loop: LoopMetrics = new LoopMetrics();
  readonly #sources: MetricSource[] = [this.connections, this.requests, this.loop];

  /** Adds the numbers of another part of the broker. */
  add(source: MetricSource): void {
    this.#sources.push(source);
  }

  samples(): MetricSample[] {
    return this.#sources.flatMap((source) => source.samples());
  }
}
