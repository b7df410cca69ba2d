// P8 in this world: after the last fault every partition takes a record and gives it back. The workload ends
// with one acknowledged send per key by process `probe`, and with the final read.
import { type Anomaly, type Checker } from "../history.ts";

const checker = "serves-again";

export const servesAgain: Checker = (history) => {
  const keys = new Set<string>();
  const probed = new Set<string>();
  for (const event of history) {
    if (event.f !== "send") continue;
    keys.add(event.key);
    if (event.process === "probe" && event.type === "ok") probed.add(event.key);
  }
  const anomalies: Anomaly[] = [];
  for (const key of keys)
    if (!probed.has(key)) anomalies.push({ checker, text: `${key} took no record at the end` });
  return anomalies;
};
