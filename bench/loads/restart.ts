// A broker killed in the middle of a load: from the start command to the first acknowledged record. A broker
// that waits for the session of its former self shows it here.
import { produceErrorCode, produceFrame } from "../client/produce-frame.ts";
import { RawConnection } from "../client/raw-connection.ts";
import { createTopic } from "../client/topic.ts";
import type { Peer } from "../peers/peer.ts";
import type { Figures, Load } from "./load.ts";

const topic = "restarted";
const recordsBefore = 500;
const frame = produceFrame({ topic, partition: 0, records: 1, valueBytes: 1000, acks: -1 });
/** While a broker starts, an answer may never come. */
const answerMs = 1000;

export const restart: Load = {
  name: "restart",
  about: "kill -9 under load, start again: start command to first record acknowledged",
  async run(peer, scale): Promise<Figures> {
    const connection = await RawConnection.open(peer.port);
    await createTopic(connection, topic, 1, 0);
    connection.close();
    for (let stored = 0; stored < recordsBefore * scale; ) if ((await produceOnce(peer)) === 0) stored++;
    await peer.killAndStart();
    while ((await produceOnce(peer)) !== 0) await new Promise((done) => setTimeout(done, 5));
    return { "restart to first ack ms": performance.now() - peer.spawnedMs };
  },
};

/** The error code of one record on a connection of its own; -1 when none comes in time. */
async function produceOnce(peer: Peer): Promise<number> {
  const late = new Promise<number>((done) => setTimeout(done, answerMs, -1));
  try {
    const connection = await RawConnection.open(peer.port);
    const asked = new Promise<number>((done) =>
      connection.sendFrame(frame, (answer) => done(produceErrorCode(answer, topic.length))),
    );
    const code = await Promise.race([asked, late]);
    connection.close();
    return code;
  } catch {
    return -1;
  }
}
