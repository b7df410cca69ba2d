// All loads, in the order in which they run, and how one is asked for.
import { catchUp } from "./catch-up.ts";
import { endToEnd } from "./end-to-end.ts";
import { fanOut } from "./fan-out.ts";
import { groups } from "./groups.ts";
import type { Load } from "./load.ts";
import { loopDelay } from "./loop-delay.ts";
import { manyPartitions } from "./many-partitions.ts";
import { offsetsLoad } from "./offsets-load.ts";
import { perfTools } from "./perf-tools.ts";
import { rawOnePartition, rawThroughput } from "./raw-throughput.ts";
import { restart, restartLarge } from "./restart.ts";
import { smallRequests, smallRequestsCrowd } from "./small-requests.ts";
import { start } from "./start.ts";
import { tools } from "./tools.ts";

export const loads: readonly Load[] = [
  start,
  restart,
  smallRequests,
  smallRequestsCrowd,
  endToEnd,
  rawThroughput,
  rawOnePartition,
  manyPartitions,
  fanOut,
  catchUp,
  ...perfTools,
  groups,
  tools,
  loopDelay,
  offsetsLoad,
  restartLarge,
];

/**
 * Loads by name, `*` standing for any letters, and `targets` for those that a target names; without a wish
 * all that do not have to be asked for. Throws at a wish that fits none.
 */
export function chooseLoads(
  all: readonly Load[],
  wishes: readonly string[],
  withTarget: ReadonlySet<string>,
): Load[] {
  if (wishes.length === 0) return all.filter(({ onlyByName }) => onlyByName !== true);
  const chosen = new Set<Load>();
  for (const wish of wishes) {
    const found = all.filter(({ name }) =>
      wish === "targets" ? withTarget.has(name) : patternOf(wish).test(name),
    );
    if (found.length === 0) throw new Error(`no load is called ${wish}`);
    for (const load of found) chosen.add(load);
  }
  return all.filter((load) => chosen.has(load));
}

function patternOf(wish: string): RegExp {
  const parts = wish.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}
