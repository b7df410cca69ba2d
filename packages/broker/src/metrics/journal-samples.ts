// Metrics of the sync journals, one for each log directory: how many small syncs of logs they took, for how
// many fdatasyncs. Not here: the counting (package log).
import type { JournalMetrics, LogDirectory } from "@ottla/log";
import { counter, type MetricSample } from "./metric.ts";

type Count = readonly [name: string, help: string, of: keyof JournalMetrics];

const counts: readonly Count[] = [
  [
    "ottla_sync_journal_syncs_total",
    "Writes of the sync journal, each made durable by one fdatasync.",
    "syncs",
  ],
  ["ottla_sync_journal_appends_total", "Syncs of logs that the sync journal took.", "runs"],
  ["ottla_sync_journal_bytes_total", "Bytes written to the sync journal, whole pages.", "bytes"],
  ["ottla_sync_journal_rotations_total", "Changes to the other half of the sync journal.", "rotations"],
  [
    "ottla_sync_journal_stalls_total",
    "Times that half was not free yet: logs were synced by their own files meanwhile.",
    "stalls",
  ],
  [
    "ottla_sync_journal_flushes_total",
    "Times all logs behind the sync journal were synced at once, for one that was cut or made again.",
    "resets",
  ],
];

/** What a scrape shows of the journals. */
export function journalSamples(directories: readonly LogDirectory[]): MetricSample[] {
  return directories.flatMap(({ path, journalMetrics }) =>
    journalMetrics === null
      ? []
      : counts.map(([name, help, of]) => counter(name, help, journalMetrics[of], { directory: path })),
  );
}
