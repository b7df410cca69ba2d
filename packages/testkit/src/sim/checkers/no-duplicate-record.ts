// P3, first half: an idempotent producer's value stands at one offset, however often its request was sent.
import { type Anomaly, anomaliesPerCheckerMax, type Checker } from "../history.ts";

const checker = "no-duplicate-record";

export const noDuplicateRecord: Checker = (history) => {
  const places = new Map<number, string>();
  const anomalies: Anomaly[] = [];
  for (const event of history) {
    if (event.f !== "poll") continue;
    for (const record of event.records) {
      const place = `${event.key}@${record.offset}`;
      const before = places.get(record.value);
      if (before === undefined) places.set(record.value, place);
      else if (before !== place && anomalies.length < anomaliesPerCheckerMax) {
        anomalies.push({ checker, text: `${record.value} stands at ${before} and at ${place}` });
      }
    }
  }
  return anomalies;
};
