import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apiKeys,
  errors,
  makeCreateTopicsResponse,
  makeCreateTopicsResponseCreatableTopicResult,
  makeDescribeConfigsResponse,
  makeDescribeConfigsResponseDescribeConfigsResult,
  makeDescribeGroupsResponse,
  makeDescribeGroupsResponseDescribedGroup,
  makeDescribeTopicPartitionsResponse,
  makeDescribeTopicPartitionsResponseCursor,
  makeDescribeTopicPartitionsResponseDescribeTopicPartitionsResponsePartition,
  makeDescribeTopicPartitionsResponseDescribeTopicPartitionsResponseTopic,
  makeFindCoordinatorResponse,
  makeFindCoordinatorResponseCoordinator,
  makeListGroupsResponse,
  makeListGroupsResponseListedGroup,
  makeListOffsetsResponse,
  makeListOffsetsResponseListOffsetsPartitionResponse,
  makeListOffsetsResponseListOffsetsTopicResponse,
  makeOffsetCommitResponse,
} from "@ottla/protocol";
import type { ClientSettings } from "../config/client-config.ts";
import { KafkaError, TimeoutError } from "../errors/kafka-error.ts";
import { ScriptedCluster } from "../testing/scripted-cluster.ts";
import { Admin } from "./admin.ts";
import { configResourceTypes, offsetSpecs, type TopicDescription } from "./admin-types.ts";

function scene(settings: ClientSettings = {}): { cluster: ScriptedCluster; admin: Admin } {
  const cluster = new ScriptedCluster(1, [1, 2, 3]);
  cluster.topic("t", [1, 2, 3]);
  const all = { "bootstrap.servers": "broker-1:9092,broker-2:9092", ...settings };
  return { cluster, admin: new Admin(all, cluster.environment) };
}

function nodesAsked(cluster: ScriptedCluster, key: number): number[] {
  return cluster.log.filter(({ apiKey }) => apiKey === key).map(({ nodeId }) => nodeId);
}

test("a controller that moved is found and asked again", async () => {
  const { cluster, admin } = scene();
  let isFirst = true;
  cluster.on(apiKeys.CreateTopics, ({ request }) => {
    const errorCode = isFirst ? errors.NOT_CONTROLLER.code : 0;
    isFirst = false;
    cluster.members = [2, 1, 3];
    const topics = request.topics.map(({ name }) =>
      makeCreateTopicsResponseCreatableTopicResult({ name, errorCode, configs: [] }),
    );
    return makeCreateTopicsResponse({ topics });
  });
  const created = await cluster.settled(admin.createTopics([{ name: "new" }]));
  assert.ok(!(created.get("new") instanceof KafkaError));
  assert.deepEqual(nodesAsked(cluster, apiKeys.CreateTopics), [1, 2]);
});

test("offsets are asked of each leader, and again of the one a partition moved to", async () => {
  const { cluster, admin } = scene();
  cluster.on(apiKeys.ListOffsets, ({ nodeId, request }) => {
    const topics = request.topics.map(({ name, partitions }) =>
      makeListOffsetsResponseListOffsetsTopicResponse({
        name,
        partitions: partitions.map(({ partitionIndex }) => {
          const leader = cluster.topics.get(name)?.partitions[partitionIndex];
          const isMoving = partitionIndex === 0 && leader?.leaderEpoch === 0;
          if (isMoving) Object.assign(leader, { leaderId: 3, leaderEpoch: 1 });
          const errorCode = isMoving ? errors.NOT_LEADER_OR_FOLLOWER.code : 0;
          const offset = BigInt(nodeId * 10 + partitionIndex);
          return makeListOffsetsResponseListOffsetsPartitionResponse({ partitionIndex, errorCode, offset });
        }),
      }),
    );
    return makeListOffsetsResponse({ topics });
  });
  const keys = [0, 1, 2].map((partition) => ({ topic: "t", partition }));
  const listed = await cluster.settled(
    admin.listOffsets(keys.map((key) => [key, offsetSpecs.latest] as const)),
  );
  const offsets = keys.map((key) => {
    const each = listed.get(key);
    return each === undefined || each instanceof KafkaError ? each : each.offset;
  });
  assert.deepEqual(offsets, [30, 21, 32]);
});

