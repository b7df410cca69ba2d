import assert from "node:assert/strict";
import { test } from "node:test";
import { apiKeys, type DescribeTopicPartitionsResponse, errors, type Uuid } from "@ottla/protocol";
import { ask } from "../testing/ask.ts";
import { controlPlaneBroker } from "../testing/control-plane-broker.ts";
import { testTopic } from "../testing/test-topic.ts";

const topics = [
  testTopic("b", "BBBBBBBBBBBBBBBBBBBBBA" as Uuid, 3),
  testTopic("a", "AAAAAAAAAAAAAAAAAAAABA" as Uuid, 2),
];

function describe(fields: Readonly<Record<string, unknown>>, settings = {}): DescribeTopicPartitionsResponse {
  const { broker } = controlPlaneBroker({ topics, settings });
  return ask(broker, apiKeys.DescribeTopicPartitions, 0, fields) as DescribeTopicPartitionsResponse;
}

function told(answer: DescribeTopicPartitionsResponse): [string | null, number[]][] {
  return answer.topics.map(({ name, partitions }) => [
    name,
    partitions.map(({ partitionIndex }) => partitionIndex),
  ]);
}

test("all topics come in the order of their names", () => {
  const answer = describe({ topics: [], responsePartitionLimit: 100 });
  assert.deepEqual(told(answer), [
    ["a", [0, 1]],
    ["b", [0, 1, 2]],
  ]);
  assert.equal(answer.nextCursor, null);
});

test("pages follow each other by their cursors and miss nothing", () => {
  const seen: [string | null, number[]][] = [];
  let cursor: unknown = null;
  for (let pages = 0; pages < 10; pages++) {
    const answer = describe({ topics: [], responsePartitionLimit: 2, cursor });
    seen.push(...told(answer));
    cursor = answer.nextCursor;
    if (cursor === null) break;
  }
  assert.deepEqual(seen, [
    ["a", [0, 1]],
    ["b", [0, 1]],
    ["b", [2]],
  ]);
});

test("a page has at least one partition, and at most the broker's limit", () => {
  assert.deepEqual(told(describe({ topics: [], responsePartitionLimit: 0 })), [["a", [0]]]);
  const bounded = describe(
    { topics: [], responsePartitionLimit: 100 },
    { "max.request.partition.size.limit": "3" },
  );
  assert.deepEqual(told(bounded), [
    ["a", [0, 1]],
    ["b", [0]],
  ]);
});

test("missing and impossible names take no room on the page", () => {
  const answer = describe({
    topics: [{ name: "zz" }, { name: ".." }, { name: "a" }],
    responsePartitionLimit: 5,
  });
  assert.deepEqual(
    answer.topics.map(({ name, errorCode }) => [name, errorCode]),
    [
      ["..", errors.INVALID_TOPIC_EXCEPTION.code],
      ["a", 0],
      ["zz", errors.UNKNOWN_TOPIC_OR_PARTITION.code],
    ],
  );
});

test("a cursor behind the last partition gives the topic without partitions", () => {
  const cursor = { topicName: "b", partitionIndex: 9 };
  const answer = describe({ topics: [{ name: "b" }], responsePartitionLimit: 5, cursor });
  assert.deepEqual([told(answer), answer.nextCursor], [[["b", []]], null]);
});

test("a cursor at a topic that was not asked for, or at a negative partition, is INVALID_REQUEST", () => {
  for (const cursor of [
    { topicName: "c", partitionIndex: 0 },
    { topicName: "b", partitionIndex: -1 },
  ]) {
    const fields = { topics: [{ name: "b" }], responsePartitionLimit: 5, cursor };
    assert.throws(() => describe(fields), { code: errors.INVALID_REQUEST.code });
  }
});
