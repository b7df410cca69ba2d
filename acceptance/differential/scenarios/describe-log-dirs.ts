// DescribeLogDirs: partitions with and without records, unknown ones, and none at all.
import { apiKeys } from "@ottla/protocol";
import { batch } from "../batches.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

export const describeLogDirsScenarios = scenariosOf(apiKeys.DescribeLogDirs, {
  "partitions with and without records": async (x) => {
    const topic = await x.create("t", { partitions: 3 });
    await x.produce(topic, batch(3, x.nowMs), 1);
    await x.ask({ topics: [{ topic: topic.name, partitions: [0, 1] }] });
  },
  "unknown topics and partitions": async (x) => {
    const topic = await x.create();
    const topics = [
      { topic: topic.name, partitions: [0, 1, -1] },
      { topic: "d-nobody-made-this", partitions: [0] },
      { topic: "", partitions: [0] },
      { topic: "__proto__", partitions: [0] },
    ];
    await x.ask({ topics });
    await x.ask({ topics: topics.slice(1) });
  },
  "a topic and a partition twice": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    await x.ask({
      topics: [
        { topic: topic.name, partitions: [0, 0] },
        { topic: topic.name, partitions: [1] },
      ],
    });
  },
  "no topics, no partitions, null ones": async (x) => {
    const topic = await x.create();
    await x.ask({ topics: [] });
    await x.ask({ topics: [{ topic: topic.name, partitions: [] }] });
    await x.ask({ topics: [{ topic: topic.name, partitions: nullArray() }] });
  },
  "after records were deleted": async (x) => {
    const topic = await x.create();
    await x.produce(topic, batch(3, x.nowMs));
    await x.call(apiKeys.DeleteRecords, 2, {
      topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, offset: 2n }] }],
      timeoutMs: 10_000,
    });
    await x.ask({ topics: [{ topic: topic.name, partitions: [0] }] });
  },
});
