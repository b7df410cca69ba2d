import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apiKeys,
  type CreateTopicsRequest,
  errors,
  type MetadataResponse,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";
import type { Authorizer } from "../authorizer/authorizer.ts";
import { ask } from "../testing/ask.ts";
import {
  askedRequest,
  type ControlPlaneOptions,
  controlPlaneBroker,
  testClusterId,
} from "../testing/control-plane-broker.ts";
import { testTopic } from "../testing/test-topic.ts";

const orders = testTopic("orders", "OOOOOOOOOOOOOOOOOOOOOA" as Uuid, 2);
const internal = testTopic("__consumer_offsets", "CCCCCCCCCCCCCCCCCCCCCA" as Uuid);
const notAsked = -2147483648;
const allTopicOperations = 3576;
const allClusterOperations = 8096;

function setUp(options: ControlPlaneOptions = {}) {
  const control = controlPlaneBroker({ topics: [orders, internal], ...options });
  const metadata = (version: number, fields: Readonly<Record<string, unknown>>): MetadataResponse =>
    ask(control.broker, apiKeys.Metadata, version, fields) as MetadataResponse;
  return { ...control, metadata };
}

function named(...names: string[]): { topics: { name: string; topicId: Uuid }[] } {
  return { topics: names.map((name) => ({ name, topicId: ZERO_UUID })) };
}

function codes(answer: MetadataResponse): [string | null, number][] {
  return answer.topics.map(({ name, errorCode }) => [name, errorCode]);
}

test("every version answers brokers, topics, partitions and leaders", () => {
  for (let version = 0; version <= 13; version++) {
    const answer = setUp().metadata(version, named("orders"));
    assert.deepEqual(answer.brokers, [
      { nodeId: 1, host: "broker-1", port: 9092, rack: version === 0 ? null : "" },
    ]);
    assert.equal(answer.clusterId, version >= 2 ? testClusterId : null);
    assert.equal(answer.controllerId, version >= 1 ? 1 : -1);
    const [topic] = answer.topics;
    assert.equal(topic?.topicId, version >= 10 ? orders.id : ZERO_UUID);
    assert.deepEqual(
      topic?.partitions,
      [0, 1].map((partitionIndex) => ({
        errorCode: 0,
        partitionIndex,
        leaderId: 1,
        leaderEpoch: version >= 7 ? 0 : -1,
        replicaNodes: [1],
        isrNodes: [1],
        offlineReplicas: [],
      })),
    );
  }
});

test("no topics means all in version 0 and none later; null means all", () => {
  const { metadata } = setUp();
  assert.equal(metadata(0, { topics: [] }).topics.length, 2);
  assert.equal(metadata(1, { topics: [] }).topics.length, 0);
  assert.deepEqual(codes(metadata(12, { topics: null })), [
    ["__consumer_offsets", 0],
    ["orders", 0],
  ]);
});

test("internal topics are marked", () => {
  const [topic] = setUp().metadata(12, named("__consumer_offsets")).topics;
  assert.equal(topic?.isInternal, true);
});

test("a missing topic, a name that cannot exist and a missing id have errors of their own", () => {
  const { metadata, asked } = setUp();
  const byName = metadata(12, { ...named("nope", "..", "a/b"), allowAutoTopicCreation: false });
  const invalid = errors.INVALID_TOPIC_EXCEPTION.code;
  assert.deepEqual(codes(byName), [
    ["nope", errors.UNKNOWN_TOPIC_OR_PARTITION.code],
    ["..", invalid],
    ["a/b", invalid],
  ]);
  const byId = metadata(12, {
    topics: [
      { name: null, topicId: "UUUUUUUUUUUUUUUUUUUUUA" },
      { name: null, topicId: orders.id },
    ],
  });
  assert.deepEqual(codes(byId), [
    [null, errors.UNKNOWN_TOPIC_ID.code],
    ["orders", 0],
  ]);
  assert.deepEqual(asked, []);
});