test("a coordinator that moved is looked up again", async () => {
  const { cluster, admin } = scene();
  let coordinator = 1;
  cluster.on(apiKeys.FindCoordinator, ({ request }) => {
    const node = { nodeId: coordinator, host: `broker-${coordinator}`, port: 9092 };
    const coordinators = request.coordinatorKeys.map((key) =>
      makeFindCoordinatorResponseCoordinator({ key, ...node }),
    );
    return makeFindCoordinatorResponse({ coordinators });
  });
  cluster.on(apiKeys.DescribeGroups, ({ nodeId, request }) => {
    coordinator = 2;
    const errorCode = nodeId === 2 ? 0 : errors.NOT_COORDINATOR.code;
    const groups = request.groups.map((groupId) =>
      makeDescribeGroupsResponseDescribedGroup({ groupId, errorCode, groupState: "Stable" }),
    );
    return makeDescribeGroupsResponse({ groups });
  });
  const described = (await cluster.settled(admin.describeClassicGroups(["g"]))).get("g");
  assert.ok(described !== undefined && !(described instanceof KafkaError));
  assert.deepEqual([described.state, described.coordinator.id], ["Stable", 2]);
});

test("groups of all brokers are listed once each", async () => {
  const { cluster, admin } = scene();
  cluster.on(apiKeys.ListGroups, ({ nodeId }) => {
    const groups = ["shared", `of-${nodeId}`].map((groupId) =>
      makeListGroupsResponseListedGroup({ groupId, protocolType: "consumer" }),
    );
    return makeListGroupsResponse({ groups });
  });
  const listed = await cluster.settled(admin.listGroups());
  assert.deepEqual(listed.map(({ groupId }) => groupId).sort(), ["of-1", "of-2", "of-3", "shared"]);
  assert.deepEqual(await cluster.settled(admin.listGroups({ protocolTypes: ["connect"] })), []);
});

function page(topicName: string, indexes: readonly number[]) {
  return makeDescribeTopicPartitionsResponseDescribeTopicPartitionsResponseTopic({
    name: topicName,
    partitions: indexes.map((partitionIndex) =>
      makeDescribeTopicPartitionsResponseDescribeTopicPartitionsResponsePartition({
        partitionIndex,
        leaderId: 1,
      }),
    ),
  });
}

function partitionCounts(described: ReadonlyMap<string, TopicDescription | KafkaError>): [string, number][] {
  return Array.from(described, ([name, each]) => [
    name,
    each instanceof KafkaError ? -1 : each.partitions.length,
  ]);
}

test("descriptions are gathered page by page", async () => {
  const { cluster, admin } = scene();
  cluster.on(apiKeys.DescribeTopicPartitions, ({ request }) => {
    if (request.cursor === null) {
      const nextCursor = makeDescribeTopicPartitionsResponseCursor({ topicName: "b", partitionIndex: 1 });
      return makeDescribeTopicPartitionsResponse({ topics: [page("a", [0]), page("b", [0])], nextCursor });
    }
    assert.deepEqual(
      request.topics.map(({ name }) => name),
      ["b", "c"],
    );
    return makeDescribeTopicPartitionsResponse({ topics: [page("b", [1, 2]), page("c", [0])] });
  });
  const described = await cluster.settled(admin.describeTopics(["c", "a", "b"]));
  assert.deepEqual(partitionCounts(described), [
    ["c", 1],
    ["a", 1],
    ["b", 3],
  ]);
});

test("a cursor that does not move on ends the pages", async () => {
  const { cluster, admin } = scene();
  cluster.on(apiKeys.DescribeTopicPartitions, () =>
    makeDescribeTopicPartitionsResponse({
      nextCursor: makeDescribeTopicPartitionsResponseCursor({ topicName: "a", partitionIndex: 0 }),
    }),
  );
  const described = await cluster.settled(admin.describeTopics(["a"]));
  assert.deepEqual(partitionCounts(described), [["a", -1]]);
});

test("brokers without paged descriptions are asked for metadata", async () => {
  const { cluster, admin } = scene();
  cluster.versionMax.set(apiKeys.DescribeTopicPartitions, -1);
  const described = await cluster.settled(admin.describeTopics(["t", "nothing"]));
  assert.deepEqual(partitionCounts(described), [
    ["t", 3],
    ["nothing", -1],
  ]);
});

