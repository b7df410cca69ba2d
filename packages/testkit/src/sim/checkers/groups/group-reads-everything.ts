// At least once: whoever reads on from the committed offsets of a group, all its members together get every
// acknowledged record. Members commit only what they have worked on.
import type { GroupChecker } from "../../group-history.ts";
import { type Anomaly, anomaliesPerCheckerMax } from "../../history.ts";

const checker = "group-reads-everything";

export const groupReadsEverything: GroupChecker = (history, { memberGroups }) => {
  const worked = new Map<string, Set<number>>(memberGroups.map((group) => [group, new Set()]));
  for (const event of history) {
    if (event.f !== "consume") continue;
    const values = worked.get(event.group);
    for (const value of event.values) values?.add(value);
  }
  const anomalies: Anomaly[] = [];
  for (const event of history) {
    if (event.f !== "send" || event.type !== "ok") continue;
    for (const value of event.values) {
      for (const [group, values] of worked) {
        if (values.has(value)) continue;
        const text = `${group} never got record ${value} of ${event.key} (batch at ${event.offset})`;
        anomalies.push({ checker, text });
        if (anomalies.length >= anomaliesPerCheckerMax) return anomalies;
      }
    }
  }
  return anomalies;
};
