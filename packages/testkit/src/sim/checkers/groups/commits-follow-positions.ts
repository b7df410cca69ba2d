// Members read on from what is committed, so acknowledged commits of a partition rise. They may fall only
// after the group was gone, after the offset was deleted, or behind a commit of the same generation that was
// in doubt and came late.
import { type GroupChecker } from "../../group-history.ts";
import { type Anomaly, anomaliesPerCheckerMax } from "../../history.ts";
import { GroupAbsence } from "./group-absence.ts";
import { groupKey, type OffsetWrite, OffsetWrites } from "./offset-writes.ts";

const checker = "commits-follow-positions";

export const commitsFollowPositions: GroupChecker = (history, facts) => {
  const writes = new OffsetWrites(history);
  const absence = new GroupAbsence(history, writes, facts);
  const anomalies: Anomaly[] = [];
  for (const group of facts.memberGroups) {
    for (const key of writes.keys(group)) {
      if (facts.isUnconsumed(key)) continue;
      const commits = writes.commits(group, key);
      const acked = commits.filter(({ outcome }) => outcome === "ok");
      let highest: OffsetWrite | null = null;
      for (const write of acked) {
        const isBack = highest !== null && write.offset < highest.offset && highest.doneAt < write.invokedAt;
        if (highest === null || write.offset >= highest.offset) highest = write;
        if (!isBack) continue;
        const from = highest as OffsetWrite;
        highest = write;
        if (absence.mayHaveGone(group, from.invokedAt, write.doneAt)) continue;
        if (cameLate(commits, writes, from, write)) continue;
        const what = `${write.process} committed ${write.offset} for ${groupKey(group, key)}`;
        anomalies.push({ checker, text: `${what} after ${from.process} had ${from.offset}` });
        if (anomalies.length >= anomaliesPerCheckerMax) return anomalies;
      }
    }
  }
  return anomalies;
};

/** A lower commit in doubt, of the generation of the higher one, that nothing kept from coming after it. */
function cameLate(
  commits: readonly OffsetWrite[],
  writes: OffsetWrites,
  higher: OffsetWrite,
  lower: OffsetWrite,
): boolean {
  return commits.some(
    ({ outcome, offset, generation, invokedAt }) =>
      outcome === "info" &&
      offset <= lower.offset &&
      generation === higher.generation &&
      invokedAt < lower.invokedAt &&
      writes.crashAfter(invokedAt) > higher.invokedAt,
  );
}
