// Ten consumers at the end of a topic that grows at a fixed rate. What the consumers cost is the difference
// to the same rate without them.
import { withClients } from "../client/client.ts";
import { latencyFigures } from "./latency.ts";
import type { Figures, Load } from "./load.ts";
import { createTopics, warmUpSeconds, withCpu } from "./measured-work.ts";

const partitions = 16;
const consumers = 10;
const recordsPerBatch = 64;
const valueBytes = 1000;
/** Requests per second: 19 MB/s in, 192 MB/s out. */
const rate = 300;
const measuredSeconds = 15;

export const fanOut: Load = {
  name: "fan-out",
  about: `${consumers} consumers in long poll behind ${rate} batches of 64 kB a second, ${partitions} partitions`,
  async run(peer, scale): Promise<Figures> {
    await createTopics(peer, { fanned: partitions });
    const shape = { recordsPerBatch, valueBytes, acks: -1, inFlight: 1, rate };
    const order = { port: peer.port, topic: "fanned", partitions, connections: partitions, ...shape };
    return await withClients(2, async (producer, consumer) => {
      const ends = new Array<number>(partitions).fill(0);
      const produceFor = async (seconds: number) => {
        const result = await producer.run("produce", { ...order, seconds });
        result.records.forEach((records, partition) => {
          ends[partition] = (ends[partition] ?? 0) + records;
        });
        return result;
      };
      const both = async (seconds: number) => {
        const tail = { port: peer.port, topic: order.topic, partitions, consumers, from: [...ends], seconds };
        const [consumed, produced] = await Promise.all([consumer.run("tail", tail), produceFor(seconds)]);
        return { consumed, produced };
      };
      await both(warmUpSeconds * scale);
      const alone = await withCpu(peer, () => produceFor(measuredSeconds * scale));
      const fanned = await withCpu(peer, () => both(measuredSeconds * scale));
      const { consumed, produced } = fanned.result;
      const aloneForSame = (alone.cpuSeconds / alone.result.bytes) * produced.bytes;
      return {
        "fetch MB/s": consumed.bytes / 1e6 / consumed.seconds,
        "broker CPU s/GB fetched": (fanned.cpuSeconds - aloneForSame) / (consumed.bytes / 1e9),
        "broker CPU s/GB produced, alone": alone.cpuSeconds / (alone.result.bytes / 1e9),
        "kB/fetch": consumed.bytes / 1e3 / consumed.fetches,
        ...latencyFigures("produce ", produced.latency),
      };
    });
  },
};
