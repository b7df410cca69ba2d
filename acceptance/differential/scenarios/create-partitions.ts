// CreatePartitions: more, as many, fewer, assignments, validateOnly, unknown topics, duplicates.
import { apiKeys, type CreatePartitionsRequest, ZERO_UUID } from "@ottla/protocol";
import type { Exchange } from "../exchange.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.CreatePartitions>;
type Wanted = CreatePartitionsRequest.CreatePartitionsTopic;

function grow(name: string, count: number, assignments: number[][] | null = null): Wanted {
  return { name, count, assignments: assignments?.map((brokerIds) => ({ brokerIds })) ?? null };
}

async function ask(x: X, topics: Wanted[], validateOnly = false): Promise<void> {
  await x.ask({ topics, timeoutMs: 30_000, validateOnly });
}

async function lookAt(x: X, name: string, partitions: number): Promise<void> {
  await x.untilReady(name, partitions);
  await x.look(
    apiKeys.Metadata,
    12,
    { topics: [{ name, topicId: ZERO_UUID }], allowAutoTopicCreation: false },
    "what came of it",
  );
}

export const createPartitionsScenarios = scenariosOf(apiKeys.CreatePartitions, {
  "a timeout that is over at once": async (x) => {
    const topic = await x.create();
    for (const timeoutMs of [-1, 0]) await x.ask({ topics: [grow(topic.name, 3)], timeoutMs });
    await x.ask({ topics: [grow("d-nobody-made-this", 3)], timeoutMs: -1 });
    await lookAt(x, topic.name, 1);
  },
  "more partitions": async (x) => {
    const topic = await x.create();
    await ask(x, [grow(topic.name, 3)]);
    await lookAt(x, topic.name, 3);
  },
  "as many, fewer, none, negative": async (x) => {
    const topic = await x.create("t", { partitions: 3 });
    for (const count of [3, 2, 0, -1, -2147483648]) await ask(x, [grow(topic.name, count)]);
  },
  "ten thousand at once, only validated": async (x) => {
    const topic = await x.create();
    await ask(x, [grow(topic.name, 10_001)], true);
  },
  "validateOnly makes nothing": async (x) => {
    const topic = await x.create();
    await ask(x, [grow(topic.name, 3)], true);
    await lookAt(x, topic.name, 1);
  },
  "unknown and invalid names": async (x) => {
    for (const name of ["d-nobody-made-this", "", "..", "a/b", "__proto__", "x".repeat(250)])
      await ask(x, [grow(name, 3)]);
  },
  assignments: async (x) => {
    const topic = await x.create();
    await ask(x, [grow(topic.name, 3, [[1], [1]])]);
    await lookAt(x, topic.name, 3);
  },
  "bad assignments": async (x) => {
    const topic = await x.create();
    for (const assignments of [
      [[1]],
      [[1], [1], [1]],
      [[7], [1]],
      [[1, 1], [1]],
      [[], [1]],
      [[1, 2], [1]],
      [[-1], [1]],
      [],
    ]) {
      await ask(x, [grow(topic.name, 3, assignments)]);
    }
  },
  "the same topic twice": async (x) => {
    const topic = await x.create();
    const other = await x.create("u");
    await ask(x, [grow(topic.name, 2), grow(other.name, 2), grow(topic.name, 3)]);
    await lookAt(x, other.name, 2);
  },
  "good and bad together": async (x) => {
    const topic = await x.create();
    await ask(x, [grow("d-nobody-made-this", 3), grow(topic.name, 2)]);
    await lookAt(x, topic.name, 2);
  },
  "no topics, null topics": async (x) => {
    await ask(x, []);
    await ask(x, nullArray());
  },
  "internal topics": async (x) => {
    await ask(x, [grow("__cluster_metadata", 3)]);
  },
});
