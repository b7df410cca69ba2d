// From the send of a record to its arrival at a consumer that was already waiting, with a client that costs
// microseconds.

import { fetchedRecords, fetchFrame } from "../client/fetch-frame.ts";
import { produceFrame } from "../client/produce-frame.ts";
import { RawConnection } from "../client/raw-connection.ts";
import { createTopic } from "../client/topic.ts";
import { ascending, percentile } from "./latency.ts";
import type { Figures, Load } from "./load.ts";

const topic = "e2e";

/** One record of 100 B at a time, acks=all: sent when the one before has arrived and its ack is there. */
export const endToEnd: Load = {
  name: "end-to-end",
  about: "one 100 B record at a time, acks=all, one partition, a consumer in long poll",
  async run(peer, scale): Promise<Figures> {
    const producer = await RawConnection.open(peer.port);
    const consumer = await RawConnection.open(peer.port);
    await createTopic(producer, topic, 1);
    const frame = produceFrame({ topic, partition: 0, records: 1, valueBytes: 100, acks: -1 });
    let offset = 0;
    const once = async (): Promise<number> => {
      const ask = fetchFrame({
        topic,
        partition: 0,
        offset,
        bytesMax: 1 << 20,
        minBytes: 1,
        maxWaitMs: 5000,
      });
      const arrived = new Promise<Buffer>((done) =>
        consumer.sendFrame(ask, (bytes) => done(Buffer.from(bytes))),
      );
      await new Promise((done) => setTimeout(done, 1));
      const from = performance.now();
      const acked = new Promise<void>((done) => producer.sendFrame(frame, () => done()));
      const answer = await arrived;
      const elapsed = performance.now() - from;
      offset = fetchedRecords(answer, offset).nextOffset;
      await acked;
      return elapsed;
    };
    const rounds = Math.round(3000 * scale);
    for (let i = 0; i < rounds; i++) await once();
    const times: number[] = [];
    for (let i = 0; i < rounds; i++) times.push(await once());
    producer.close();
    consumer.close();
    const sorted = ascending(times);
    return { "e2e p50 ms": percentile(sorted, 0.5), "e2e p99 ms": percentile(sorted, 0.99) };
  },
};
