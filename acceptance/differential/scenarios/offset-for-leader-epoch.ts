// OffsetForLeaderEpoch: epochs known, unknown and undefined, the caller's own epoch, unknown targets.
import { apiKeys, type OffsetForLeaderEpochRequest } from "@ottla/protocol";
import { batch } from "../batches.ts";
import type { Exchange } from "../exchange.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.OffsetForLeaderEpoch>;
type Partition = OffsetForLeaderEpochRequest.OffsetForLeaderPartition;

function epoch(leaderEpoch: number, fields: Partial<Partition> = {}): Partition {
  return { partition: 0, currentLeaderEpoch: -1, leaderEpoch, ...fields };
}

/** Version 2 has no replica id. */
async function askFor(x: X, topic: string, partitions: Partition[]): Promise<void> {
  await x.ask({ ...(x.version >= 3 ? { replicaId: -1 } : {}), topics: [{ topic, partitions }] });
}

export const offsetForLeaderEpochScenarios = scenariosOf(apiKeys.OffsetForLeaderEpoch, {
  "epochs of a filled log": async (x) => {
    const topic = await x.create();
    await x.produce(topic, batch(3, x.nowMs));
    for (const wanted of [0, 1, 5, -1, -2, 2147483647]) await askFor(x, topic.name, [epoch(wanted)]);
  },
  "epochs of an empty log": async (x) => {
    const topic = await x.create();
    for (const wanted of [0, 1, -1]) await askFor(x, topic.name, [epoch(wanted)]);
  },
  "the caller's epoch: right, old, unknown": async (x) => {
    const topic = await x.create();
    await x.produce(topic, batch(3, x.nowMs));
    for (const currentLeaderEpoch of [0, 1, -2])
      await askFor(x, topic.name, [epoch(0, { currentLeaderEpoch })]);
  },
  "unknown topics and partitions": async (x) => {
    const topic = await x.create();
    for (const name of ["d-nobody-made-this", "", "..", "a/b", "__proto__"])
      await askFor(x, name, [epoch(0)]);
    for (const partition of [1, -1]) await askFor(x, topic.name, [epoch(0, { partition })]);
  },
  "several partitions, one twice": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    await x.produce(topic, batch(1, x.nowMs), 1);
    await askFor(x, topic.name, [epoch(0), epoch(0, { partition: 1 }), epoch(0), epoch(0, { partition: 2 })]);
  },
  "no topics, no partitions, null ones": async (x) => {
    const topic = await x.create();
    const replica = x.version >= 3 ? { replicaId: -1 } : {};
    await x.ask({ ...replica, topics: [] });
    await askFor(x, topic.name, []);
    await x.ask({ ...replica, topics: nullArray() });
    await askFor(x, topic.name, nullArray());
  },
  "replica ids": {
    from: 3,
    steps: async (x) => {
      const topic = await x.create();
      await x.produce(topic, batch(1, x.nowMs));
      for (const replicaId of [-2, -3, 1, 9]) {
        await x.ask({ replicaId, topics: [{ topic: topic.name, partitions: [epoch(0)] }] });
      }
    },
  },
});
