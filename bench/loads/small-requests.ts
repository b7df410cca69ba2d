// Many connections with one small Produce in flight each: the cost of a request, not of its bytes.
import { withClients } from "../client/client.ts";
import { latencyFigures } from "./latency.ts";
import type { Figures, Load } from "./load.ts";
import { createTopics, warmUpSeconds, withCpu } from "./measured-work.ts";

const partitions = 16;
const measuredSeconds = 15;

function smallLoad(name: string, connections: number): Load {
  return {
    name,
    about: `${connections} connections, one 100 B batch in flight each, acks=all, ${partitions} partitions`,
    async run(peer, scale): Promise<Figures> {
      await createTopics(peer, { small: partitions });
      const shape = { recordsPerBatch: 1, valueBytes: 100, acks: -1, inFlight: 1 };
      const order = { port: peer.port, topic: "small", partitions, connections, ...shape };
      return await withClients(1, async (client) => {
        await client.run("produce", { ...order, seconds: warmUpSeconds * scale });
        const { result, cpuSeconds } = await withCpu(peer, () =>
          client.run("produce", { ...order, seconds: measuredSeconds * scale }),
        );
        return {
          "requests/s": result.requests / result.seconds,
          ...latencyFigures("", result.latency),
          "broker CPU µs/request": (cpuSeconds / result.requests) * 1e6,
        };
      });
    },
  };
}

/** 100-byte batches over 64 connections. */
export const smallRequests: Load = smallLoad("small-requests", 64);

/** The same over 1,000. */
export const smallRequestsCrowd: Load = smallLoad("small-requests-1000", 1000);
