// Metrics of connections: how many, what they carried, and why some were closed.
import { Counter, counter, gauge, type MetricSample } from "./metric.ts";

/** Counters of all connections of a broker. */
export class ConnectionMetrics {
  /** Connections open now. */
  open = 0;
  readonly accepted: Counter = new Counter();
  /** Refused by max.connections.per.ip. */
  refusedPerIp: Counter = new Counter();
  readonly bytesIn: Counter = new Counter();
  readonly bytesOut: Counter = new Counter();
  readonly refusedFrames: Counter = new Counter();
  readonly slowFrames: Counter = new Counter();
  readonly idleClosed: Counter = new Counter();
  readonly outputDropped: Counter = new Counter();

  samples(): MetricSample[] {
    return [
      gauge("ottla_connections", "Open client connections.", this.open),
      counter("ottla_connections_accepted_total", "Connections accepted.", this.accepted.value),
      counter(
        "ottla_connections_refused_total",
        "Connections refused by max.connections.per.ip.",
        this.refusedPerIp.value,
      ),
      counter("ottla_network_received_bytes_total", "Bytes of request frames.", this.bytesIn.value),
      counter("ottla_network_sent_bytes_total", "Bytes of reply frames.", this.bytesOut.value),
      counter("ottla_frames_refused_total", "Frames of a bad length.", this.refusedFrames.value),
      counter("ottla_frames_slow_total", "Frames that took too long to arrive.", this.slowFrames.value),
      counter(
        "ottla_connections_output_dropped_total",
        "Connections closed because replies that their peers did not take filled the memory.",
        this.outputDropped.value,
      ),
      counter("ottla_connections_idle_closed_total", "Connections closed as idle.", this.idleClosed.value),
    ];
  }
}
