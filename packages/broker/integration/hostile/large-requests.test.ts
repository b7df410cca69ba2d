// Requests that name very much: partitions, topics, sessions. Answered or refused within bounded memory,
// others served meanwhile.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { apiKeys, errors, makeFetchRequestFetchPartition, type Uuid, ZERO_UUID } from "@ottla/protocol";
import type { WireClient } from "../broker-process.ts";
import { createTopic, HealthyClient, ObservedBroker } from "./observed-broker.ts";

const mib = 1_048_576;
const many = 100_000;
let broker: ObservedBroker;
let healthy: HealthyClient;
let client: WireClient;

before(async () => {
  broker = await ObservedBroker.start({ "max.incremental.fetch.session.cache.slots": "1000" });
  client = await broker.connect();
  await createTopic(client, "t", 3);
  healthy = await HealthyClient.start(broker);
});

after(async () => {
  await broker.remove();
});

async function bounded(
  context: { diagnostic(message: string): void },
  attack: () => Promise<void>,
): Promise<void> {
  const startMs = performance.now();
  const grown = await broker.boundsMemory(256 * mib, async () => {
    await Promise.all([attack(), healthy.goesOn()]);
  });
  const { metrics } = await broker.report();
  const longest = metrics.filter((line) => /longest/.test(line)).join("; ");
  context.diagnostic(
    `${Math.round(performance.now() - startMs)} ms, grew by ${Math.round(grown / mib)} MiB; ${longest}`,
  );
}

function openSession(index: number, partitions: readonly number[] = [0]) {
  return {
    maxWaitMs: 0,
    minBytes: 0,
    sessionId: 0,
    sessionEpoch: 0,
    topics: [
      {
        topic: "t",
        topicId: ZERO_UUID,
        partitions: partitions.map((partition) =>
          makeFetchRequestFetchPartition({ partition, fetchOffset: BigInt(index), partitionMaxBytes: 100 }),
        ),
      },
    ],
  };
}

test("1,001 fetch sessions: the last gets none, and is served all the same", async () => {
  const ids: number[] = [];
  for (let index = 0; index < 1001; index++) {
    const answer = await client.ask(apiKeys.Fetch, 11, openSession(0));
    assert.equal(answer.errorCode, 0);
    ids.push(answer.sessionId);
  }
  assert.equal(ids.filter((id) => id === 0).length, 1);
  assert.equal(new Set(ids).size, 1001);
  assert.equal((await broker.report()).fetchSessions, 1000);
});

test("a fetch of 100,000 partitions is answered for each", async (context) => {
  await bounded(context, async () => {
    const partitions = Array.from({ length: many }, (_, index) => index);
    const answer = await client.ask(apiKeys.Fetch, 11, { ...openSession(0, partitions), maxWaitMs: 100 });
    const answered = answer.responses[0]?.partitions ?? [];
    assert.equal(answered.length, many);
    assert.equal(
      answered.filter(({ errorCode }) => errorCode === errors.UNKNOWN_TOPIC_OR_PARTITION.code).length,
      many - 3,
    );
  });
});

test("a fetch that names one partition 100,000 times reads it once", async (context) => {
  await bounded(context, async () => {
    const answer = await client.ask(
      apiKeys.Fetch,
      11,
      openSession(
        0,
        Array.from({ length: many }, () => 1),
      ),
    );
    assert.equal(answer.responses[0]?.partitions.length, 1);
  });
});

test("metadata of 100,000 topics that do not exist is answered, and creates a bounded number", async (context) => {
  await bounded(context, async () => {
    const topics = Array.from({ length: many }, (_, index) => ({
      name: `missing-${index}`,
      topicId: ZERO_UUID,
    }));
    const answer = await client.ask(apiKeys.Metadata, 12, { topics, allowAutoTopicCreation: false });
    assert.equal(answer.topics.length, many);
    assert.ok(answer.topics.every(({ errorCode }) => errorCode === errors.UNKNOWN_TOPIC_OR_PARTITION.code));
  });
});

