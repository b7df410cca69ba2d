// DescribeTopicPartitions: pages, cursors, unknown and invalid names.
import { apiKeys, type DescribeTopicPartitionsRequest } from "@ottla/protocol";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

function named(...names: string[]): DescribeTopicPartitionsRequest.TopicRequest[] {
  return names.map((name) => ({ name }));
}

export const describeTopicPartitionsScenarios = scenariosOf(apiKeys.DescribeTopicPartitions, {
  "a topic": async (x) => {
    const topic = await x.create("t", { partitions: 3 });
    await x.ask({ topics: named(topic.name) });
  },
  "two topics, not in order, one twice": async (x) => {
    const first = await x.create("a");
    const second = await x.create("b", { partitions: 2 });
    await x.ask({ topics: named(second.name, first.name, second.name) });
  },
  "limits and cursors": async (x) => {
    const first = await x.create("a", { partitions: 2 });
    const second = await x.create("b", { partitions: 3 });
    const topics = named(first.name, second.name);
    for (const responsePartitionLimit of [1, 2, 3, 5, 0, -1]) await x.ask({ topics, responsePartitionLimit });
    for (const [topicName, partitionIndex] of [
      [first.name, 1],
      [first.name, 2],
      [second.name, 1],
      [second.name, 9],
      ["zzz", 0],
      [x.name("aa"), 0],
      ["", 0],
      [second.name, -1],
    ] as const) {
      await x.ask({ topics, responsePartitionLimit: 2, cursor: { topicName, partitionIndex } });
    }
  },
  "unknown and invalid names": async (x) => {
    for (const name of ["d-nobody-made-this", "", "..", "a/b", "__proto__", "x".repeat(250)])
      await x.ask({ topics: named(name) });
  },
  "known and unknown together": async (x) => {
    const topic = await x.create();
    await x.ask({ topics: named("d-nobody-made-this", topic.name, "zz/zz") });
  },
  "a cursor at an unknown topic": async (x) => {
    const topic = await x.create();
    await x.ask({ topics: named(topic.name), cursor: { topicName: "d-nobody", partitionIndex: 0 } });
    await x.ask({
      topics: [],
      cursor: { topicName: topic.name, partitionIndex: 0 },
      responsePartitionLimit: 1,
    });
  },
  "null topics": async (x) => {
    await x.ask({ topics: nullArray() });
  },
});
