// Metrics of log compaction, after those of Apache Kafka's LogCleaner and LogCleanerManager, whose names
// stand in the help texts. Not here: the counting (package log).
import type { CleanerMetrics } from "@ottla/log";
import { counter, gauge, type MetricSample } from "./metric.ts";

/** What a scrape shows of the cleaner. `directories`: all log directories of the broker. */
export function cleanerSamples(
  metrics: CleanerMetrics,
  directories: readonly string[],
  nowMs: number,
): MetricSample[] {
  return [
    gauge(
      "ottla_log_cleaner_max_clean_time_secs",
      "How long the last compaction of a log took (max-clean-time-secs).",
      metrics.maxCleanTimeSecs,
    ),
    gauge(
      "ottla_log_cleaner_recopy_percent",
      "Share of the bytes that the last compaction kept (cleaner-recopy-percent).",
      metrics.cleanerRecopyPercent,
    ),
    gauge(
      "ottla_log_cleaner_max_buffer_utilization_percent",
      "How full the last compaction's offset map was (max-buffer-utilization-percent).",
      metrics.maxBufferUtilizationPercent,
    ),
    gauge(
      "ottla_log_cleaner_max_compaction_delay_secs",
      "How long records wait beyond max.compaction.lag.ms (max-compaction-delay-secs).",
      metrics.maxCompactionDelaySecs,
    ),
    gauge(
      "ottla_log_cleaner_max_dirty_percent",
      "The largest share of uncompacted bytes of any log (max-dirty-percent).",
      metrics.maxDirtyPercent,
    ),
    gauge(
      "ottla_log_cleaner_time_since_last_run_ms",
      "Since the cleaner last looked at all logs (time-since-last-run-ms).",
      metrics.lastRunMs === null ? 0 : nowMs - metrics.lastRunMs,
    ),
    counter("ottla_log_cleaner_cleanings_total", "Compactions that came to their end.", metrics.cleanings),
    counter(
      "ottla_log_cleaner_aborted_cleanings_total",
      "Compactions given up because the log changed or the disk had no room.",
      metrics.abortedCleanings,
    ),
    counter("ottla_log_cleaner_read_bytes_total", "Bytes read by compactions.", metrics.readBytes),
    counter("ottla_log_cleaner_written_bytes_total", "Bytes written by compactions.", metrics.writtenBytes),
    ...uncleanableSamples(metrics, directories),
  ];
}

function uncleanableSamples(metrics: CleanerMetrics, directories: readonly string[]): MetricSample[] {
  return metrics.uncleanableIn(directories).flatMap(({ directory, partitions, bytes }) => {
    const labels = { directory };
    return [
      gauge(
        "ottla_log_cleaner_uncleanable_partitions",
        "Partitions that cannot be compacted and were set aside (uncleanable-partitions-count).",
        partitions,
        labels,
      ),
      gauge(
        "ottla_log_cleaner_uncleanable_bytes",
        "Bytes of partitions that cannot be compacted (uncleanable-bytes).",
        bytes,
        labels,
      ),
    ];
  });
}