test("ListOffsets and OffsetForLeaderEpoch of 100,000 partitions are answered", async (context) => {
  await bounded(context, async () => {
    const partitions = Array.from({ length: many }, (_, partitionIndex) => ({
      partitionIndex,
      currentLeaderEpoch: -1,
      timestamp: -1n,
    }));
    const listed = await client.ask(apiKeys.ListOffsets, 7, {
      replicaId: -1,
      topics: [{ name: "t", partitions }],
    });
    assert.equal(listed.topics[0]?.partitions.length, many);
    const epochs = await client.ask(apiKeys.OffsetForLeaderEpoch, 4, {
      replicaId: -1,
      topics: [
        {
          topic: "t",
          partitions: Array.from({ length: many }, (_, partition) => ({
            partition,
            currentLeaderEpoch: -1,
            leaderEpoch: 0,
          })),
        },
      ],
    });
    assert.equal(epochs.topics[0]?.partitions.length, many);
  });
});

test("100,000 topics in one CreateTopics are refused before any is created", async (context) => {
  await bounded(context, async () => {
    const topics = Array.from({ length: many }, (_, index) => ({
      name: `many-${index}`,
      numPartitions: 1,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    }));
    const answer = await client.ask(apiKeys.CreateTopics, 7, { topics, timeoutMs: 60_000 });
    assert.equal(answer.topics.length, many);
    assert.ok(answer.topics.every(({ errorCode }) => errorCode !== 0));
    context.diagnostic(`${answer.topics[0]?.errorCode} ${answer.topics[0]?.errorMessage}`);
  });
});

for (const numPartitions of [1_000_000, 0x7fffffff, 20_000]) {
  test(`a topic of ${numPartitions} partitions is refused`, async (context) => {
    await bounded(context, async () => {
      const topic = { name: "wide", numPartitions, replicationFactor: 1, assignments: [], configs: [] };
      const answer = await client.ask(apiKeys.CreateTopics, 7, { topics: [topic], timeoutMs: 60_000 });
      assert.notEqual(answer.topics[0]?.errorCode, 0);
      context.diagnostic(`${answer.topics[0]?.errorCode} ${answer.topics[0]?.errorMessage}`);
      const grown = await client.ask(apiKeys.CreatePartitions, 3, {
        topics: [{ name: "t", count: numPartitions, assignments: null }],
        timeoutMs: 60_000,
      });
      assert.notEqual(grown.results[0]?.errorCode, 0);
      context.diagnostic(`${grown.results[0]?.errorCode} ${grown.results[0]?.errorMessage}`);
    });
  });
}

test("a topic of a million assigned replicas is refused", async (context) => {
  await bounded(context, async () => {
    const assignments = Array.from({ length: many }, (_, partitionIndex) => ({
      partitionIndex,
      brokerIds: [1, 1, 1, 1, 1],
    }));
    const topic = { name: "wide", numPartitions: -1, replicationFactor: -1, assignments, configs: [] };
    const answer = await client.ask(apiKeys.CreateTopics, 7, { topics: [topic], timeoutMs: 60_000 });
    assert.notEqual(answer.topics[0]?.errorCode, 0);
  });
});

test("100,000 settings, resources, deletions and descriptions are answered", async (context) => {
  await bounded(context, async () => {
    const names = Array.from({ length: many }, (_, index) => `no-${index}`);
    const described = await client.ask(apiKeys.DescribeConfigs, 4, {
      resources: names.map((resourceName) => ({ resourceType: 2, resourceName, configurationKeys: null })),
    });
    assert.equal(described.results.length, many);
    const deleted = await client.ask(apiKeys.DeleteTopics, 6, {
      topics: names.map((name) => ({ name, topicId: ZERO_UUID as Uuid })),
      timeoutMs: 60_000,
    });
    assert.equal(deleted.responses.length, many);
    const partitions = await client.ask(apiKeys.DescribeTopicPartitions, 0, {
      topics: names.map((name) => ({ name })),
      responsePartitionLimit: 2000,
    });
    assert.ok(partitions.topics.length > 0);
    const altered = await client.ask(apiKeys.IncrementalAlterConfigs, 1, {
      resources: [
        {
          resourceType: 2,
          resourceName: "t",
          configs: names.map((name) => ({ name, configOperation: 0, value: "1" })),
        },
      ],
    });
    assert.notEqual(altered.responses[0]?.errorCode, 0);
  });
});

test("the healthy client lost nothing, and no handler failed", async (context) => {
  context.diagnostic(`p99 of ${healthy.produced} round trips: ${Math.round(await healthy.stop())} ms`);
  assert.equal((await broker.report()).bugs, 0);
});
