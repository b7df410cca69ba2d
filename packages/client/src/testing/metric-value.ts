// One metric out of a client's list, for tests.
import type { ClientMetric } from "../metrics/client-metric.ts";

/** The value of `group:name`, with these tags beside `client-id`. Throws when there is none. */
export function metricValue(
  metrics: readonly ClientMetric[],
  groupAndName: string,
  tags: Readonly<Record<string, string>> = {},
): number | string {
  const wanted = Object.entries(tags);
  const found = metrics.find(
    (each) =>
      `${each.group}:${each.name}` === groupAndName &&
      Object.keys(each.tags).length === wanted.length + 1 &&
      wanted.every(([tag, value]) => each.tags[tag] === value),
  );
  if (found === undefined) throw new Error(`no metric ${groupAndName} ${JSON.stringify(tags)}`);
  return found.value;
}
