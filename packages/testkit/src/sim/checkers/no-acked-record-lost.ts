// P1: a record whose send was acknowledged is in the log for ever. The history must end with a final read of
// every key from its beginning (process name `final`); an acknowledged value that it does not show is lost,
// unless its place is damaged on disk.
import { type Anomaly, anomaliesPerCheckerMax, type Checker } from "../history.ts";
import { damagedPlaces } from "./damaged-places.ts";

const checker = "no-acked-record-lost";

export const noAckedRecordLost: Checker = (history) => {
  const seen = new Set<number>();
  for (const event of history) {
    if (event.f === "poll" && event.process === "final")
      for (const record of event.records) seen.add(record.value);
  }
  const isDamaged = damagedPlaces(history);
  const anomalies: Anomaly[] = [];
  for (const event of history) {
    if (event.f !== "send" || event.type !== "ok") continue;
    for (const [index, value] of event.values.entries()) {
      if (isDamaged(event.key, (event.offset ?? 0) + index)) continue;
      if (seen.has(value) || anomalies.length >= anomaliesPerCheckerMax) continue;
      const text = `${event.process} got an ack for ${value} in ${event.key} (batch at ${event.offset}), which is gone`;
      anomalies.push({ checker, text });
    }
  }
  return anomalies;
};
