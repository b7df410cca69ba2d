// `npm run bench [-- OPTIONS]` (--help tells them): the same loads against Apache Kafka 4.3.1 and Ottla,
// alternately in one run, each load on a broker started fresh for it, in one memory limit where the machine
// gives one. Prints the median of each figure with its ratio to Kafka, what the disk can do, and how each
// target came out.
import { spawnSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";
import type { Figures, Load, Rates } from "./loads/load.ts";
import { type BenchOptions, readOptions } from "./options.ts";
import { measureDisk } from "./peers/disk-limit.ts";
import { type MemoryRoom, openMemoryRoom, roomBytes } from "./peers/memory-room.ts";
import { histogramBound } from "./peers/operation-metrics.ts";
import { type Peer, type PeerName, startPeer } from "./peers/peer.ts";
import { readProcessUsage } from "./peers/process-usage.ts";
import {
  type LoadResult,
  mediansOf,
  outcomesOf,
  type Results,
  readResults,
  writeResults,
} from "./report/results.ts";
import { diskLine, loadTable, targetTable } from "./report/table.ts";

/** What is open, for an end before its time. */
interface OpenThings {
  room: MemoryRoom | null;
  peer: Peer | null;
}

async function main(): Promise<number> {
  let options: BenchOptions | string;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  if (typeof options === "string") {
    console.log(options);
    return 0;
  }
  const open: OpenThings = { room: openRoom(), peer: null };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      console.error(`${signal}: the peer is stopped, nothing more is measured`);
      void close(open).then(() => process.exit(130));
    });
  }
  try {
    return await runAll(options, open);
  } finally {
    await close(open);
  }
}

function openRoom(): MemoryRoom | null {
  const opened = openMemoryRoom();
  if (typeof opened === "string") {
    console.log(`No memory limit (${opened}): CPU per GB holds what the machine asks for fresh pages.`);
    return null;
  }
  const gibibytes = roomBytes / 1024 ** 3;
  console.log(`Every broker lives in ${gibibytes} GiB, page cache included, which is full when it starts.`);
  return opened;
}

async function close(open: OpenThings): Promise<void> {
  const { peer, room } = open;
  open.peer = null;
  open.room = null;
  await peer?.stop();
  room?.close();
}

async function runAll(options: BenchOptions, open: OpenThings): Promise<number> {
  const earlier = options.isContinued && options.json !== null ? readResults(options.json) : null;
  const found: Record<string, LoadResult> = { ...earlier?.loads };
  const results: Results & { disk: Results["disk"][number][] } = {
    run: aboutRun(options),
    disk: [...(earlier?.disk ?? [])],
    loads: found,
  };
  const askDisk = (when: string): void => {
    const disk = measureDisk(Math.ceil(1024 * Math.min(1, options.scale)), 3 * Math.min(1, options.scale));
    results.disk.push({ when, ...disk });
    console.log(diskLine(when, disk));
  };
  askDisk("before the loads");
  for (const load of options.loads) {
    if (earlier?.loads[load.name] !== undefined) continue;
    const peers = options.peers.filter((name) => (load.peers ?? brokers).includes(name));
    if (peers.length === 0) continue;
    const result = await runLoad(load, peers, options, open);
    found[load.name] = result;
    console.log(`\n${load.name}: ${load.about}`);
    for (const line of loadTable(mediansOf(found)[load.name] ?? {}, peers)) console.log(`  ${line}`);
    for (const failure of result.failures) console.log(`  FAILED ${failure}`);
    if (options.json !== null) writeResults(options.json, results);
  }
  console.log("");
  askDisk("after the loads");
  console.log("");
  for (const line of targetTable(outcomesOf(found))) console.log(line);
  if (options.json !== null) writeResults(options.json, results);
  return Object.values(found).some(({ failures }) => failures.length > 0) ? 1 : 0;
}

const brokers: readonly PeerName[] = ["kafka", "kafka-fsync", "ottla", "ottla-page-cache"];

function aboutRun({ rounds, scale, peers }: BenchOptions): Results["run"] {
  const said = (program: string, words: readonly string[]): string => {
    const { stdout, stderr } = spawnSync(program, words, { encoding: "utf8", cwd: import.meta.dirname });
    return `${stdout ?? ""}${stderr ?? ""}`.trim().split("\n")[0] ?? "";
  };
  return {
    startedAt: new Date().toISOString(),
    commit: said("git", ["rev-parse", "HEAD"]),
    rounds,
    scale,
    peers,
    processor: `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`,
    memoryGiB: totalmem() / 1024 ** 3,
    kernel: release(),
    node: process.version,
    java: said("java", ["-version"]),
  };
}

/** Peers take turns; in every second round in the opposite order, so that a drift favours none. */
async function runLoad(
  load: Load,
  peers: readonly PeerName[],
  { rounds, scale }: BenchOptions,
  open: OpenThings,
): Promise<LoadResult> {
  const runs: Partial<Record<PeerName, Figures[]>> = Object.fromEntries(peers.map((name) => [name, []]));
  const failures: string[] = [];
  const rates: Rates = new Map();
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? peers : peers.toReversed()) {
      const label = `${load.name} round ${round + 1} ${name}`;
      try {
        const figures = await runOnce(load, name, scale, rates, open);
        runs[name]?.push(figures);
        process.stderr.write(`${label}: ${JSON.stringify(figures)}\n`);
      } catch (error) {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        failures.push(`${label}: ${reason}`);
        process.stderr.write(`${label} FAILED: ${reason}\n`);
      }
    }
  }
  return { about: load.about, runs, failures };
}

async function runOnce(
  load: Load,
  name: PeerName,
  scale: number,
  rates: Rates,
  open: OpenThings,
): Promise<Figures> {
  const { properties = [], withLoopProbe = false } = load;
  const peer = await startPeer(name, { heap: "1G", room: open.room, properties, withLoopProbe });
  open.peer = peer;
  try {
    const figures = await load.run(peer, scale, rates);
    return { ...figures, ...(await figuresAtEnd(peer)) };
  } finally {
    open.peer = null;
    await peer.stop();
  }
}

/** What every load ends with: memory, and what Ottla says of its event loop since its last start. */
async function figuresAtEnd(peer: Peer): Promise<Figures> {
  // Before the question for metrics, which takes memory.
  const { residentBytes, residentBytesMax } = readProcessUsage(peer.pid);
  const memory = { "RSS MB loaded": residentBytes / 1e6, "RSS MB highest": residentBytesMax / 1e6 };
  const metrics = await peer.metrics();
  if (metrics === null) return memory;
  return {
    ...memory,
    "loop delay p99.9 ms, 2 probes/s, at most": histogramBound(metrics, "ottla_loop_delay_ms", 0.999),
    "loop delay longest ms": metrics.get("ottla_loop_delay_longest_ms") ?? Number.NaN,
  };
}

process.exitCode = await main();
