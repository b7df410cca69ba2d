// At each generation the assignments of a group are disjoint, and each member has one. Only assignments that
// were given out count: a generation that nobody was told an assignment of may come again after a crash.
import type { GroupChecker, SyncEvent } from "../../group-history.ts";
import { type Anomaly, anomaliesPerCheckerMax } from "../../history.ts";
import { GroupAbsence } from "./group-absence.ts";
import { OffsetWrites } from "./offset-writes.ts";

const checker = "disjoint-assignments";

export const disjointAssignments: GroupChecker = (history, facts) => {
  const absence = new GroupAbsence(history, new OffsetWrites(history), facts);
  const owners = new Map<string, SyncEvent>();
  const anomalies: Anomaly[] = [];
  for (const [at, event] of history.entries()) {
    if (event.f !== "sync") continue;
    const { group, generation, memberId, instanceId, process } = event;
    for (const key of event.keys) {
      const place = `${group} ${generation} ${key}`;
      const owner = owners.get(place);
      owners.set(place, event);
      if (owner === undefined || owner.memberId === memberId) continue;
      // A static member that comes back takes over what its former self had.
      if (instanceId !== null && owner.instanceId === instanceId) continue;
      // Either may have been given out long before it arrived, by a group that is gone.
      if (absence.mayHaveGone(group, Math.min(owner.invokedAt, event.invokedAt), at)) continue;
      const text = `${owner.process} and ${process} both have ${key} in generation ${generation} of ${group}`;
      anomalies.push({ checker, text });
      if (anomalies.length >= anomaliesPerCheckerMax) return anomalies;
    }
  }
  return anomalies;
};
