// What Ottla is to reach, as data: each target names the load and the figure that show it. Where Kafka's
// durability is the page cache, so is Ottla's, unless the target says fsync.
import type { Target } from "./target.ts";

const cpuProduced = "broker CPU s/GB produced";
const cpuFetched = "broker CPU s/GB fetched";
const fsync = "ottla";
const pageCache = "ottla-page-cache";

type Row = readonly [
  about: string,
  load: string,
  figure: string,
  peer: Target["peer"],
  bound: Target["bound"],
  limit: number,
];

const beside: readonly Row[] = [
  ["CPU produced, 64 kB batches, page cache", "perf-64k", cpuProduced, pageCache, "at most", 0.35],
  ["CPU produced, 64 kB batches, fsync", "perf-64k", cpuProduced, fsync, "at most", 0.4],
  ["CPU produced, 16 kB batches, page cache", "perf-16k", cpuProduced, pageCache, "at most", 0.45],
  ["CPU produced, 16 kB batches, fsync", "perf-16k", cpuProduced, fsync, "at most", 0.5],
  ["CPU fetched, tail", "fan-out", cpuFetched, pageCache, "at most", 0.8],
  ["CPU fetched, catch-up from disk", "catch-up", cpuFetched, pageCache, "at most", 1.1],
  ...["gzip", "lz4", "snappy", "zstd"].map(
    (codec): Row => [`CPU produced, ${codec}`, `perf-${codec}`, cpuProduced, pageCache, "at most", 1],
  ),
  ["light client, produce", "raw-throughput", "produce MB/s", pageCache, "at least", 1.5],
  ["light client, fetch", "raw-throughput", "fetch MB/s", pageCache, "at least", 1],
  ["fetch into a raw frame sink", "raw-throughput", "sink fetch MB/s", pageCache, "at least", 1.2],
  ["fsync, 16 partitions, 5 in flight", "raw-throughput", "produce MB/s", fsync, "at least", 1],
  ["fsync, one partition", "raw-one-partition", "produce MB/s", fsync, "at least", 0.6],
  ["64 connections, requests/s", "small-requests", "requests/s", pageCache, "at least", 2],
  ["64 connections, p99", "small-requests", "p99 ms", pageCache, "at most", 0.5],
  ["end to end at 20 % load, p50", "end-to-end", "e2e p50 ms", pageCache, "at most", 0.6],
  ["end to end at 20 % load, p99", "end-to-end", "e2e p99 ms", pageCache, "at most", 0.5],
  ["RSS idle", "start", "RSS MB idle", fsync, "at most", 0.2],
  ["RSS under load", "perf-64k", "RSS MB loaded", fsync, "at most", 0.3],
  ["start to first acknowledged record", "start", "start to first ack ms", fsync, "at most", 0.1],
  ["kill -9 to first fetch, 10 GB", "restart-10gb", "restart to first fetch ms", fsync, "at most", 0.05],
];

const loopDelay = ["under load", "in compaction", "in load of 100,000 offsets"].map(
  (when): Target => ({
    about: `loop delay p99.9 ms, ${when}`,
    load: when.startsWith("in load") ? "offsets-load" : "loop-delay",
    figure: `loop delay p99.9 ms ${when}`,
    peer: fsync,
    against: "none",
    bound: "at most",
    limit: 10,
  }),
);

const floorShares = (
  [
    ["share of the floor, produce 64 kB", "produce MB/s", 0.6],
    ["share of the floor, fetch 1 MB", "tail sink fetch MB/s", 0.7],
  ] as const
).map(
  ([about, figure, limit]): Target => ({
    about,
    load: "raw-throughput",
    figure,
    peer: pageCache,
    against: "floor",
    bound: "at least",
    limit,
  }),
);

/** All of them, in the order of the table that is printed. */
export const targets: readonly Target[] = [
  ...beside.map(
    ([about, load, figure, peer, bound, limit]): Target => ({
      about,
      load,
      figure,
      peer,
      against: "kafka",
      bound,
      limit,
    }),
  ),
  ...loopDelay,
  ...floorShares,
];
