// Metrics of what was found damaged in the logs. Not here: the finding (package log).
import type { LogDamage, ScrubMetrics } from "@ottla/log";
import { counter, type MetricSample } from "./metric.ts";

/** What a scrape shows. */
export function damageSamples(damage: LogDamage, scrub: ScrubMetrics): MetricSample[] {
  return [
    counter(
      "ottla_log_corrupt_ranges_total",
      "Places found where durable records are damaged; reading them answers CORRUPT_MESSAGE.",
      damage.corruptRanges,
    ),
    counter("ottla_log_corrupt_bytes_total", "Bytes of those places.", damage.corruptBytes),
    counter("ottla_log_corrupt_reads_total", "Reads answered with CORRUPT_MESSAGE.", damage.corruptReads),
    counter(
      "ottla_log_recovery_cut_bytes_total",
      "Bytes that recovery cut off logs behind their durable ends.",
      damage.cutBytes,
    ),
    counter(
      "ottla_log_rebuilt_files_total",
      "Indexes and checkpoints that were wrong and made again from the log.",
      damage.rebuiltFiles,
    ),
    counter(
      "ottla_log_scrub_bytes_total",
      "Bytes of closed segments that the scrub checked.",
      scrub.checkedBytes,
    ),
    counter(
      "ottla_log_scrub_segments_total",
      "Closed segments that the scrub checked.",
      scrub.checkedSegments,
    ),
    counter("ottla_log_scrub_rounds_total", "Walks of the scrub over all logs.", scrub.rounds),
    counter(
      "ottla_log_scrub_bad_segments_total",
      "Segments that the scrub found damaged, with wrong indexes, or could not read.",
      scrub.badSegments,
    ),
  ];
}