test("configs of a broker are asked of that broker, others of any", async () => {
  const { cluster, admin } = scene();
  cluster.on(apiKeys.DescribeConfigs, ({ request }) =>
    makeDescribeConfigsResponse({
      results: request.resources.map(({ resourceType, resourceName }) =>
        makeDescribeConfigsResponseDescribeConfigsResult({ resourceType, resourceName }),
      ),
    }),
  );
  const resources = [3, 2].map((id) => ({ type: configResourceTypes.broker, name: String(id) }));
  const described = await cluster.settled(admin.describeConfigs(resources));
  assert.deepEqual([...described.keys()], resources);
  assert.deepEqual(nodesAsked(cluster, apiKeys.DescribeConfigs).sort(), [2, 3]);
});

test("a silent broker is a time-out that counts its tries", async () => {
  const { cluster, admin } = scene({ "request.timeout.ms": 1000, "default.api.timeout.ms": 3500 });
  cluster.on(apiKeys.Metadata, () => null);
  await assert.rejects(cluster.settled(admin.listTopics()), (error: Error) => {
    assert.ok(error instanceof TimeoutError);
    const text =
      /^Call\(callName=listTopics, deadlineMs=\d+, tries=[34], nextAllowedTryMs=\d+\) timed out at \d+ after [34] attempt\(s\)$/;
    assert.match(error.message, text);
    return true;
  });
});

test("a call fails at once when its client closes", async () => {
  const { cluster, admin } = scene();
  cluster.on(apiKeys.Metadata, () => null);
  const listed = admin.listTopics();
  await cluster.run({ ms: 100 });
  const startMs = cluster.world.nowMs;
  void admin.close();
  await assert.rejects(cluster.settled(listed), KafkaError);
  assert.ok(cluster.world.nowMs - startMs < 1000);
});

test("topics that a quota refuses are asked for again, alone, when the throttle time is over", async () => {
  const { cluster, admin } = scene();
  const asked: string[][] = [];
  cluster.on(apiKeys.CreateTopics, ({ request }) => {
    asked.push(request.topics.map(({ name }) => name));
    const topics = request.topics.map(({ name }) => {
      const errorCode = name === "b" && asked.length < 3 ? errors.THROTTLING_QUOTA_EXCEEDED.code : 0;
      return makeCreateTopicsResponseCreatableTopicResult({ name, errorCode, configs: [] });
    });
    return makeCreateTopicsResponse({ topics, throttleTimeMs: asked.length < 3 ? 2000 : 0 });
  });
  const startMs = cluster.world.nowMs;
  const both = [{ name: "a" }, { name: "b" }];
  const created = await cluster.settled(admin.createTopics(both));
  assert.deepEqual(asked, [["a", "b"], ["b"], ["b"]]);
  assert.ok(![...created.values()].some((each) => each instanceof KafkaError));
  assert.ok(cluster.world.nowMs - startMs >= 4000);
  asked.length = 0;
  const refused = await cluster.settled(admin.createTopics(both, { retryOnQuotaViolation: false }));
  assert.equal((refused.get("b") as KafkaError).name, "THROTTLING_QUOTA_EXCEEDED");
  await cluster.run({ ms: 3000 });
  asked.length = 0;
  const late = await cluster.settled(admin.createTopics(both, { timeoutMs: 1500 }));
  assert.equal((late.get("b") as KafkaError).name, "THROTTLING_QUOTA_EXCEEDED");
});

test("a commit for a group is asked for again while it rebalances, and a missing topic is an answer", async () => {
  const { cluster, admin } = scene();
  cluster.on(apiKeys.FindCoordinator, ({ request }) =>
    makeFindCoordinatorResponse({
      coordinators: request.coordinatorKeys.map((key) =>
        makeFindCoordinatorResponseCoordinator({ key, nodeId: 2, host: "broker-2", port: 9092 }),
      ),
    }),
  );
  const codes = [errors.REBALANCE_IN_PROGRESS, errors.COORDINATOR_LOAD_IN_PROGRESS];
  cluster.on(apiKeys.OffsetCommit, ({ request }) => {
    const errorCode = (codes.shift() ?? errors.UNKNOWN_TOPIC_OR_PARTITION).code;
    const topics = request.topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    }));
    return makeOffsetCommitResponse({ topics });
  });
  const key = { topic: "gone", partition: 0 };
  const startMs = cluster.world.nowMs;
  const altered = await cluster.settled(admin.alterConsumerGroupOffsets("g", [[key, { offset: 1 }]]));
  assert.equal(altered.get(key)?.name, "UNKNOWN_TOPIC_OR_PARTITION");
  assert.equal(nodesAsked(cluster, apiKeys.OffsetCommit).length, 3);
  assert.ok(cluster.world.nowMs - startMs < 2000);
});
