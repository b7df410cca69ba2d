// Generations never go back: who asks after a generation was stable is given that one or a later one.
import type { GroupChecker } from "../../group-history.ts";
import { type Anomaly, anomaliesPerCheckerMax } from "../../history.ts";
import { GroupAbsence } from "./group-absence.ts";
import { OffsetWrites } from "./offset-writes.ts";
import { tellingHeartbeats } from "./telling-heartbeats.ts";

const checker = "generations-rise";

export const generationsRise: GroupChecker = (history, facts) => {
  const absence = new GroupAbsence(history, new OffsetWrites(history), facts);
  const newest = new Map<
    string,
    { readonly generation: number; readonly at: number; readonly process: string }
  >();
  const telling = tellingHeartbeats(history);
  const anomalies: Anomaly[] = [];
  for (const [at, event] of history.entries()) {
    if (event.f !== "sync" && event.f !== "join" && event.f !== "heartbeat") continue;
    if (event.f === "heartbeat" && !telling.has(event)) continue;
    const { group, generation, process, invokedAt } = event;
    const known = newest.get(group);
    if (known !== undefined && generation < known.generation && known.at < invokedAt) {
      if (!absence.mayHaveGone(group, known.at, at)) {
        const text = `${process} got generation ${generation} of ${group} (${event.f}) after ${known.process} had ${known.generation}`;
        anomalies.push({ checker, text });
        if (anomalies.length >= anomaliesPerCheckerMax) return anomalies;
      }
      newest.set(group, { generation, at, process });
    } else if (event.f === "sync" && (known === undefined || generation > known.generation)) {
      newest.set(group, { generation, at, process });
    }
  }
  return anomalies;
};
