// How late Ottla's event loop is where it has most to do: flat out, and while logs are compacted. A broker
// with threads has no such figure.
import { type Client, withClients } from "../client/client.ts";
import { RawConnection } from "../client/raw-connection.ts";
import { createTopic } from "../client/topic.ts";
import type { Peer } from "../peers/peer.ts";
import type { Figures, Load } from "./load.ts";
import { counterOf, delayFigures } from "./loop-delay-figures.ts";
import { createTopics, warmUpSeconds } from "./measured-work.ts";

const partitions = 16;
const measuredSeconds = 30;
const compactedPartitions = 4;
const cleanings = "ottla_log_cleaner_cleanings_total";

export const loopDelay: Load = {
  name: "loop-delay",
  about:
    "event loop delay, probed every 5 ms: 64 kB batches flat out with four consumers; compaction; a load",
  peers: ["ottla", "ottla-page-cache"],
  properties: ["log.cleaner.backoff.ms=200"],
  withLoopProbe: true,
  async run(peer, scale): Promise<Figures> {
    return await withClients(2, async (producer, consumer) => ({
      ...(await underLoad(peer, producer, consumer, scale)),
      ...(await inCompaction(peer, producer, scale)),
    }));
  },
};

async function underLoad(peer: Peer, producer: Client, consumer: Client, scale: number): Promise<Figures> {
  const topic = "flat-out";
  await createTopics(peer, { [topic]: partitions });
  const from = new Array<number>(partitions).fill(0);
  const shape = { recordsPerBatch: 64, valueBytes: 1000, acks: -1, inFlight: 5 };
  const order = { port: peer.port, topic, partitions, connections: partitions, ...shape };
  const both = async (seconds: number): Promise<number> => {
    const tail = { port: peer.port, topic, partitions, consumers: 4, from: [...from], seconds };
    const [{ records, bytes }] = await Promise.all([
      producer.run("produce", { ...order, seconds }),
      consumer.run("tail", tail),
    ]);
    for (let at = 0; at < partitions; at++) from[at] = (from[at] ?? 0) + (records[at] ?? 0);
    return bytes / 1e6 / seconds;
  };
  await both(warmUpSeconds * scale);
  await peer.takeLoopDelays();
  const megabytesPerSecond = await both(measuredSeconds * scale);
  return { ...(await delayFigures(peer, "under load")), "produce MB/s under load": megabytesPerSecond };
}

async function inCompaction(peer: Peer, client: Client, scale: number): Promise<Figures> {
  const topic = "compacted";
  const connection = await RawConnection.open(peer.port);
  await createTopic(connection, topic, compactedPartitions, 500, {
    "cleanup.policy": "compact",
    "segment.bytes": String(4 << 20),
    "min.cleanable.dirty.ratio": "0.01",
  });
  connection.close();
  const shape = { recordsPerBatch: 100, valueBytes: 100, acks: -1, inFlight: 1, keys: 50_000, rate: 2000 };
  const order = { port: peer.port, topic, partitions: compactedPartitions, connections: 4, ...shape };
  await client.run("produce", { ...order, seconds: (measuredSeconds / 3) * scale });
  const before = await counterOf(peer, cleanings);
  await peer.takeLoopDelays();
  await client.run("produce", { ...order, seconds: measuredSeconds * scale });
  const figures = await delayFigures(peer, "in compaction");
  return { ...figures, cleanings: (await counterOf(peer, cleanings)) - before };
}
