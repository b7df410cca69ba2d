// What all clients measure of their connections, as a whole and by node. A node's second connection counts as
// a node of its own, under the number that Apache Kafka gives it.
import type { RpcObserver } from "@ottla/rpc";
import type { ClientConfig } from "../config/client-config.ts";
import type { ClientPorts } from "../environment/client-environment.ts";
import { METRIC_NODES_MAX, SOFTWARE_VERSION } from "../limits.ts";
import { type ClientMetric, MetricList } from "./client-metric.ts";
import { type MetricWindows, WindowedValues } from "./windowed-values.ts";

/** Whose connections are measured. */
export interface ConnectionMetricsOptions {
  /** First word of the groups: `producer`, `consumer`, `admin-client`. */
  readonly kind: string;
  readonly clientId: string;
  readonly windows: MetricWindows;
  /** The API whose answers make the latencies; without one there are none. */
  readonly latencyOf?: number;
  /** Milliseconds since 1970 at which the client began. */
  readonly startMs: number;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

class Traffic {
  /** Bytes of each. */
  readonly requests: WindowedValues;
  readonly responses: WindowedValues;
  readonly latency: WindowedValues;

  constructor(windows: MetricWindows) {
    this.requests = new WindowedValues(windows);
    this.responses = new WindowedValues(windows);
    this.latency = new WindowedValues(windows);
  }

  list(into: MetricList): void {
    into.meter("outgoing-byte", this.requests);
    into.countMeter("request", this.requests);
    into.averageAndMax("request-size", this.requests);
    into.meter("incoming-byte", this.responses);
    into.countMeter("response", this.responses);
  }
}

/** The measures of a client with these settings. */
export function connectionMetrics(
  kind: string,
  clientId: string,
  config: ClientConfig,
  ports: ClientPorts,
  latencyOf?: number,
): ConnectionMetrics {
  const { clock } = ports;
  return new ConnectionMetrics({
    kind,
    clientId,
    windows: {
      count: config.number("metrics.num.samples"),
      windowMs: config.number("metrics.sample.window.ms"),
    },
    startMs: Math.round(clock.wallMs()),
    nowMs: () => clock.monotonicMs(),
    ...(latencyOf === undefined ? {} : { latencyOf }),
  });
}

/** The connections of one client. */
export class ConnectionMetrics {
  /** Milliseconds that answers told; 0 for most. */
  readonly throttleTime: WindowedValues;
  readonly windows: MetricWindows;
  readonly #options: ConnectionMetricsOptions;
  readonly #all: Traffic;
  readonly #created: WindowedValues;
  readonly #closed: WindowedValues;
  readonly #nodes = new Map<string, Traffic>();

  constructor(options: ConnectionMetricsOptions) {
    this.#options = options;
    this.windows = options.windows;
    this.throttleTime = new WindowedValues(options.windows);
    this.#all = new Traffic(options.windows);
    this.#created = new WindowedValues(options.windows);
    this.#closed = new WindowedValues(options.windows);
  }

  /** Latency of the answers that count, over all nodes. */
  get latency(): WindowedValues {
    return this.#all.latency;
  }

  get tags(): Readonly<Record<string, string>> {
    return { "client-id": this.#options.clientId };
  }

  nowMs(): number {
    return this.#options.nowMs();
  }

  /** Counts the traffic of the connection to one node, whose name may change. */
  observer(nodeName: () => string): RpcObserver {
    const { nowMs, latencyOf } = this.#options;
    const all = this.#all;
    return {
      opened: () => this.#created.record(1, nowMs()),
      closed: () => this.#closed.record(1, nowMs()),
      sent: (bytes) => {
        all.requests.record(bytes, nowMs());
        this.#node(nodeName())?.requests.record(bytes, nowMs());
      },
      received: (bytes) => {
        all.responses.record(bytes, nowMs());
        this.#node(nodeName())?.responses.record(bytes, nowMs());
      },
      answered: (apiKey, latencyMs, throttleMs) => {
        this.throttleTime.record(throttleMs, nowMs());
        if (apiKey !== latencyOf) return;
        all.latency.record(latencyMs, nowMs());
        this.#node(nodeName())?.latency.record(latencyMs, nowMs());
      },
    };
  }

  /** The groups `app-info`, `KIND-metrics` and `KIND-node-metrics`. */
  list(): ClientMetric[] {
    const { kind, startMs } = this.#options;
    const nowMs = this.nowMs();
    const metrics: ClientMetric[] = [];
    const info = new MetricList("app-info", this.tags, nowMs, metrics);
    info.value("commit-id", "unknown");
    info.value("start-time-ms", String(startMs));
    info.value("version", SOFTWARE_VERSION);
    const list = new MetricList(`${kind}-metrics`, this.tags, nowMs, metrics);
    this.#all.list(list);
    list.value("connection-count", this.#created.totalCount - this.#closed.totalCount);
    list.countMeter("connection-creation", this.#created);
    list.countMeter("connection-close", this.#closed);
    const { requests, responses } = this.#all;
    list.value("network-io-rate", requests.countRate(nowMs) + responses.countRate(nowMs));
    list.value("network-io-total", requests.totalCount + responses.totalCount);
    for (const [name, traffic] of this.#nodes) {
      const tags = { ...this.tags, "node-id": name };
      const node = new MetricList(`${kind}-node-metrics`, tags, nowMs, metrics);
      traffic.list(node);
      node.averageAndMax("request-latency", traffic.latency);
    }
    return metrics;
  }

  #node(name: string): Traffic | null {
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    if (this.#nodes.size >= METRIC_NODES_MAX) return null;
    const traffic = new Traffic(this.#options.windows);
    this.#nodes.set(name, traffic);
    return traffic;
  }
}
