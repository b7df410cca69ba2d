// Produce and fetch throughput with a client that does almost nothing: frames made once, answers not decoded
// beyond their offsets.

import { fetchedRecords, fetchFrame } from "../client/fetch-frame.ts";
import { produceErrorCode, produceFrame } from "../client/produce-frame.ts";
import { RawConnection } from "../client/raw-connection.ts";
import { createTopic } from "../client/topic.ts";
import type { Peer } from "../peers/peer.ts";
import { readProcessUsage } from "../peers/process-usage.ts";
import type { Figures, Load } from "./load.ts";

const partitions = 16;
const inFlight = 5;
const recordsPerBatch = 64;
const valueBytes = 1000;

async function produceFor(
  peer: Peer,
  topic: string,
  seconds: number,
): Promise<{ bytes: number; seconds: number }> {
  let bytes = 0;
  const from = performance.now();
  const until = from + seconds * 1000;
  await Promise.all(
    Array.from({ length: partitions }, async (_, partition) => {
      const connection = await RawConnection.open(peer.port);
      const frame = produceFrame({ topic, partition, records: recordsPerBatch, valueBytes, acks: -1 });
      await new Promise<void>((done, failed) => {
        let open = 0;
        const send = (): void => {
          open++;
          connection.sendFrame(frame, (answer) => {
            open--;
            const code = produceErrorCode(answer, topic.length);
            if (code !== 0) return failed(new Error(`produce: error ${code}`));
            bytes += recordsPerBatch * valueBytes;
            if (performance.now() < until) send();
            else if (open === 0) done();
          });
        };
        for (let i = 0; i < inFlight; i++) send();
      });
      connection.close();
    }),
  );
  return { bytes, seconds: (performance.now() - from) / 1000 };
}

async function fetchAll(
  peer: Peer,
  topic: string,
  wanted: number,
): Promise<{ bytes: number; seconds: number }> {
  let bytes = 0;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: partitions }, async (_, partition) => {
      const connection = await RawConnection.open(peer.port);
      await new Promise<void>((done, failed) => {
        const next = (offset: number): void => {
          const frame = fetchFrame({
            topic,
            partition,
            offset,
            bytesMax: 1 << 20,
            minBytes: 1,
            maxWaitMs: 0,
          });
          connection.sendFrame(frame, (answer) => {
            try {
              const fetched = fetchedRecords(answer, offset);
              bytes += fetched.bytes;
              if (fetched.bytes === 0 || bytes >= wanted) done();
              else next(fetched.nextOffset);
            } catch (error) {
              failed(error);
            }
          });
        };
        next(0);
      });
      connection.close();
    }),
  );
  return { bytes, seconds: (performance.now() - from) / 1000 };
}

/** 64 kB batches over 16 connections, five in flight each; then read back in 1 MB fetches. */
export const rawThroughput: Load = {
  name: "raw-throughput",
  about: `light client, 64 kB batches, acks=all, ${partitions} partitions, ${inFlight} in flight; fetch 1 MB`,
  async run(peer, scale): Promise<Figures> {
    const connection = await RawConnection.open(peer.port);
    await createTopic(connection, "rawwarm", partitions);
    await createTopic(connection, "raw", partitions);
    connection.close();
    await produceFor(peer, "rawwarm", 6 * scale);
    const beforeProduce = readProcessUsage(peer.pid);
    const produced = await produceFor(peer, "raw", 8 * scale);
    const afterProduce = readProcessUsage(peer.pid);
    await fetchAll(peer, "rawwarm", Number.MAX_SAFE_INTEGER);
    const beforeFetch = readProcessUsage(peer.pid);
    const fetched = await fetchAll(peer, "raw", Number.MAX_SAFE_INTEGER);
    const afterFetch = readProcessUsage(peer.pid);
    return {
      "produce MB/s": produced.bytes / 1e6 / produced.seconds,
      "broker CPU s/GB produced":
        (afterProduce.cpuSeconds - beforeProduce.cpuSeconds) / (produced.bytes / 1e9),
      "fetch MB/s": fetched.bytes / 1e6 / fetched.seconds,
      "broker CPU s/GB fetched": (afterFetch.cpuSeconds - beforeFetch.cpuSeconds) / (fetched.bytes / 1e9),
      "RSS MB loaded": afterFetch.residentBytes / 1e6,
    };
  },
};
