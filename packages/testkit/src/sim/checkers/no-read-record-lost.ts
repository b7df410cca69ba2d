// P1 for readers: a record that a consumer was given is in the log for ever, acknowledged or not. Compared
// with the final read (process `final`), which must show it at the same place.
import { type Anomaly, anomaliesPerCheckerMax, type Checker } from "../history.ts";
import { damagedPlaces } from "./damaged-places.ts";

const checker = "no-read-record-lost";

export const noReadRecordLost: Checker = (history) => {
  const isDamaged = damagedPlaces(history);
  const kept = new Set<string>();
  const seen = new Map<string, { value: number; process: string }>();
  for (const event of history) {
    if (event.f !== "poll") continue;
    for (const { offset, value } of event.records) {
      if (isDamaged(event.key, offset)) continue;
      const place = `${event.key}@${offset}`;
      if (event.process === "final") kept.add(`${place} ${value}`);
      else if (!seen.has(place)) seen.set(place, { value, process: event.process });
    }
  }
  const anomalies: Anomaly[] = [];
  for (const [place, { value, process }] of seen) {
    if (kept.has(`${place} ${value}`)) continue;
    anomalies.push({ checker, text: `${process} read ${value} at ${place}, where it is no more` });
    if (anomalies.length >= anomaliesPerCheckerMax) break;
  }
  return anomalies;
};
