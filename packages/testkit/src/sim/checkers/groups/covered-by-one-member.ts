// After the last fault every partition of a group belongs to exactly one live member, all of one generation.
import type { GroupChecker } from "../../group-history.ts";
import type { Anomaly } from "../../history.ts";

const checker = "covered-by-one-member";

export const coveredByOneMember: GroupChecker = (history, facts) => {
  const anomalies: Anomaly[] = [];
  const told = new Set<string>();
  for (const event of history) {
    if (event.f !== "owners") continue;
    const { group, partitions, owners } = event;
    told.add(group);
    const generations = new Set(owners.map(({ generation }) => generation));
    if (generations.size > 1)
      anomalies.push({ checker, text: `${group} is in generations ${[...generations].join(" and ")}` });
    for (const key of partitions) {
      const having = owners.filter(({ keys }) => keys.includes(key)).map(({ process }) => process);
      if (having.length !== 1)
        anomalies.push({ checker, text: `${key} of ${group} belongs to [${having.join(" ")}]` });
    }
  }
  for (const group of facts.memberGroups)
    if (!told.has(group)) anomalies.push({ checker, text: `nobody told who owns what of ${group}` });
  return anomalies;
};
