// A broker killed in the middle of a load: from the start command to the first acknowledged record, and with
// much data to the first fetch. A broker that waits for the session of its former self shows it here.
import { withClients } from "../client/client.ts";
import { FetchCursor } from "../client/fetch-cursor.ts";
import { produceErrorCode, produceFrame } from "../client/produce-frame.ts";
import { RawConnection } from "../client/raw-connection.ts";
import type { Peer } from "../peers/peer.ts";
import type { Figures, Load } from "./load.ts";
import { createTopics } from "./measured-work.ts";

const topic = "restarted";
const recordsBefore = 500;
/** While a broker starts, an answer may never come. */
const answerMs = 250;

const largePartitions = 200;
const largeBytes = 10e9;

export const restart: Load = {
  name: "restart",
  about: "kill -9 under load, start again: start command to first record acknowledged",
  async run(peer, scale): Promise<Figures> {
    await createTopics(peer, { [topic]: 1 });
    for (let stored = 0; stored < recordsBefore * scale; ) if (await isRecordTaken(peer)) stored++;
    await peer.killAndStart();
    await until(() => isRecordTaken(peer));
    return { "restart to first ack ms": performance.now() - peer.spawnedMs };
  },
};

export const restartLarge: Load = {
  name: "restart-10gb",
  about: `kill -9 with 10 GB in ${largePartitions} partitions, start again: start command to first fetch`,
  async run(peer, scale): Promise<Figures> {
    await createTopics(peer, { [topic]: largePartitions });
    const shape = { recordsPerBatch: 64, valueBytes: 1000, acks: -1, inFlight: 5, connections: 20 };
    const requests = Math.ceil((largeBytes * scale) / (shape.recordsPerBatch * shape.valueBytes));
    const order = { port: peer.port, topic, partitions: largePartitions, ...shape, requests };
    await withClients(1, (client) => client.run("produce", order));
    await peer.killAndStart();
    await until(() => isPartitionRead(peer, 0));
    const firstMs = performance.now() - peer.spawnedMs;
    for (let partition = 1; partition < largePartitions; partition++) {
      await until(() => isPartitionRead(peer, partition));
    }
    await until(() => isRecordTaken(peer));
    return {
      "restart to first fetch ms": firstMs,
      "restart to all partitions and an ack ms": performance.now() - peer.spawnedMs,
    };
  },
};

async function until(isDone: () => Promise<boolean>): Promise<void> {
  while (!(await isDone())) await new Promise((done) => setTimeout(done, 5));
}

async function isRecordTaken(peer: Peer): Promise<boolean> {
  const frame = produceFrame({ topic, partition: 0, records: 1, valueBytes: 1000, acks: -1 });
  return await asked(peer, frame, (answer) => produceErrorCode(answer, topic.length) === 0);
}

async function isPartitionRead(peer: Peer, partition: number): Promise<boolean> {
  const wish = { topic, partitions: [partition], bytesMax: 1 << 20, minBytes: 1, maxWaitMs: 100 };
  const cursor = new FetchCursor(wish);
  return await asked(peer, cursor.frame, (answer) => cursor.take(answer) > 0);
}

/** One request on a connection of its own; false when no answer comes in time. */
async function asked(peer: Peer, frame: Buffer, isGood: (answer: Buffer) => boolean): Promise<boolean> {
  let connection: RawConnection | null = null;
  try {
    const opened = await RawConnection.open(peer.port);
    connection = opened;
    return await new Promise<boolean>((done, failed) => {
      setTimeout(done, answerMs, false);
      opened.sendFrame(frame, (answer) => {
        try {
          done(isGood(answer));
        } catch (error) {
          failed(error);
        }
      });
    });
  } catch {
    return false;
  } finally {
    connection?.close();
  }
}
