// The command line of the bench.
import { parseArgs } from "node:util";
import type { Load } from "./loads/load.ts";
import { chooseLoads, loads } from "./loads/loads.ts";
import type { PeerName } from "./peers/peer.ts";
import { targets } from "./report/targets.ts";

const usualPeers: readonly PeerName[] = ["kafka", "ottla", "ottla-page-cache", "floor"];
const peerNames: readonly PeerName[] = [...usualPeers, "kafka-fsync"];

/** What was asked for. */
export interface BenchOptions {
  readonly rounds: number;
  readonly loads: readonly Load[];
  readonly peers: readonly PeerName[];
  readonly scale: number;
  readonly json: string | null;
  readonly isContinued: boolean;
}

export const helpText = `npm run bench -- [OPTIONS]: the same loads on Apache Kafka 4.3.1 and Ottla, in turn

  --load NAME     only this load; may be repeated. * stands for any letters, and "targets" for
                  all loads that a target needs (default: all but those for which --list says so)
  --rounds N      runs of each load on each peer; medians are taken over them (default 3)
  --scale F       factor on durations and amounts; below 1 only to try things out (default 1)
  --peers LIST    of ${peerNames.join(",")}
                  (default: all but the last)
  --json FILE     every run, medians and targets, written after each load
  --continue      with --json: loads that FILE has already are not run again
  --list          what the loads do
  --help

Peers: kafka; ottla (fsync before the ack); ottla-page-cache (as Kafka by default); floor (a Node loop with
the same frames and no Kafka semantics); kafka-fsync (Kafka syncing each append before the ack). Data
lies below the system's temporary directory (TMPDIR).
Exit status: 0; 1 when a load failed on a peer; 2 for a wrong option. Missed targets do not change it.`;

/** One line a load. */
export function loadList(): string {
  const width = Math.max(...loads.map(({ name }) => name.length));
  return loads
    .map(({ name, about, onlyByName }) => `${name.padEnd(width)}  ${about}${onlyByName ? " (by name)" : ""}`)
    .join("\n");
}

/** Throws with a sentence for whoever typed it; a string is to be printed, and that is all. */
export function readOptions(args: readonly string[]): BenchOptions | string {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "3" },
      load: { type: "string", multiple: true, default: [] },
      peers: { type: "string", default: usualPeers.join(",") },
      scale: { type: "string", default: "1" },
      json: { type: "string" },
      continue: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return helpText;
  if (values.list) return loadList();
  const rounds = Number(values.rounds);
  const scale = Number(values.scale);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: not a count`);
  if (!(scale > 0)) throw new Error(`--scale ${values.scale}: not above 0`);
  const peers = values.peers.split(",");
  for (const peer of peers) {
    if (!peerNames.includes(peer as PeerName)) throw new Error(`no peer is called ${peer}`);
  }
  if (values.continue && values.json === undefined) throw new Error("--continue needs --json");
  return {
    rounds,
    scale,
    peers: peerNames.filter((peer) => peers.includes(peer)),
    loads: chooseLoads(loads, values.load, new Set(targets.map(({ load }) => load))),
    json: values.json ?? null,
    isContinued: values.continue,
  };
}
