// From the send of a record to its arrival at a consumer that was already waiting, with a client that costs
// microseconds: on an idle broker, and beside a load of a fifth of what the first broker of the run can take.
import { withClients } from "../client/client.ts";
import { latencyFigures } from "./latency.ts";
import type { Figures, Load } from "./load.ts";
import { createTopics, warmUpSeconds } from "./measured-work.ts";

const partitions = 16;
const rateName = "end-to-end: requests/s beside";
const loadShare = 0.2;
const measuredSeconds = 20;

export const endToEnd: Load = {
  name: "end-to-end",
  about:
    "one 100 B record at a time, acks=all, one partition, a consumer in long poll; on an idle broker, and " +
    "beside 16 kB batches at 20 % of what Kafka takes of them",
  async run(peer, scale, rates): Promise<Figures> {
    await createTopics(peer, { one: 1, beside: partitions });
    const shape = { recordsPerBatch: 16, valueBytes: 1000, acks: -1, inFlight: 5 };
    const order = { port: peer.port, topic: "beside", partitions, connections: partitions, ...shape };
    return await withClients(2, async (client, other) => {
      const flatOut = await other.run("produce", { ...order, seconds: warmUpSeconds * scale });
      const rate = rates.get(rateName) ?? (flatOut.requests / flatOut.seconds) * loadShare;
      rates.set(rateName, rate);
      let from = 0;
      const once = async (seconds: number) => {
        const one = { port: peer.port, topic: "one", valueBytes: 100, acks: -1, pauseMs: 1, from, seconds };
        const result = await client.run("oneByOne", one);
        from = result.nextOffset;
        return result.latency;
      };
      await once(5 * scale);
      const idle = await once(measuredSeconds * scale);
      const beside = other.run("produce", { ...order, rate, seconds: (measuredSeconds + 5) * scale });
      await once(4 * scale);
      const loaded = await once(measuredSeconds * scale);
      const { latency } = await beside;
      return {
        ...latencyFigures("e2e ", loaded),
        ...latencyFigures("idle e2e ", idle),
        ...latencyFigures("ack of the load beside ", latency),
        "load beside requests/s": rate,
      };
    });
  },
};
