// Produce and fetch throughput with a client that does almost nothing: frames made once, answers not decoded
// beyond their offsets, or not at all.
import { type Client, withClients } from "../client/client.ts";
import type { ProduceOrder } from "../client/tasks/produce.ts";
import { writeBack } from "../peers/page-cache.ts";
import type { Peer } from "../peers/peer.ts";
import { latencyFigures } from "./latency.ts";
import type { Figures, Load } from "./load.ts";
import { createTopics, produceBursts, warmUpSeconds, withCpu } from "./measured-work.ts";

const recordsPerBatch = 64;
const valueBytes = 1000;
const inFlight = 5;
/** What is read back fits into the page cache beside a broker. */
const storedBytes = 1e9;
const batchesInMegabyte = 16;
const fetchSeconds = 6;

function orderOf(peer: Peer, topic: string, partitions: number): ProduceOrder {
  const shape = { recordsPerBatch, valueBytes, acks: -1, inFlight };
  return { port: peer.port, topic, partitions, connections: partitions, ...shape };
}

async function produceFigures(
  peer: Peer,
  client: Client,
  partitions: number,
  scale: number,
): Promise<Figures> {
  await createTopics(peer, { warm: partitions, raw: partitions });
  await produceBursts(peer, client, orderOf(peer, "warm", partitions), warmUpSeconds * scale);
  const bursts = await produceBursts(peer, client, orderOf(peer, "raw", partitions), warmUpSeconds * scale);
  return {
    "produce MB/s": bursts.megabytesPerSecond,
    "broker CPU s/GB produced": bursts.cpuPerGigabyte,
    ...latencyFigures("produce ", bursts.latency),
  };
}

/** 64 kB batches over 16 connections, five in flight each; then read back in 1 MB fetches, in three ways. */
export const rawThroughput: Load = {
  name: "raw-throughput",
  about: `light client, 64 kB batches, acks=all, 16 partitions, ${inFlight} in flight; fetches of 1 MB`,
  peers: ["kafka", "kafka-fsync", "ottla", "ottla-page-cache", "floor"],
  async run(peer, scale): Promise<Figures> {
    return await withClients(1, async (client) => {
      const produced = await produceFigures(peer, client, 16, scale);
      return { ...produced, ...(await fetchFigures(peer, client, 16, scale)) };
    });
  },
};

/** The same over one connection to one partition. */
export const rawOnePartition: Load = {
  name: "raw-one-partition",
  about: `light client, 64 kB batches, acks=all, one partition, ${inFlight} in flight`,
  peers: ["kafka", "kafka-fsync", "ottla", "ottla-page-cache", "floor"],
  async run(peer, scale): Promise<Figures> {
    return await withClients(1, (client) => produceFigures(peer, client, 1, scale));
  },
};

async function fetchFigures(peer: Peer, client: Client, partitions: number, scale: number): Promise<Figures> {
  const topic = "stored";
  await createTopics(peer, { [topic]: partitions });
  const requests = Math.ceil((storedBytes * scale) / (recordsPerBatch * valueBytes));
  const { records } = await client.run("produce", { ...orderOf(peer, topic, partitions), requests });
  const nearEnd = records.map((end) => Math.max(0, end - recordsPerBatch * batchesInMegabyte));
  const sink = { port: peer.port, topic, recordsPerBatch, valueBytes };
  const seconds = fetchSeconds * scale;
  const measured = async (
    name: string,
    work: (seconds: number) => Promise<{ readonly bytes: number; readonly seconds: number }>,
  ): Promise<Figures> => {
    await work(seconds / 2);
    const { result, cpuSeconds } = await withCpu(peer, () => work(seconds));
    return {
      [`${name}fetch MB/s`]: result.bytes / 1e6 / result.seconds,
      [`${name === "" ? "broker" : `${name}fetch`} CPU s/GB fetched`]: cpuSeconds / (result.bytes / 1e9),
    };
  };
  // First: a log that is idle for half a minute keeps nothing in memory.
  const tail = await measured("tail sink ", (duration) =>
    client.run("sink", { ...sink, from: nearEnd, to: records, seconds: duration }),
  );
  writeBack(peer.dataDirectory);
  const whole = await measured("sink ", (duration) =>
    client.run("sink", { ...sink, from: records.map(() => 0), to: records, seconds: duration }),
  );
  const light = await measured("", (duration) =>
    client.run("fetch", { port: peer.port, topic, partitions, seconds: duration }),
  );
  return { ...light, ...whole, ...tail };
}
