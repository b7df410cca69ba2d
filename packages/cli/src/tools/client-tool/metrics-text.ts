// A client's metrics as the performance tools print them: sorted, one a line, values under each other.
import type { ClientMetric } from "@ottla/client";
import { fixed } from "./java-format.ts";

/** The table, with an empty line in front; nothing without metrics. Numbers have three fraction digits. */
export function metricsText(metrics: readonly ClientMetric[]): string {
  if (metrics.length === 0) return "";
  const byName = new Map(metrics.map((metric) => [shownName(metric), metric.value]));
  const names = [...byName.keys()].sort((left, right) => (left < right ? -1 : 1));
  const width = Math.max(...names.map((name) => name.length));
  const lines = names.map((name) => {
    const value = byName.get(name) ?? "";
    return `${name.padEnd(width)} : ${typeof value === "number" ? fixed(value, 3) : value}\n`;
  });
  return `\n${"Metric Name".padEnd(width)}   Value\n${lines.join("")}`;
}

function shownName({ group, name, tags }: ClientMetric): string {
  const shown = Object.entries(tags).map(([tag, value]) => `${tag}=${value}`);
  return `${group}:${name}:{${shown.join(", ")}}`;
}
