// Apache Kafka's own producer-perf-test and its consumer against the peer: throughput as users measure it.
import { join } from "node:path";
import { outputOf } from "../../acceptance/steps/run-program.ts";
import { RawConnection } from "../client/raw-connection.ts";
import { createTopic } from "../client/topic.ts";
import type { Peer } from "../peers/peer.ts";
import { readProcessUsage } from "../peers/process-usage.ts";
import type { Figures, Load } from "./load.ts";

const apacheKafka = join(import.meta.dirname, "../../acceptance/suites/apache-kafka.sh");
const assignedConsumer = join(import.meta.dirname, "../java/AssignedConsumer.java");
const partitions = 16;

let classPath: string | null = null;

interface PerfOptions {
  readonly name: string;
  readonly recordBytes: number;
  readonly records: number;
  readonly settings: readonly string[];
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
    /([\d.]+) records\/sec \(([\d.]+) MB\/sec\), ([\d.]+) ms avg latency, ([\d.]+) ms max latency, (\d+) ms 50th, (\d+) ms 95th, (\d+) ms 99th/g;
  const matches = [...text.matchAll(last)];
  const match = matches.at(-1);
  if (match === undefined) throw new Error(`no summary in ${text.slice(-500)}`);
  const gigabytes = (records * options.recordBytes) / 1e9;
  return {
    "produce MB/s": Number(match[2]) * 1.048576,
    "produce p50 ms": Number(match[5]),
    "produce p99 ms": Number(match[7]),
    "broker CPU s/GB produced": (after.cpuSeconds - before.cpuSeconds) / gigabytes,
    "RSS MB loaded": after.residentBytes / 1e6,
  };
}

async function consume(peer: Peer, topic: string, options: PerfOptions, records: number): Promise<Figures> {
  classPath ??= (await outputOf(apacheKafka, ["classpath"])).trim();
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
  return {
    name: options.name,
    about: `Kafka's perf tools, ${options.recordBytes} B records, ${partitions} partitions, ${options.settings.join(" ")}`,
    async run(peer, scale) {
      const connection = await RawConnection.open(peer.port);
      const records = Math.round(options.records * scale);
      await createTopic(connection, `${options.name}-warm`, partitions);
      await createTopic(connection, options.name, partitions);
      connection.close();
      await produce(peer, `${options.name}-warm`, options, Math.round(records / 2));
      await consume(peer, `${options.name}-warm`, options, Math.round(records / 2));
      const produced = await produce(peer, options.name, options, records);
      const consumed = await consume(peer, options.name, options, records);
      return { ...produced, ...consumed };
    },
  };
}

/** 1 kB records in 64 kB batches, acks=all. */
export const perfLarge: Load = perfLoad({
  name: "perf-64k",
  recordBytes: 1000,
  records: 1_000_000,
  settings: ["acks=all", "batch.size=65536", "linger.ms=5"],
});

/** 1 kB records in 16 kB batches, acks=1. */
export const perfDefault: Load = perfLoad({
  name: "perf-16k",
  recordBytes: 1000,
  records: 1_000_000,
  settings: ["acks=1", "enable.idempotence=false", "batch.size=16384"],
});