test("a missing topic is asked for once at the controller, with the broker's defaults, and told as missing", () => {
  const { metadata, asked } = setUp({ settings: { "num.partitions": "7" } });
  const unknown = errors.UNKNOWN_TOPIC_OR_PARTITION.code;
  assert.deepEqual(codes(metadata(12, named("fresh", ".."))), [
    ["fresh", unknown],
    ["..", errors.INVALID_TOPIC_EXCEPTION.code],
  ]);
  metadata(12, named("fresh"));
  assert.equal(asked.length, 1);
  assert.deepEqual(askedRequest<CreateTopicsRequest>({ asked }).topics, [
    { name: "fresh", numPartitions: 7, replicationFactor: 1, assignments: [], configs: [] },
  ]);
  asked[0]?.answer({ topics: [{ name: "fresh", errorCode: 0 }] });
  metadata(12, named("fresh"));
  assert.equal(asked.length, 2, "after the answer it may be asked for again");
});

test("an internal topic is created with the settings its owner needs", () => {
  const { metadata, asked } = setUp({ topics: [], settings: { "offsets.topic.num.partitions": "3" } });
  metadata(12, named("__consumer_offsets"));
  const [topic] = askedRequest<CreateTopicsRequest>({ asked }).topics;
  assert.equal(topic?.numPartitions, 3);
  assert.ok(topic?.configs.some(({ name, value }) => name === "cleanup.policy" && value === "compact"));
});

test("nothing is created against the client's or the broker's will, or without permission", () => {
  const unwilling = setUp();
  unwilling.metadata(12, { ...named("fresh"), allowAutoTopicCreation: false });
  const disabled = setUp({ settings: { "auto.create.topics.enable": "false" } });
  disabled.metadata(12, named("fresh"));
  const noCreate: Authorizer = { isAllowed: ({ operation }) => operation !== "CREATE" };
  const forbidden = setUp({ authorizer: noCreate });
  assert.deepEqual(codes(forbidden.metadata(12, named("fresh"))), [
    ["fresh", errors.TOPIC_AUTHORIZATION_FAILED.code],
  ]);
  for (const { asked } of [unwilling, disabled, forbidden]) assert.deepEqual(asked, []);
});

test("permitted operations are told when asked for, of the cluster up to version 10", () => {
  const { metadata } = setUp();
  const fields = { ...named("orders"), includeTopicAuthorizedOperations: true };
  assert.equal(metadata(8, fields).topics[0]?.topicAuthorizedOperations, allTopicOperations);
  assert.equal(metadata(8, named("orders")).topics[0]?.topicAuthorizedOperations, notAsked);
  const cluster = { ...named(), includeClusterAuthorizedOperations: true };
  assert.equal(metadata(10, cluster).clusterAuthorizedOperations, allClusterOperations);
  assert.equal(metadata(10, named()).clusterAuthorizedOperations, notAsked);
});

test("names of topics may stand twice, the answer has them once", () => {
  assert.equal(setUp().metadata(12, named("orders", "orders")).topics.length, 1);
});

test("ids before version 12 are refused for the whole request", () => {
  const request = { topics: [{ name: "orders", topicId: orders.id }] };
  assert.throws(() => setUp().metadata(10, request), { code: errors.INVALID_REQUEST.code });
});

test("a partition without a leader, and one whose leader lacks the listener", () => {
  const leaderless = testTopic("leaderless", "LLLLLLLLLLLLLLLLLLLLLA" as Uuid, 1, { leader: -1 as never });
  const { metadata } = setUp({ topics: [leaderless] });
  const [partition] = metadata(12, named("leaderless")).topics[0]?.partitions ?? [];
  assert.equal(partition?.errorCode, errors.LEADER_NOT_AVAILABLE.code);
  assert.equal(partition?.leaderId, -1);
});

test("a replica on a broker that is gone is offline, and left out in version 0", () => {
  const split = testTopic("split", "PPPPPPPPPPPPPPPPPPPPPA" as Uuid, 1, {
    replicas: [1, 2] as never,
    isr: [1, 2] as never,
    directories: [ZERO_UUID, ZERO_UUID],
  });
  const { metadata } = setUp({ topics: [split] });
  const [modern] = metadata(12, named("split")).topics[0]?.partitions ?? [];
  assert.deepEqual([modern?.replicaNodes, modern?.offlineReplicas, modern?.errorCode], [[1, 2], [2], 0]);
  const [old] = metadata(0, named("split")).topics[0]?.partitions ?? [];
  assert.deepEqual([old?.replicaNodes, old?.errorCode], [[1], errors.REPLICA_NOT_AVAILABLE.code]);
});
