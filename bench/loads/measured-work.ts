// What every load needs around what it measures: topics, the broker's CPU time over a piece of work, bursts
// that fit into the page cache.
import type { Client } from "../client/client.ts";
import { RawConnection } from "../client/raw-connection.ts";
import type { ProduceOrder, ProduceResult } from "../client/tasks/produce.ts";
import { createTopic } from "../client/topic.ts";
import { writeBack } from "../peers/page-cache.ts";
import type { Peer } from "../peers/peer.ts";
import { readProcessUsage } from "../peers/process-usage.ts";
import { median } from "../report/statistics.ts";

/** Code of both brokers is compiled while it runs: loads run so long, or half a GB, before they count. */
export const warmUpSeconds = 20;

/** Creates topics, by name and partitions. */
export async function createTopics(peer: Peer, topics: Readonly<Record<string, number>>): Promise<void> {
  const connection = await RawConnection.open(peer.port);
  for (const [name, partitions] of Object.entries(topics)) await createTopic(connection, name, partitions);
  connection.close();
}

/** The result of `work`, and the CPU seconds that the broker took meanwhile. */
export async function withCpu<Result>(
  peer: Peer,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly cpuSeconds: number }> {
  const before = readProcessUsage(peer.pid).cpuSeconds;
  const result = await work();
  return { result, cpuSeconds: readProcessUsage(peer.pid).cpuSeconds - before };
}

/** Of several bursts: sums, and of latencies the medians. */
export interface Bursts {
  readonly megabytesPerSecond: number;
  readonly cpuPerGigabyte: number;
  readonly latency: ProduceResult["latency"];
}

const burstCount = 4;
const burstBytes = 750e6;

/**
 * Produces in bursts of at most 0.75 GB, before each of which the disk gets time to write what the one before
 * left: what is measured is the broker and not how fast the kernel empties its page cache. With fsync there
 * is nothing left to write.
 */
export async function produceBursts(
  peer: Peer,
  client: Client,
  order: ProduceOrder,
  seconds: number,
): Promise<Bursts> {
  const requestBytes = order.recordsPerBatch * order.valueBytes;
  const runs: ProduceResult[] = [];
  let cpuSeconds = 0;
  for (let burst = 0; burst < burstCount; burst++) {
    writeBack(peer.dataDirectory);
    const bounded = {
      ...order,
      seconds: seconds / burstCount,
      requests: Math.round(burstBytes / requestBytes),
    };
    const run = await withCpu(peer, () => client.run("produce", bounded));
    runs.push(run.result);
    cpuSeconds += run.cpuSeconds;
  }
  const bytes = runs.reduce((sum, run) => sum + run.bytes, 0);
  const inAll = runs.reduce((sum, run) => sum + run.seconds, 0);
  const middle = (name: "p50" | "p99" | "p999"): number => median(runs.map(({ latency }) => latency[name]));
  return {
    megabytesPerSecond: bytes / 1e6 / inAll,
    cpuPerGigabyte: cpuSeconds / (bytes / 1e9),
    latency: { p50: middle("p50"), p99: middle("p99"), p999: middle("p999") },
  };
}
