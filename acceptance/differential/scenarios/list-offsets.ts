// ListOffsets: timestamps and the special ones, isolation, epochs, unknown targets.
import { apiKeys, type ListOffsetsRequest } from "@ottla/protocol";
import { batch, batchOf, record, records } from "../batches.ts";
import type { Exchange } from "../exchange.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.ListOffsets>;

function at(
  timestamp: bigint,
  fields: Partial<ListOffsetsRequest.ListOffsetsPartition> = {},
): ListOffsetsRequest.ListOffsetsPartition {
  return { partitionIndex: 0, currentLeaderEpoch: -1, timestamp, ...fields };
}

async function list(
  x: X,
  name: string,
  partitions: ListOffsetsRequest.ListOffsetsPartition[],
  fields: Partial<ListOffsetsRequest> = {},
): Promise<void> {
  await x.ask({ replicaId: -1, topics: [{ name, partitions }], ...fields });
}

async function listEach(x: X, name: string, timestamps: readonly bigint[]): Promise<void> {
  for (const timestamp of timestamps) await list(x, name, [at(timestamp)]);
}

export const listOffsetsScenarios = scenariosOf(apiKeys.ListOffsets, {
  "special timestamps of a filled log": async (x) => {
    const topic = await x.create();
    for (const step of [0, 500, 100]) await x.produce(topic, batch(2, x.nowMs + step));
    await listEach(x, topic.name, [-1n, -2n, -3n, -4n, -5n, -6n, -7n, -100n]);
  },
  "special timestamps of an empty log": async (x) => {
    const topic = await x.create();
    await listEach(x, topic.name, [-1n, -2n, -3n, -4n, -5n, -6n, -7n]);
  },
  "timestamps before, in and after a log": async (x) => {
    const topic = await x.create();
    const now = BigInt(x.nowMs);
    for (const step of [0, 500, 100]) await x.produce(topic, batch(2, x.nowMs + step));
    await listEach(x, topic.name, [
      0n,
      now - 1n,
      now,
      now + 1n,
      now + 2n,
      now + 100n,
      now + 101n,
      now + 400n,
      now + 501n,
      now + 502n,
      9223372036854775807n,
    ]);
  },
  "a timestamp in an empty log": async (x) => {
    const topic = await x.create();
    await listEach(x, topic.name, [0n, BigInt(x.nowMs)]);
  },
  "a timestamp within a compressed batch": async (x) => {
    const topic = await x.create();
    await x.produce(topic, batchOf(records(6, x.nowMs, 50), { compression: 4 }));
    await listEach(x, topic.name, [BigInt(x.nowMs) + 3n, -3n]);
  },
  "records whose times go back": async (x) => {
    const topic = await x.create();
    await x.produce(
      topic,
      batchOf([
        record("a", "b", x.nowMs + 50),
        record("a", "b", x.nowMs),
        record("a", "b", x.nowMs + 80),
        record("a", "b", x.nowMs + 80),
      ]),
    );
    await listEach(x, topic.name, [-3n, BigInt(x.nowMs), BigInt(x.nowMs) + 51n]);
  },
  "records without timestamps": async (x) => {
    const topic = await x.create();
    await x.produce(topic, batchOf([record("a", "b", -1)]));
    await listEach(x, topic.name, [-3n, 0n, -1n]);
  },
  "a log that stamps the time of appending": async (x) => {
    const topic = await x.create("t", { configs: { "message.timestamp.type": "LogAppendTime" } });
    await x.produce(topic, batch(2, x.nowMs));
    await listEach(x, topic.name, [-1n, -2n, -3n, BigInt(x.nowMs)]);
  },
  "isolation levels": {
    from: 2,
    steps: async (x) => {
      const topic = await x.create();
      await x.produce(topic, batch(2, x.nowMs));
      for (const isolationLevel of [0, 1]) {
        await list(x, topic.name, [at(-1n)], { isolationLevel });
        await list(x, topic.name, [at(BigInt(x.nowMs))], { isolationLevel });
      }
    },
  },
  "isolation levels that do not exist": {
    from: 2,
    steps: async (x) => {
      const topic = await x.create();
      for (const isolationLevel of [2, -1]) await list(x, topic.name, [at(-1n)], { isolationLevel });
    },
  },
  "leader epochs: right, old, unknown": {
    from: 4,
    steps: async (x) => {
      const topic = await x.create();
      await x.produce(topic, batch(2, x.nowMs));
      for (const currentLeaderEpoch of [0, 1, -2]) {
        for (const timestamp of [-1n, -2n, -3n, BigInt(x.nowMs)]) {
          await list(x, topic.name, [at(timestamp, { currentLeaderEpoch })]);
        }
      }
    },
  },
  "unknown topics and partitions": async (x) => {
    const topic = await x.create();
    for (const name of ["d-nobody-made-this", "", "..", "a/b", "__proto__", "x".repeat(250)]) {
      await list(x, name, [at(-1n)]);
    }
    for (const partitionIndex of [1, -1, 2147483647])
      await list(x, topic.name, [at(-1n, { partitionIndex })]);
  },
  "good and unknown partitions together": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    await list(x, topic.name, [at(-1n), at(-2n, { partitionIndex: 1 }), at(-1n, { partitionIndex: 2 })]);
  },
  "the same partition twice": async (x) => {
    const topic = await x.create();
    await x.produce(topic, batch(2, x.nowMs));
    await list(x, topic.name, [at(-1n), at(-2n)]);
    await list(x, topic.name, [at(-1n), at(-1n)]);
  },
  "the same topic twice": async (x) => {
    const topic = await x.create();
    const one = { name: topic.name, partitions: [at(-1n)] };
    await x.ask({ replicaId: -1, topics: [one, one] });
  },
  "no topics, no partitions, null ones": async (x) => {
    const topic = await x.create();
    await x.ask({ replicaId: -1, topics: [] });
    await list(x, topic.name, []);
    await x.ask({ replicaId: -1, topics: nullArray() });
    await list(x, topic.name, nullArray());
  },
  "replica ids": async (x) => {
    const topic = await x.create();
    await x.produce(topic, batch(2, x.nowMs));
    for (const replicaId of [-2, -3, 1, 7]) await list(x, topic.name, [at(-1n)], { replicaId });
  },
});
