// One record at a time to a consumer that waits for it: how long from its send to its arrival.
import { type Latency, latencyOf } from "../../loads/latency.ts";
import { FetchCursor } from "../fetch-cursor.ts";
import { produceErrorCode, produceFrame } from "../produce-frame.ts";
import { RawConnection } from "../raw-connection.ts";

/** One run of it. */
export interface OneByOneOrder {
  readonly port: number;
  /** Of one partition. */
  readonly topic: string;
  readonly valueBytes: number;
  readonly acks: number;
  readonly seconds: number;
  /** From the arrival of one to the send of the next. */
  readonly pauseMs: number;
  /** Where the consumer begins. */
  readonly from: number;
}

/** What came of it. */
export interface OneByOneResult {
  readonly latency: Latency;
  readonly records: number;
  /** Where the next run begins. */
  readonly nextOffset: number;
}

/** The next is sent when the one before has arrived and its acknowledgement is there. */
export async function oneByOne(order: OneByOneOrder): Promise<OneByOneResult> {
  const { port, topic, valueBytes, acks, pauseMs, seconds, from } = order;
  const producer = await RawConnection.open(port);
  const consumer = await RawConnection.open(port);
  const frame = produceFrame({ topic, partition: 0, records: 1, valueBytes, acks });
  const wish = { topic, partitions: [0], bytesMax: 1 << 20, minBytes: 1, maxWaitMs: 5000 };
  const cursor = new FetchCursor(wish, [from]);
  const times: number[] = [];
  const untilMs = performance.now() + seconds * 1000;
  while (performance.now() < untilMs) {
    let sentMs = 0;
    const arrived = new Promise<number>((done, failed) =>
      consumer.sendFrame(cursor.frame, (answer) => {
        const tookMs = performance.now() - sentMs;
        if (cursor.take(answer) === 0) failed(new Error("a record did not arrive within five seconds"));
        else done(tookMs);
      }),
    );
    // The request that waits must be there first.
    await new Promise((done) => setTimeout(done, pauseMs));
    sentMs = performance.now();
    const acked = new Promise<void>((done, failed) =>
      producer.sendFrame(frame, (answer) => {
        const code = produceErrorCode(answer, topic.length);
        if (code === 0) done();
        else failed(new Error(`produce: error ${code}`));
      }),
    );
    const [tookMs] = await Promise.all([arrived, acked]);
    times.push(tookMs);
  }
  producer.close();
  consumer.close();
  return { latency: latencyOf(times), records: times.length, nextOffset: cursor.offsetOf(0) };
}
