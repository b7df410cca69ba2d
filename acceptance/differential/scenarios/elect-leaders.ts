// ElectLeaders: partitions that have the leader they should have, unknown ones, types, timeouts. On both
// listeners.
import { apiKeys, type ElectLeadersRequest } from "@ottla/protocol";
import type { Exchange } from "../exchange.ts";
import { nullArray } from "../lying-array.ts";
import { type BoundSteps, type Scenario, type Steps, scenariosOf } from "../scenario.ts";

type Key = typeof apiKeys.ElectLeaders;
type X = Exchange<Key>;

/** Version 0 knows one type only. */
async function elect(x: X, fields: Partial<ElectLeadersRequest>): Promise<void> {
  for (const electionType of x.version === 0 ? [0] : [0, 1]) {
    await x.ask({ timeoutMs: 30_000, ...fields, electionType });
  }
}

type Table = Readonly<Record<string, Steps<Key> | BoundSteps<Key>>>;

const table: Table = {
  "a leader that is the right one": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    await elect(x, { topicPartitions: [{ topic: topic.name, partitions: [0, 1] }] });
  },
  "all partitions": async (x) => {
    await x.create();
    await elect(x, { topicPartitions: null });
  },
  "unknown topics and partitions": async (x) => {
    const topic = await x.create();
    for (const name of ["d-nobody-made-this", "", "..", "a/b", "__proto__"])
      await elect(x, { topicPartitions: [{ topic: name, partitions: [0] }] });
    const topicPartitions = [{ topic: topic.name, partitions: [0, 1, -1, 2147483647] }];
    await elect(x, { topicPartitions });
  },
  "several topics, one and its partition twice": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    const topicPartitions = [
      { topic: topic.name, partitions: [0, 0] },
      { topic: "d-nobody-made-this", partitions: [3] },
      { topic: topic.name, partitions: [1] },
    ];
    await elect(x, { topicPartitions });
  },
  "timeouts that are over at once": async (x) => {
    const topic = await x.create();
    for (const timeoutMs of [0, -1]) {
      await elect(x, { topicPartitions: [{ topic: topic.name, partitions: [0] }], timeoutMs });
      await elect(x, { topicPartitions: [], timeoutMs });
      await elect(x, { topicPartitions: null, timeoutMs });
    }
  },
  "no topics, no partitions, null ones": async (x) => {
    const topic = await x.create();
    await elect(x, { topicPartitions: [] });
    await elect(x, { topicPartitions: [{ topic: topic.name, partitions: [] }] });
    await elect(x, { topicPartitions: [{ topic: topic.name, partitions: nullArray() }] });
  },
  "election types that do not exist": {
    from: 1,
    steps: async (x) => {
      const topic = await x.create();
      for (const electionType of [2, -1]) {
        const topicPartitions = [{ topic: topic.name, partitions: [0] }];
        await x.ask({ topicPartitions, electionType, timeoutMs: 30_000 });
      }
    },
  },
};

export const electLeadersScenarios: readonly Scenario[] = [
  ...scenariosOf(apiKeys.ElectLeaders, table),
  ...scenariosOf(apiKeys.ElectLeaders, table, "controller"),
];
