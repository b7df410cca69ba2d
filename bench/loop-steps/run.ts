// `node --conditions=@ottla/source bench/loop-steps/run.ts [--partitions N] [--only WORD]`: what the longest
// step of the event loop is while one request names as many things as it may. Nothing is asserted: the rule
// is 5 ms, and the metrics of a running broker name who breaks it.
import { parseArgs } from "node:util";
import { apiKeys, type MetadataResponse, type Uuid, ZERO_UUID } from "@ottla/protocol";
import { TimedNode } from "./steps.ts";

const { values: options } = parseArgs({
  options: {
    partitions: { type: "string", default: "100000" },
    only: { type: "string", default: "" },
  },
});

const partitionsInAll = Number(options.partitions);
const partitionsPerTopic = 1000;
const topicNames = Array.from(
  { length: Math.ceil(partitionsInAll / partitionsPerTopic) },
  (_, index) => `topic-${String(index).padStart(4, "0")}`,
);
const indexes = Array.from({ length: partitionsPerTopic }, (_, index) => index);

const node = new TimedNode({
  "offsets.topic.replication.factor": "1",
  "offsets.topic.num.partitions": "1",
  // One each time so many partitions were made.
  "metadata.log.max.record.bytes.between.snapshots": "4000000",
  // The clock runs ahead of timers by what steps take.
  "broker.session.timeout.ms": "600000",
});

async function measured(name: string, work: () => void): Promise<void> {
  if (options.only !== "" && !name.includes(options.only) && !name.startsWith("set up")) return;
  const { longestMs, longestWithGcMs, totalMs, longSteps, longest } = await node.measure(work);
  const cells = [
    name.padEnd(44),
    `longest step ${longestMs.toFixed(1).padStart(7)} ms (${longest})`.padEnd(44),
    `with GC ${longestWithGcMs.toFixed(1).padStart(7)} ms`,
    `above 5 ms ${String(longSteps).padStart(3)}`,
    `in all ${totalMs.toFixed(0).padStart(6)} ms`,
  ];
  console.log(cells.join("  "));
}

function checked(answer: unknown): unknown {
  const codes = new Map<number, number>();
  JSON.stringify(answer, (key, value: unknown) => {
    if (key === "errorCode") codes.set(value as number, (codes.get(value as number) ?? 0) + 1);
    return typeof value === "bigint" || value instanceof Uint8Array ? null : value;
  });
  const failed = [...codes].filter(([code]) => code !== 0);
  if (failed.length > 0) console.log(`    errors: ${failed.map(([code, n]) => `${n} × ${code}`).join(", ")}`);
  return answer;
}

const creatable = (name: string, numPartitions: number) => ({
  name,
  numPartitions,
  replicationFactor: 1,
  assignments: [],
  configs: [],
});

await measured(`set up: CreateTopics, ${topicNames.length} × ${partitionsPerTopic} partitions`, () => {
  for (let at = 0; at < topicNames.length; at += 5) {
    const topics = topicNames.slice(at, at + 5).map((name) => creatable(name, partitionsPerTopic));
    checked(node.ask(apiKeys.CreateTopics, 7, { topics, timeoutMs: 60_000 }));
  }
});

const all = node.ask(apiKeys.Metadata, 12, { topics: null }) as MetadataResponse;
const ids = new Map<string, Uuid>(all.topics.map(({ name, topicId }) => [name ?? "", topicId]));

await measured("Metadata, all topics", () => checked(node.ask(apiKeys.Metadata, 12, { topics: null })));
await measured("Metadata, 100,000 names that are not there", () => {
  const topics = Array.from({ length: 100_000 }, (_, at) => ({ name: `absent-${at}`, topicId: ZERO_UUID }));
  node.ask(apiKeys.Metadata, 12, { topics, allowAutoTopicCreation: false });
});
await measured("DescribeTopicPartitions, all topics", () =>
  checked(node.ask(apiKeys.DescribeTopicPartitions, 0, { topics: [], responsePartitionLimit: 1_000_000 })),
);
await measured("ListOffsets, latest, all partitions", () => {
  const partitions = indexes.map((partitionIndex) => ({
    partitionIndex,
    currentLeaderEpoch: -1,
    timestamp: -1n,
  }));
  const topics = topicNames.map((name) => ({ name, partitions }));
  checked(node.ask(apiKeys.ListOffsets, 7, { replicaId: -1, isolationLevel: 0, topics }));
});
await measured("OffsetForLeaderEpoch, all partitions", () => {
  const partitions = indexes.map((partition) => ({ partition, currentLeaderEpoch: -1, leaderEpoch: 0 }));
  const topics = topicNames.map((topic) => ({ topic, partitions }));
  checked(node.ask(apiKeys.OffsetForLeaderEpoch, 4, { replicaId: -2, topics }));
});

