// DeleteRecords: offsets within, at and beyond the ends, topics that refuse, unknown targets. What is left is
// looked at.
import {
  apiKeys,
  type DeleteRecordsRequest,
  makeFetchRequestFetchPartition,
  makeFetchRequestFetchTopic,
} from "@ottla/protocol";
import { batch } from "../batches.ts";
import type { Exchange } from "../exchange.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.DeleteRecords>;
type Partition = DeleteRecordsRequest.DeleteRecordsPartition;

function before(offset: bigint, partitionIndex = 0): Partition {
  return { partitionIndex, offset };
}

async function deleteFrom(x: X, name: string, partitions: Partition[], timeoutMs = 10_000): Promise<void> {
  await x.ask({ topics: [{ name, partitions }], timeoutMs });
}

async function lookAt(x: X, name: string): Promise<void> {
  for (const timestamp of [-2n, -1n]) {
    const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp }];
    await x.look(apiKeys.ListOffsets, 7, { replicaId: -1, topics: [{ name, partitions }] }, "what is left");
  }
}

export const deleteRecordsScenarios = scenariosOf(apiKeys.DeleteRecords, {
  "up to an offset, to the same again, back, and to the end": async (x) => {
    const topic = await x.create();
    for (let times = 0; times < 3; times += 1) await x.produce(topic, batch(3, x.nowMs));
    for (const offset of [4n, 4n, 2n, 0n, 9n]) {
      await deleteFrom(x, topic.name, [before(offset)]);
      await lookAt(x, topic.name);
    }
  },
  "up to the high watermark": async (x) => {
    const topic = await x.create();
    await x.produce(topic, batch(3, x.nowMs));
    await deleteFrom(x, topic.name, [before(-1n)]);
    await lookAt(x, topic.name);
    await x.produce(topic, batch(2, x.nowMs));
    await lookAt(x, topic.name);
  },
  "an empty log": async (x) => {
    const topic = await x.create();
    for (const offset of [0n, -1n, 1n]) await deleteFrom(x, topic.name, [before(offset)]);
  },
  "offsets that are none": async (x) => {
    const topic = await x.create();
    await x.produce(topic, batch(3, x.nowMs));
    for (const offset of [4n, -2n, 9223372036854775807n, -9223372036854775808n])
      await deleteFrom(x, topic.name, [before(offset)]);
    await lookAt(x, topic.name);
  },
  "records that are gone cannot be fetched": async (x) => {
    const topic = await x.create();
    await x.produce(topic, batch(3, x.nowMs));
    await deleteFrom(x, topic.name, [before(2n)]);
    for (const fetchOffset of [0n, 2n]) {
      const partitions = [makeFetchRequestFetchPartition({ fetchOffset, partitionMaxBytes: 1 << 20 })];
      const topics = [makeFetchRequestFetchTopic({ topic: topic.name, partitions })];
      await x.look(apiKeys.Fetch, 12, { replicaId: -1, maxWaitMs: 0, sessionEpoch: -1, topics });
    }
  },
  "cleanup policies": async (x) => {
    for (const policy of ["compact", "compact,delete", "delete"]) {
      const topic = await x.create(policy.replace(",", "-"), { configs: { "cleanup.policy": policy } });
      await deleteFrom(x, topic.name, [before(0n)]);
    }
  },
  "unknown topics and partitions": async (x) => {
    const topic = await x.create();
    for (const name of ["d-nobody-made-this", "", "..", "a/b", "__proto__"])
      await deleteFrom(x, name, [before(0n)]);
    await deleteFrom(x, topic.name, [before(0n, 1), before(0n, -1), before(0n, 2147483647)]);
  },
  "several topics, some unknown": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    await x.produce(topic, batch(2, x.nowMs), 1);
    const topics = [
      { name: topic.name, partitions: [before(0n), before(1n, 1), before(0n, 2)] },
      { name: "d-nobody-made-this", partitions: [before(0n)] },
    ];
    await x.ask({ topics, timeoutMs: 10_000 });
  },
  "a partition and a topic twice": async (x) => {
    const topic = await x.create();
    await x.produce(topic, batch(3, x.nowMs));
    await deleteFrom(x, topic.name, [before(2n), before(1n)]);
    const one = { name: topic.name, partitions: [before(3n)] };
    const other = { name: topic.name, partitions: [before(2n)] };
    await x.ask({ topics: [one, other], timeoutMs: 10_000 });
    await lookAt(x, topic.name);
  },
  "timeouts that are over at once": async (x) => {
    const topic = await x.create();
    await x.produce(topic, batch(3, x.nowMs));
    for (const timeoutMs of [0, -1]) await deleteFrom(x, topic.name, [before(1n)], timeoutMs);
    await lookAt(x, topic.name);
  },
  "internal topics": async (x) => {
    await deleteFrom(x, "__cluster_metadata", [before(0n)]);
    await deleteFrom(x, "__share_group_state", [before(0n)]);
  },
  "no topics, no partitions, null ones": async (x) => {
    const topic = await x.create();
    await x.ask({ topics: [], timeoutMs: 10_000 });
    await deleteFrom(x, topic.name, []);
    await x.ask({ topics: nullArray(), timeoutMs: 10_000 });
    await deleteFrom(x, topic.name, nullArray());
  },
});
