// From the start command to the first acknowledged record, and the resident memory of an idle broker.

import { produceErrorCode, produceFrame } from "../client/produce-frame.ts";
import { RawConnection } from "../client/raw-connection.ts";
import { createTopic } from "../client/topic.ts";
import { readProcessUsage } from "../peers/process-usage.ts";
import type { Figures, Load } from "./load.ts";

/** Runs first on a peer that was just started. */
export const start: Load = {
  name: "start",
  about: "spawn to first record acknowledged (topic creation included), RSS five seconds later",
  async run(peer, _scale): Promise<Figures> {
    const connection = await RawConnection.open(peer.port);
    for (;;) {
      try {
        await createTopic(connection, "first", 1, 0);
        break;
      } catch {
        await new Promise((done) => setTimeout(done, 5));
      }
    }
    const frame = produceFrame({ topic: "first", partition: 0, records: 1, valueBytes: 10, acks: -1 });
    let code = -1;
    while (code !== 0) {
      code = await new Promise<number>((done) =>
        connection.sendFrame(frame, (answer) => done(produceErrorCode(answer, 5))),
      );
    }
    const firstAckMs = performance.now() - peer.spawnedMs;
    connection.close();
    await new Promise((done) => setTimeout(done, 5000));
    return {
      "start to first ack ms": firstAckMs,
      "RSS MB idle": readProcessUsage(peer.pid).residentBytes / 1e6,
    };
  },
};
