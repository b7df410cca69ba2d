// What a run found out, as it is kept in a file: every single run, so that medians can be made again. A file
// of an earlier run can be continued: its loads are not run a second time.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Figures } from "../loads/load.ts";
import type { DiskLimit } from "../peers/disk-limit.ts";
import type { PeerName } from "../peers/peer.ts";
import { spreadOf } from "./statistics.ts";
import { judge, type Medians, type TargetOutcome } from "./target.ts";
import { targets } from "./targets.ts";

/** One load on all its peers. */
export interface LoadResult {
  readonly about: string;
  readonly runs: Readonly<Partial<Record<PeerName, readonly Figures[]>>>;
  /** What went wrong, if anything did. */
  readonly failures: readonly string[];
}

/** Everything in the file but what follows from the rest. */
export interface Results {
  /** ISO time, machine, versions, options. */
  readonly run: Readonly<Record<string, unknown>>;
  readonly disk: readonly (DiskLimit & { readonly when: string })[];
  readonly loads: Readonly<Record<string, LoadResult>>;
}

/** Medians by load, figure and peer. */
export function mediansOf(loads: Results["loads"]): Medians {
  return Object.fromEntries(
    Object.entries(loads).map(([load, { runs }]) => {
      const peers = Object.keys(runs) as PeerName[];
      const figures = new Set(peers.flatMap((peer) => (runs[peer] ?? []).flatMap(Object.keys)));
      const rows = [...figures].map((figure) => [
        figure,
        Object.fromEntries(
          peers.map((peer) => [peer, spreadOf((runs[peer] ?? []).map((run) => run[figure]))]),
        ),
      ]);
      return [load, Object.fromEntries(rows)];
    }),
  );
}

/** How each target came out. */
export function outcomesOf(loads: Results["loads"]): TargetOutcome[] {
  const medians = mediansOf(loads);
  return targets.map((target) => judge(target, medians));
}

/** Writes the results with their medians and the targets. */
export function writeResults(file: string, results: Results): void {
  const { loads } = results;
  const derived = { medians: mediansOf(loads), targets: outcomesOf(loads) };
  writeFileSync(file, `${JSON.stringify({ ...results, ...derived }, null, 2)}\n`);
}

/** Null when there is no such file. */
export function readResults(file: string): Results | null {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : null;
}
