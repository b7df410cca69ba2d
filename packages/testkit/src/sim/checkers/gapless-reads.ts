// P6: a consumer with a fixed assignment reads without gaps and without going back. Nothing is missing inside
// of an answer, either, unless the topic is compacted; what may be missing there: holes-are-superseded.ts.
import { type Anomaly, anomaliesPerCheckerMax, type Checker } from "../history.ts";

const checker = "gapless-reads";

export function gaplessReads(hasHoles: boolean): Checker {
  return (history) => {
    const positions = new Map<string, number>();
    const anomalies: Anomaly[] = [];
    for (const event of history) {
      if (event.f === "assign") positions.set(`${event.process} ${event.key}`, event.position);
      if (event.f !== "poll") continue;
      const reader = `${event.process} ${event.key}`;
      let wanted = positions.get(reader) ?? event.from;
      for (const { offset } of [...event.records, { offset: event.next }]) {
        if (hasHoles ? offset < wanted : offset !== wanted) {
          const text = `${event.process} read ${event.key}@${offset} where ${wanted} was next`;
          anomalies.push({ checker, text });
          if (anomalies.length >= anomaliesPerCheckerMax) return anomalies;
        }
        wanted = offset + 1;
      }
      positions.set(reader, event.next);
    }
    return anomalies;
  };
}
