// Batches of 4 kB that go round 1,000 partitions: what it costs that each turn finds others to write.
import { withClients } from "../client/client.ts";
import { latencyFigures } from "./latency.ts";
import type { Figures, Load } from "./load.ts";
import { createTopics, produceBursts, warmUpSeconds } from "./measured-work.ts";

const partitions = 1000;

export const manyPartitions: Load = {
  name: "many-partitions",
  about: `light client, 4 kB batches round ${partitions} partitions, acks=all, 16 connections, 5 in flight`,
  async run(peer, scale): Promise<Figures> {
    await createTopics(peer, { many: partitions });
    const shape = { recordsPerBatch: 4, valueBytes: 1000, acks: -1, inFlight: 5 };
    const order = { port: peer.port, topic: "many", partitions, connections: 16, ...shape };
    return await withClients(1, async (client) => {
      await produceBursts(peer, client, order, warmUpSeconds * scale);
      const bursts = await produceBursts(peer, client, order, warmUpSeconds * scale);
      return {
        "produce MB/s": bursts.megabytesPerSecond,
        "broker CPU s/GB produced": bursts.cpuPerGigabyte,
        ...latencyFigures("produce ", bursts.latency),
      };
    });
  },
};
