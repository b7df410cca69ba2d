// Once a generation is stable, no member commits in an earlier one.
import type { GroupChecker } from "../../group-history.ts";
import { type Anomaly, anomaliesPerCheckerMax } from "../../history.ts";
import { GroupAbsence } from "./group-absence.ts";
import { OffsetWrites } from "./offset-writes.ts";

const checker = "no-commit-of-old-generation";

export const noCommitOfOldGeneration: GroupChecker = (history, facts) => {
  const absence = new GroupAbsence(history, new OffsetWrites(history), facts);
  const stable = new Map<string, { generation: number; at: number }>();
  const invoked = new Map<number, { at: number; newest: { generation: number; at: number } | undefined }>();
  const anomalies: Anomaly[] = [];
  for (const [at, event] of history.entries()) {
    if (event.f === "sync") {
      const known = stable.get(event.group);
      if (
        known === undefined ||
        event.generation > known.generation ||
        absence.mayHaveGone(event.group, known.at, at)
      ) {
        // Its answer may come so late that the group is another one by then.
        stable.set(event.group, { generation: event.generation, at: event.invokedAt });
      }
    }
    if (event.f !== "commit" || event.memberId === "") continue;
    if (event.type === "invoke") invoked.set(event.id, { at, newest: stable.get(event.group) });
    if (event.type !== "ok") continue;
    const newest = invoked.get(event.id)?.newest;
    if (newest === undefined || newest.generation <= event.generation) continue;
    if (absence.mayHaveGone(event.group, newest.at, at)) continue;
    const text = `${event.process} committed in generation ${event.generation} of ${event.group} when ${newest.generation} was stable`;
    anomalies.push({ checker, text });
    if (anomalies.length >= anomaliesPerCheckerMax) return anomalies;
  }
  return anomalies;
};