const fetchPartitions = indexes.map((partition) => ({
  partition,
  currentLeaderEpoch: -1,
  fetchOffset: 0n,
  lastFetchedEpoch: -1,
  logStartOffset: -1n,
  partitionMaxBytes: 1_048_576,
  replicaDirectoryId: ZERO_UUID,
  highWatermark: 9_223_372_036_854_775_807n,
}));
const fetchTopics = topicNames.map((name) => ({
  topic: "",
  topicId: ids.get(name),
  partitions: fetchPartitions,
}));
const fetch = {
  maxWaitMs: 100,
  minBytes: 1,
  maxBytes: 52_428_800,
  isolationLevel: 0,
  rackId: "",
  forgottenTopicsData: [],
};
let sessionId = 0;
await measured("Fetch, opens a session of all partitions", () => {
  const answer = node.ask(apiKeys.Fetch, 13, {
    ...fetch,
    sessionId: 0,
    sessionEpoch: 0,
    topics: fetchTopics,
  });
  ({ sessionId } = checked(answer) as { sessionId: number });
});
await measured("Fetch, empty poll of that session", () => {
  checked(node.ask(apiKeys.Fetch, 13, { ...fetch, sessionId, sessionEpoch: 1, topics: [] }));
});
await measured("Fetch, all partitions, no session", () => {
  checked(node.ask(apiKeys.Fetch, 13, { ...fetch, sessionId: 0, sessionEpoch: -1, topics: fetchTopics }));
});
await measured("Produce, one empty batch for each partition", () => {
  const partitionData = indexes.map((index) => ({ index, records: null }));
  const topicData = topicNames.map((name) => ({ name, topicId: ZERO_UUID, partitionData }));
  node.ask(apiKeys.Produce, 9, { transactionalId: null, acks: 1, timeoutMs: 30_000, topicData });
});
await measured("DescribeConfigs, all topics, ten times", () => {
  const resources = Array.from({ length: 10 }, () =>
    topicNames.map((resourceName) => ({ resourceType: 2, resourceName, configurationKeys: null })),
  ).flat();
  checked(node.ask(apiKeys.DescribeConfigs, 4, { resources }));
});
await measured("DescribeConfigs, 50,000 topics that are not there", () => {
  const resources = Array.from({ length: 50_000 }, (_, at) => ({
    resourceType: 2,
    resourceName: `absent-${at}`,
    configurationKeys: null,
  }));
  node.ask(apiKeys.DescribeConfigs, 4, { resources });
});
await measured("set up: __consumer_offsets", () => {
  for (let tries = 0; tries < 5; tries += 1) {
    node.ask(apiKeys.FindCoordinator, 4, { keyType: 0, coordinatorKeys: ["g"] });
    node.idle(2000);
  }
});
function commitAll(): void {
  const partitions = indexes.map((partitionIndex) => ({
    partitionIndex,
    committedOffset: 1n,
    committedLeaderEpoch: -1,
    committedMetadata: "",
  }));
  const topics = topicNames.slice(0, 5).map((name) => ({ name, topicId: ZERO_UUID, partitions }));
  const request = { groupId: "g", generationIdOrMemberEpoch: -1, memberId: "", topics };
  checked(node.ask(apiKeys.OffsetCommit, 8, request));
}

await measured("OffsetCommit, 5,000 partitions", commitAll);
await measured("OffsetCommit, 5,000 partitions, again", commitAll);
await measured("OffsetFetch, all partitions of a group", () => {
  checked(
    node.ask(apiKeys.OffsetFetch, 8, { groups: [{ groupId: "g", topics: null }], requireStable: false }),
  );
});
const groupIds = Array.from({ length: 10_000 }, (_, at) => `group-${at}`);
await measured("Groups: a commit in each of 10,000", () => {
  const partitions = [
    { partitionIndex: 0, committedOffset: 1n, committedLeaderEpoch: -1, committedMetadata: "" },
  ];
  const topics = [{ name: topicNames[0], topicId: ZERO_UUID, partitions }];
  for (const groupId of groupIds) {
    checked(
      node.ask(apiKeys.OffsetCommit, 8, { groupId, generationIdOrMemberEpoch: -1, memberId: "", topics }),
    );
  }
});
await measured("Groups: OffsetFetch of 10,000", () => {
  const groups = groupIds.map((groupId) => ({ groupId, topics: null }));
  checked(node.ask(apiKeys.OffsetFetch, 8, { groups, requireStable: false }));
});
await measured("Groups: ListGroups", () => checked(node.ask(apiKeys.ListGroups, 5, {})));
await measured("Groups: DescribeGroups of 10,000", () =>
  checked(node.ask(apiKeys.DescribeGroups, 5, { groups: groupIds })),
);
await measured("Groups: DeleteGroups of 10,000", () =>
  checked(node.ask(apiKeys.DeleteGroups, 2, { groupsNames: groupIds })),
);
await measured("CreateTopics, 9,999 partitions of one topic", () => {
  checked(node.ask(apiKeys.CreateTopics, 7, { topics: [creatable("large", 9999)], timeoutMs: 60_000 }));
});
await measured("CreateTopics, 5,000 topics of one partition", () => {
  const topics = Array.from({ length: 5000 }, (_, at) => creatable(`small-${at}`, 1));
  checked(node.ask(apiKeys.CreateTopics, 7, { topics, timeoutMs: 60_000 }));
});
await measured("CreatePartitions, 5,000 more for one topic", () => {
  const topics = [{ name: topicNames[0], count: partitionsPerTopic + 5000, assignments: null }];
  checked(node.ask(apiKeys.CreatePartitions, 3, { topics, timeoutMs: 60_000, validateOnly: false }));
});
await measured("DeleteTopics, all", () => {
  const topics = topicNames.map((name) => ({ name, topicId: ZERO_UUID }));
  checked(node.ask(apiKeys.DeleteTopics, 6, { topics, timeoutMs: 60_000 }));
});
await measured("half a minute of idling", () => node.idle(30_000));
