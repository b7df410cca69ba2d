// Metrics of log directories: whether they are in use, their room, and replicas on their way between them.
// Not here: the counting (package log).
import type { LogManager } from "@ottla/log";
import { counter, gauge, type MetricSample } from "./metric.ts";

/** What a scrape shows of the log directories. */
export function directorySamples(logs: LogManager): MetricSample[] {
  return [
    gauge(
      "ottla_log_offline_directories",
      "Log directories that are offline (OfflineLogDirectoryCount).",
      logs.directories.filter(({ isOnline }) => !isOnline).length,
    ),
    gauge("ottla_log_moves", "Replicas on their way to another log directory.", logs.moves.count),
    counter(
      "ottla_log_moved_total",
      "Replicas that were moved to another log directory.",
      logs.moves.movedCount,
    ),
    ...logs.directories.flatMap(({ path: directory, room }) => [
      gauge(
        "ottla_log_disk_full",
        "1 while producing is refused because the disk of the log directory is full.",
        +room.isFull,
        { directory },
      ),
      counter(
        "ottla_log_disk_full_refused_total",
        "Appends of clients that were refused because the disk was full.",
        room.refusedCount,
        { directory },
      ),
    ]),
  ];
}
