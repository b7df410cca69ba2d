// Many connections with one small Produce in flight each: the cost of a request, not of its bytes.

import { produceErrorCode, produceFrame } from "../client/produce-frame.ts";
import { RawConnection } from "../client/raw-connection.ts";
import { createTopic } from "../client/topic.ts";
import type { Peer } from "../peers/peer.ts";
import { readProcessUsage } from "../peers/process-usage.ts";
import { ascending, percentile } from "./latency.ts";
import type { Figures, Load } from "./load.ts";

const connectionCount = 64;
const partitions = 16;

async function drive(
  connection: RawConnection,
  frame: Buffer,
  topicBytes: number,
  untilMs: number,
  times: number[],
): Promise<void> {
  await new Promise<void>((done, failed) => {
    const next = (): void => {
      const from = performance.now();
      if (from >= untilMs) return done();
      connection.sendFrame(frame, (answer) => {
        const code = produceErrorCode(answer, topicBytes);
        if (code !== 0) return failed(new Error(`produce: error ${code}`));
        times.push(performance.now() - from);
        next();
      });
    };
    next();
  });
}

/** 100-byte batches, acks=all, 64 connections. */
export const smallRequests: Load = {
  name: "small-requests",
  about: "64 connections, one 100 B batch in flight each, acks=all, 16 partitions",
  async run(peer: Peer, scale: number): Promise<Figures> {
    const topic = "small";
    const first = await RawConnection.open(peer.port);
    await createTopic(first, topic, partitions);
    const connections = [first];
    while (connections.length < connectionCount) connections.push(await RawConnection.open(peer.port));
    const frames = Array.from({ length: partitions }, (_, partition) =>
      produceFrame({ topic, partition, records: 1, valueBytes: 100, acks: -1 }),
    );
    const round = async (seconds: number): Promise<{ times: number[]; seconds: number }> => {
      const times: number[] = [];
      const from = performance.now();
      const until = from + seconds * 1000;
      await Promise.all(
        connections.map((c, i) => drive(c, frames[i % partitions] as Buffer, topic.length, until, times)),
      );
      return { times, seconds: (performance.now() - from) / 1000 };
    };
    await round(8 * scale);
    const before = readProcessUsage(peer.pid);
    const measured = await round(8 * scale);
    const after = readProcessUsage(peer.pid);
    for (const connection of connections) connection.close();
    const sorted = ascending(measured.times);
    return {
      "requests/s": sorted.length / measured.seconds,
      "p50 ms": percentile(sorted, 0.5),
      "p99 ms": percentile(sorted, 0.99),
      "broker CPU µs/request": ((after.cpuSeconds - before.cpuSeconds) / sorted.length) * 1e6,
    };
  },
};
