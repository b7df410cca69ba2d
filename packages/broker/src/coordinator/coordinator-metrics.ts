// Metrics that every coordinator has, whatever it keeps: the partitions it holds, what it decides and what it
// writes to them. Not here: numbers of groups (group-metrics.ts), the counting (package coordinator).
import type { RuntimeMetrics } from "@ottla/coordinator";
import { counter, gauge, type MetricSample } from "../metrics/metric.ts";

/** Partitions of one coordinator. */
export interface HeldPartitions {
  /** Held now. */
  readonly held: number;
  /** Lost to a failed log; they are held again once it reopens. */
  readonly failed: number;
}

/** What a scrape shows of one coordinator; `coordinator` is the label by which several are told apart. */
export function coordinatorSamples(
  coordinator: string,
  partitions: HeldPartitions,
  runtime: Readonly<RuntimeMetrics>,
): MetricSample[] {
  const labels = { coordinator };
  const samples = [
    gauge("ottla_coordinator_partitions", "Partitions that a coordinator holds.", partitions.held),
    gauge(
      "ottla_coordinator_failed_partitions",
      "Partitions that a coordinator lost to a failed log.",
      partitions.failed,
    ),
    counter("ottla_coordinator_loads_total", "Partitions that were read into memory.", runtime.loads),
    counter(
      "ottla_coordinator_failed_loads_total",
      "Tries to read a partition that failed.",
      runtime.failedLoads,
    ),
    counter("ottla_coordinator_loaded_records_total", "Records read from partitions.", runtime.loadedRecords),
    counter(
      "ottla_coordinator_damaged_records_total",
      "Records that could not be read and were left out.",
      runtime.damagedRecords,
    ),
    counter("ottla_coordinator_writes_total", "Decisions asked for.", runtime.writes),
    counter("ottla_coordinator_reads_total", "Answers asked for from what is committed.", runtime.reads),
    counter(
      "ottla_coordinator_rejected_total",
      "Decisions and answers refused: not loaded, not here, too many.",
      runtime.rejected,
    ),
    counter(
      "ottla_coordinator_timed_out_writes_total",
      "Decisions that waited too long for their commit.",
      runtime.timedOutWrites,
    ),
    counter("ottla_coordinator_appends_total", "Batches appended to partitions.", runtime.appends),
    counter(
      "ottla_coordinator_appended_records_total",
      "Records appended to partitions.",
      runtime.appendedRecords,
    ),
    counter("ottla_coordinator_appended_bytes_total", "Bytes appended to partitions.", runtime.appendedBytes),
    counter("ottla_coordinator_failed_appends_total", "Batches that a log refused.", runtime.failedAppends),
  ];
  return samples.map((sample) => ({ ...sample, labels }));
}
