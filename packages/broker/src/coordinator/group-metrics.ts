// Metrics of the group coordinator. What all coordinators have stands in coordinator-metrics.ts.
import type { GroupCoordinatorMetrics } from "@ottla/coordinator";
import { counter, gauge, type MetricSample } from "../metrics/metric.ts";
import { coordinatorSamples, type HeldPartitions } from "./coordinator-metrics.ts";

/** What a scrape shows of groups. */
export function groupSamples(metrics: GroupCoordinatorMetrics, partitions: HeldPartitions): MetricSample[] {
  const { groups, runtime, pendingWrites, memberBytes } = metrics;
  return [
    ...coordinatorSamples("group", partitions, runtime),
    gauge("ottla_group_pending_writes", "Decisions about groups that wait for their commit.", pendingWrites),
    gauge("ottla_group_member_bytes", "Memory that members of groups hold.", memberBytes),
    counter(
      "ottla_group_rebalances_total",
      "Rebalances of groups that were completed.",
      groups.completedRebalances,
    ),
    counter("ottla_group_offset_commits_total", "Offsets committed.", groups.offsetCommits),
    counter("ottla_group_offset_deletions_total", "Offsets deleted.", groups.offsetDeletions),
    counter("ottla_group_offset_expirations_total", "Offsets expired.", groups.offsetExpirations),
    counter(
      "ottla_group_memory_refusals_total",
      "Joins refused because members hold too much memory.",
      groups.memoryRefusals,
    ),
  ];
}
