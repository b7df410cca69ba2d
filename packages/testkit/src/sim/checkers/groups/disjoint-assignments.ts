// At each generation the assignments of a group are disjoint, and each member has one. Only assignments that
// were given out count: a generation that nobody was told an assignment of may come again after a crash.
import type { GroupChecker, SyncEvent } from "../../group-history.ts";
import { type Anomaly, anomaliesPerCheckerMax } from "../../history.ts";
import { GroupAbsence } from "./group-absence.ts";
import { OffsetWrites } from "./offset-writes.ts";

const checker = "disjoint-assignments";

export const disjointAssignments: GroupChecker = (history, facts) => {
  const absence = new GroupAbsence(history, new OffsetWrites(history), facts);
  const owners = new Map<string, { readonly sync: SyncEvent; readonly at: number }>();
  const anomalies: Anomaly[] = [];
  for (const [at, event] of history.entries()) {
    if (event.f !== "sync") continue;
    const { group, generation, memberId, instanceId, process } = event;
    for (const key of event.keys) {
      const place = `${group} ${generation} ${key}`;
      const owner = owners.get(place);
      owners.set(place, { sync: event, at });
      if (owner === undefined || owner.sync.memberId === memberId) continue;
      // A static member that comes back takes over what its former self had.
      if (instanceId !== null && owner.sync.instanceId === instanceId) continue;
      if (absence.mayHaveGone(group, owner.at, at)) continue;
      const text = `${owner.sync.process} and ${process} both have ${key} in generation ${generation} of ${group}`;
      anomalies.push({ checker, text });
      if (anomalies.length >= anomaliesPerCheckerMax) return anomalies;
    }
  }
  return anomalies;
};
