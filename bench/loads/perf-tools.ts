// Apache Kafka's own producer-perf-test and its consumer against the peer: throughput as users measure it.
// The warm-up is of half the size at least of what is measured, never below half a GB at scale 1.
import { join } from "node:path";
import { outputOf } from "../../acceptance/steps/run-program.ts";
import { writeBack } from "../peers/page-cache.ts";
import type { Peer } from "../peers/peer.ts";
import { readProcessUsage } from "../peers/process-usage.ts";
import type { Figures, Load } from "./load.ts";
import { createTopics } from "./measured-work.ts";

const apacheKafka = join(import.meta.dirname, "../../acceptance/suites/apache-kafka.sh");
const assignedConsumer = join(import.meta.dirname, "../java/AssignedConsumer.java");
const partitions = 16;

interface PerfOptions {
  readonly name: string;
  readonly recordBytes: number;
  /** Measured, and before that to warm up. */
  readonly records: number;
  readonly warmUpRecords: number;
  readonly settings: readonly string[];
  readonly onlyByName?: boolean;
}

async function produce(peer: Peer, topic: string, options: PerfOptions, records: number): Promise<Figures> {
  const before = readProcessUsage(peer.pid);
  const text = await outputOf(apacheKafka, [
    "perf-producer",
    peer.bootstrap,
    topic,
    String(records),
    String(options.recordBytes),
    ...options.settings,
  ]);
  const after = readProcessUsage(peer.pid);
  const last =
    /([\d.]+) records\/sec \(([\d.]+) MB\/sec\), ([\d.]+) ms avg latency, ([\d.]+) ms max latency, (\d+) ms 50th, (\d+) ms 95th, (\d+) ms 99th, (\d+) ms 99\.9th/g;
  const matches = [...text.matchAll(last)];
  const match = matches.at(-1);
  if (match === undefined) throw new Error(`no summary in ${text.slice(-500)}`);
  const gigabytes = (records * options.recordBytes) / 1e9;
  return {
    "produce MB/s": Number(match[2]) * 1.048576,
    "produce p50 ms": Number(match[5]),
    "produce p99 ms": Number(match[7]),
    "produce p99.9 ms": Number(match[8]),
    "broker CPU s/GB produced": (after.cpuSeconds - before.cpuSeconds) / gigabytes,
  };
}

async function consume(peer: Peer, topic: string, options: PerfOptions, records: number): Promise<Figures> {
  const classPath = (await outputOf(apacheKafka, ["classpath"])).trim();
  const before = readProcessUsage(peer.pid);
  const text = await outputOf("java", [
    "-Xmx512M",
    "-cp",
    classPath,
    assignedConsumer,
    peer.bootstrap,
    topic,
    String(records),
  ]);
  const after = readProcessUsage(peer.pid);
  const line = text.split("\n").find((candidate) => candidate.startsWith('{"records"'));
  const result = JSON.parse(line ?? "{}") as { records: number; bytes: number; seconds: number };
  if (result.records < records) throw new Error(`consumed ${result.records} of ${records}`);
  return {
    "consume MB/s": result.bytes / 1e6 / result.seconds,
    "broker CPU s/GB fetched": (after.cpuSeconds - before.cpuSeconds) / (result.bytes / 1e9),
  };
}

function perfLoad(options: PerfOptions): Load {
  const { name, recordBytes, records, warmUpRecords, settings, onlyByName = false } = options;
  return {
    name,
    about: `Kafka's perf tools, ${recordBytes} B records, ${partitions} partitions, ${settings.join(" ")}`,
    onlyByName,
    async run(peer, scale) {
      await createTopics(peer, { [`${name}-warm`]: partitions, [name]: partitions });
      const warmUp = Math.round(warmUpRecords * scale);
      await produce(peer, `${name}-warm`, options, warmUp);
      await consume(peer, `${name}-warm`, options, warmUp);
      writeBack(peer.dataDirectory);
      const produced = await produce(peer, name, options, Math.round(records * scale));
      writeBack(peer.dataDirectory);
      const consumed = await consume(peer, name, options, Math.round(records * scale));
      return { ...produced, ...consumed };
    },
  };
}

const large = { recordBytes: 1000, records: 1_500_000, warmUpRecords: 750_000 };
const small = { recordBytes: 100, records: 5_000_000, warmUpRecords: 5_000_000 };
const acksAll = ["acks=all"];
const acksOne = ["acks=1", "enable.idempotence=false"];
const codecs = ["gzip", "lz4", "snappy", "zstd"];
const largeBatches = ["batch.size=65536", "linger.ms=5"];

/** What targets are made of, and each size with each acks. */
const named: readonly PerfOptions[] = [
  { name: "perf-64k", ...large, settings: [...acksAll, ...largeBatches] },
  { name: "perf-16k", ...large, settings: [...acksOne, "batch.size=16384"] },
  ...codecs.map((codec) => ({
    name: `perf-${codec}`,
    ...large,
    records: 750_000,
    settings: [...acksAll, ...largeBatches, `compression.type=${codec}`],
  })),
  { name: "perf-100b-acks-all", ...small, settings: [...acksAll, "batch.size=16384"] },
  { name: "perf-100b-acks-1", ...small, settings: [...acksOne, "batch.size=16384"] },
];

/** What is left of both sizes, both acks and all codecs, with 16 kB batches. */
const others: readonly PerfOptions[] = [
  { name: "perf-1k-acks-all", ...large, settings: [...acksAll, "batch.size=16384"], onlyByName: true },
  ...codecs.flatMap((codec) =>
    [large, small].flatMap((size) =>
      [acksAll, acksOne].map((acks) => ({
        name: `perf-${size === large ? "1k" : "100b"}-acks-${acks === acksAll ? "all" : "1"}-${codec}`,
        ...size,
        settings: [...acks, "batch.size=16384", `compression.type=${codec}`],
        onlyByName: true,
      })),
    ),
  ),
];

export const perfTools: readonly Load[] = [...named, ...others].map(perfLoad);
