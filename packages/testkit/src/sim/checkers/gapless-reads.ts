// P6: a consumer with a fixed assignment reads without gaps and without going back. The logs of this world
// hold no markers and are not compacted, so each record follows the one before by one offset.
import { type Anomaly, anomaliesPerCheckerMax, type Checker } from "../history.ts";

const checker = "gapless-reads";

export const gaplessReads: Checker = (history) => {
  const positions = new Map<string, number>();
  const anomalies: Anomaly[] = [];
  for (const event of history) {
    if (event.f === "assign") positions.set(`${event.process} ${event.key}`, event.position);
    if (event.f !== "poll") continue;
    const reader = `${event.process} ${event.key}`;
    for (const record of event.records) {
      const wanted = positions.get(reader);
      if (wanted !== undefined && record.offset !== wanted) {
        const text = `${event.process} read ${event.key}@${record.offset} where ${wanted} was next`;
        anomalies.push({ checker, text });
        if (anomalies.length >= anomaliesPerCheckerMax) return anomalies;
      }
      positions.set(reader, record.offset + 1);
    }
  }
  return anomalies;
};
