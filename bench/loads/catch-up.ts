// A consumer that was away: what it reads has left the page cache, so that the disk delivers it.
import { withClients } from "../client/client.ts";
import { dropFromCache, writeBack } from "../peers/page-cache.ts";
import { readProcessUsage } from "../peers/process-usage.ts";
import type { Figures, Load } from "./load.ts";
import { createTopics, withCpu } from "./measured-work.ts";

const partitions = 16;
const recordsPerBatch = 64;
const valueBytes = 1000;
const storedBytes = 3e9;

export const catchUp: Load = {
  name: "catch-up",
  about: `fetches of 1 MB from the beginning of ${partitions} partitions that are on the disk alone`,
  async run(peer, scale): Promise<Figures> {
    const topic = "away";
    await createTopics(peer, { [topic]: partitions });
    const shape = { topic, partitions, recordsPerBatch, valueBytes, acks: -1, inFlight: 5 };
    const requests = Math.ceil((storedBytes * scale) / (recordsPerBatch * valueBytes));
    return await withClients(1, async (client) => {
      const order = { port: peer.port, connections: partitions, ...shape, requests };
      const { records } = await client.run("produce", order);
      const from = records.map(() => 0);
      const sink = { port: peer.port, topic, recordsPerBatch, valueBytes, from, to: records };
      // From the page cache first: the code is compiled before it counts.
      await client.run("sink", sink);
      writeBack(peer.dataDirectory);
      dropFromCache(peer.dataDirectory);
      const readBefore = readProcessUsage(peer.pid).diskReadBytes;
      const { result, cpuSeconds } = await withCpu(peer, () => client.run("sink", sink));
      const readBytes = readProcessUsage(peer.pid).diskReadBytes - readBefore;
      return {
        "fetch MB/s": result.bytes / 1e6 / result.seconds,
        "broker CPU s/GB fetched": cpuSeconds / (result.bytes / 1e9),
        "share read from disk": readBytes / result.bytes,
      };
    });
  },
};
