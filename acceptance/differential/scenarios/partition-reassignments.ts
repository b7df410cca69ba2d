// AlterPartitionReassignments and ListPartitionReassignments in a cluster of one: the replicas that are there
// already, assignments that cannot be, cancelling what is not under way, and what is listed then.
import {
  type AlterPartitionReassignmentsRequest,
  apiKeys,
  type ListPartitionReassignmentsRequest,
} from "@ottla/protocol";
import type { Exchange } from "../exchange.ts";
import { nullArray } from "../lying-array.ts";
import { type Scenario, type Steps, scenariosOf } from "../scenario.ts";

type Alter = Exchange<typeof apiKeys.AlterPartitionReassignments>;
type List = Exchange<typeof apiKeys.ListPartitionReassignments>;
type Partition = AlterPartitionReassignmentsRequest.ReassignablePartition;
type Asked = ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics;

function to(replicas: number[] | null, partitionIndex = 0): Partition {
  return { partitionIndex, replicas };
}

/** From version 1 on both with and without leave to change the number of replicas. */
async function alter(x: Alter, name: string, partitions: Partition[]): Promise<void> {
  const request = { timeoutMs: 30_000, topics: [{ name, partitions }] };
  await x.ask(request);
  if (x.version >= 1) await x.ask({ ...request, allowReplicationFactorChange: false });
}

async function lookAt(x: Alter, name: string): Promise<void> {
  const topics = [{ name, partitionIndexes: [0] }];
  await x.look(apiKeys.ListPartitionReassignments, 0, { timeoutMs: 30_000, topics }, "what is under way");
}

const alterTable: Readonly<Record<string, Steps<typeof apiKeys.AlterPartitionReassignments>>> = {
  "to the replicas of now": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    await alter(x, topic.name, [to([1]), to([1], 1)]);
    await lookAt(x, topic.name);
  },
  "to brokers that are not there": async (x) => {
    const topic = await x.create();
    for (const replicas of [[2], [1, 2], [2, 1], [-1], [1, 1], [], [2147483647]])
      await alter(x, topic.name, [to(replicas)]);
    await lookAt(x, topic.name);
  },
  "cancelling what is not under way": async (x) => {
    const topic = await x.create();
    await alter(x, topic.name, [to(null)]);
    await alter(x, topic.name, [to(null, 5)]);
    await alter(x, "d-nobody-made-this", [to(null)]);
  },
  "unknown topics and partitions": async (x) => {
    const topic = await x.create();
    for (const name of ["d-nobody-made-this", "", "..", "a/b", "__proto__"]) await alter(x, name, [to([1])]);
    for (const index of [1, -1, 2147483647]) await alter(x, topic.name, [to([1], index)]);
  },
  "several at once, one twice": async (x) => {
    const topic = await x.create();
    const topics = [
      { name: topic.name, partitions: [to([1]), to([2]), to(null)] },
      { name: "d-nobody-made-this", partitions: [to([1])] },
      { name: topic.name, partitions: [to([1])] },
    ];
    await x.ask({ timeoutMs: 30_000, topics });
  },
  "timeouts that are over at once": async (x) => {
    const topic = await x.create();
    for (const timeoutMs of [0, -1]) {
      await x.ask({ timeoutMs, topics: [{ name: topic.name, partitions: [to([1]), to([2])] }] });
      await x.ask({ timeoutMs, topics: [] });
    }
  },
  "no topics, no partitions, null ones": async (x) => {
    const topic = await x.create();
    await x.ask({ timeoutMs: 30_000, topics: [] });
    await x.ask({ timeoutMs: 30_000, topics: nullArray() });
    await alter(x, topic.name, []);
    await x.ask({ timeoutMs: 30_000, topics: [{ name: topic.name, partitions: nullArray() }] });
  },
};

async function list(x: List, topics: Asked[] | null, timeoutMs = 30_000): Promise<void> {
  await x.ask({ timeoutMs, topics });
}

const listTable: Readonly<Record<string, Steps<typeof apiKeys.ListPartitionReassignments>>> = {
  "nothing under way": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    await list(x, null);
    await list(x, [{ name: topic.name, partitionIndexes: [0, 1] }]);
    await list(x, [{ name: topic.name, partitionIndexes: [] }]);
  },
  "unknown topics and partitions": async (x) => {
    const topic = await x.create();
    for (const name of ["d-nobody-made-this", "", "..", "a/b", "__proto__"])
      await list(x, [{ name, partitionIndexes: [0] }]);
    await list(x, [{ name: topic.name, partitionIndexes: [1, -1, 2147483647] }]);
  },
  "timeouts that are over at once": async (x) => {
    const topic = await x.create();
    for (const timeoutMs of [0, -1]) {
      await list(x, null, timeoutMs);
      await list(x, [], timeoutMs);
      await list(x, [{ name: topic.name, partitionIndexes: [0] }], timeoutMs);
    }
  },
  "no topics, null partitions": async (x) => {
    const topic = await x.create();
    await list(x, []);
    await list(x, [{ name: topic.name, partitionIndexes: nullArray() }]);
  },
};

export const partitionReassignmentScenarios: readonly Scenario[] = [
  ...scenariosOf(apiKeys.AlterPartitionReassignments, alterTable),
  ...scenariosOf(apiKeys.AlterPartitionReassignments, alterTable, "controller"),
  ...scenariosOf(apiKeys.ListPartitionReassignments, listTable),
  ...scenariosOf(apiKeys.ListPartitionReassignments, listTable, "controller"),
];
