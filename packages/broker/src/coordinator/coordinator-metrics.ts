// Metrics of the partitions that a coordinator of this broker holds, and of what it writes to them.
import { Counter, type MetricSample } from "../metrics/metric.ts";

/** Numbers of one coordinator. */
export class CoordinatorMetrics {
  /** Partitions held now. */
  partitions = 0;
  /** Partitions whose log failed; they are held again once it reopens. */
  failedPartitions = 0;
  readonly #coordinator: string;
  readonly #batches = new Counter();
  readonly #batchBytes = new Counter();
  readonly #refused = new Counter();

  /** `coordinator`: value of the label by which the numbers of several are told apart. */
  constructor(coordinator: string) {
    this.#coordinator = coordinator;
  }

  appended(bytes: number, isRefused: boolean): void {
    if (isRefused) {
      this.#refused.add(1);
      return;
    }
    this.#batches.add(1);
    this.#batchBytes.add(bytes);
  }

  samples(): MetricSample[] {
    const labels = { coordinator: this.#coordinator };
    const gauge = (name: string, help: string, value: number): MetricSample => ({
      name,
      kind: "gauge",
      help,
      labels,
      value,
    });
    const counter = (name: string, help: string, value: number): MetricSample => ({
      name,
      kind: "counter",
      help,
      labels,
      value,
    });
    return [
      gauge("ottla_coordinator_partitions", "Partitions that this coordinator holds.", this.partitions),
      gauge(
        "ottla_coordinator_failed_partitions",
        "Partitions that this coordinator lost to a failed log.",
        this.failedPartitions,
      ),
      counter(
        "ottla_coordinator_batches_total",
        "Batches that this coordinator appended.",
        this.#batches.value,
      ),
      counter(
        "ottla_coordinator_batch_bytes_total",
        "Bytes of batches that this coordinator appended.",
        this.#batchBytes.value,
      ),
      counter(
        "ottla_coordinator_refused_batches_total",
        "Batches of this coordinator that the log refused.",
        this.#refused.value,
      ),
    ];
  }
}
