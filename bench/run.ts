// `npm run bench [-- --rounds N] [--load NAME]… [--peers kafka,ottla,…] [--scale F] [--json FILE]`: the same
// loads against Apache Kafka 4.3.1 and Ottla, alternately in one run, each load on a broker started fresh for
// it, in one memory limit where the machine gives one. Prints the median of each figure and its ratio to
// Kafka.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { endToEnd } from "./loads/end-to-end.ts";
import { groups } from "./loads/groups.ts";
import type { Figures, Load } from "./loads/load.ts";
import { perfDefault, perfLarge } from "./loads/perf-tools.ts";
import { rawThroughput } from "./loads/raw-throughput.ts";
import { restart } from "./loads/restart.ts";
import { smallRequests } from "./loads/small-requests.ts";
import { start } from "./loads/start.ts";
import { tools } from "./loads/tools.ts";
import { openMemoryRoom, roomBytes } from "./peers/memory-room.ts";
import { type PeerName, startPeer } from "./peers/peer.ts";

const loads: readonly Load[] = [
  start,
  restart,
  smallRequests,
  endToEnd,
  rawThroughput,
  perfLarge,
  perfDefault,
  groups,
  tools,
];

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    load: { type: "string", multiple: true, default: [] },
    peers: { type: "string", default: "kafka,ottla,ottla-page-cache" },
    scale: { type: "string", default: "1" },
    json: { type: "string" },
  },
});

const peers = options.peers.split(",") as PeerName[];
const chosen = loads.filter((load) => options.load.length === 0 || options.load.includes(load.name));

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

function cell(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

const opened = openMemoryRoom();
const room = typeof opened === "string" ? null : opened;
console.log(
  typeof opened === "string"
    ? `No memory limit (${opened}): CPU per GB holds what the machine asks for fresh pages.`
    : `Every broker lives in ${roomBytes / 1024 ** 3} GiB, page cache included, which is full when it starts.`,
);

const results: Record<string, Record<string, Record<string, number>>> = {};
for (const load of chosen) {
  const runs = new Map<PeerName, Figures[]>(peers.map((name) => [name, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const name of peers) {
      const peer = await startPeer(name, { heap: "1G", room });
      try {
        runs.get(name)?.push(await load.run(peer, Number(options.scale)));
      } finally {
        await peer.stop();
      }
      process.stderr.write(
        `${load.name} round ${round + 1} ${name}: ${JSON.stringify(runs.get(name)?.at(-1))}\n`,
      );
    }
  }
  console.log(`\n${load.name}: ${load.about}`);
  const names = Object.keys(runs.get(peers[0] as PeerName)?.[0] ?? {});
  const medians: Record<string, Record<string, number>> = {};
  for (const figure of names) {
    const row: Record<string, number> = {};
    for (const name of peers)
      row[name] = median((runs.get(name) ?? []).map((run) => run[figure] ?? Number.NaN));
    medians[figure] = row;
    const kafka = row.kafka;
    const cells = peers.map((name) => {
      const value = row[name] ?? Number.NaN;
      const ratio = kafka !== undefined && name !== "kafka" ? ` (×${(value / kafka).toFixed(2)})` : "";
      return `${name} ${cell(value)}${ratio}`;
    });
    console.log(`  ${figure.padEnd(28)} ${cells.join("   ")}`);
  }
  results[load.name] = medians;
}
room?.close();
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
