// Whatever is lost, no reader is ever shown a record that nobody sent to that partition.
import { type Anomaly, anomaliesPerCheckerMax, type Checker } from "../history.ts";

const checker = "nothing-invented";

export const nothingInvented: Checker = (history) => {
  const sent = new Map<number, string>();
  const anomalies: Anomaly[] = [];
  for (const event of history) {
    if (event.f === "send" && event.type === "invoke")
      for (const value of event.values) sent.set(value, event.key);
    if (event.f !== "poll") continue;
    for (const { offset, value } of event.records) {
      if (sent.get(value) === event.key || anomalies.length >= anomaliesPerCheckerMax) continue;
      const text = `${event.process} read ${value} at ${event.key}@${offset}, where nobody sent it`;
      anomalies.push({ checker, text });
    }
  }
  return anomalies;
};
