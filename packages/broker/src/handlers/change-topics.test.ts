// What CreateTopics, DeleteTopics, CreatePartitions and the APIs that change settings refuse before the
// controller is asked, and what they ask.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apiKeys,
  type CreateTopicsRequest,
  type DeleteTopicsRequest,
  type DeleteTopicsResponse,
  errors,
  type IncrementalAlterConfigsResponse,
  makeCreateTopicsResponse,
  makeCreateTopicsResponseCreatableTopicResult,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";
import type { Authorizer } from "../authorizer/authorizer.ts";
import type { RequestContext } from "../dispatch/request-context.ts";
import { ask, servedApi, testContext } from "../testing/ask.ts";
import {
  askedRequest,
  type ControlPlaneBroker,
  controlPlaneBroker,
} from "../testing/control-plane-broker.ts";
import { testTopic } from "../testing/test-topic.ts";

interface Result {
  readonly name?: string | null;
  readonly errorCode: number;
}

const known = testTopic("known", "KKKKKKKKKKKKKKKKKKKKKA" as Uuid);
const invalid = errors.INVALID_REQUEST.code;

/** Sends a request whose answer may come later; `answers` fills as it comes. */
function send(control: ControlPlaneBroker, key: number, version: number, fields: object) {
  const entry = servedApi(key);
  const answers: unknown[] = [];
  const context: RequestContext = testContext(control.broker, entry, version);
  const request = entry.codec.makeRequest(fields);
  entry.handler(control.broker, context, request, (response: unknown) => answers.push(response));
  return answers;
}

function creatable(name: string): object {
  return { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
}

function results(list: readonly Result[]): [string | null | undefined, number][] {
  return list.map(({ name, errorCode }) => [name, errorCode]);
}

test("CreateTopics asks the controller for what is in order and adds what it refused", () => {
  const control = controlPlaneBroker();
  const topics = ["one", "twice", "twice", "__cluster_metadata"].map(creatable);
  const answers = send(control, apiKeys.CreateTopics, 7, { topics, timeoutMs: 1000 });
  const [asked] = control.asked;
  assert.deepEqual(
    askedRequest<CreateTopicsRequest>(control).topics.map(({ name }) => name),
    ["one"],
  );
  const created = makeCreateTopicsResponseCreatableTopicResult({ name: "one" });
  asked?.answer(makeCreateTopicsResponse({ topics: [created] }));
  const [answer] = answers as { topics: Result[] }[];
  assert.deepEqual(results(answer?.topics ?? []), [
    ["one", 0],
    ["twice", invalid],
    ["__cluster_metadata", invalid],
  ]);
});

test("CreateTopics hides the settings of a topic from a creator who may not read them", () => {
  const authorizer: Authorizer = { isAllowed: ({ operation }) => operation !== "DESCRIBE_CONFIGS" };
  const control = controlPlaneBroker({ authorizer });
  const answers = send(control, apiKeys.CreateTopics, 7, { topics: [creatable("one")] });
  const configs = [
    { name: "retention.ms", value: "1", readOnly: false, configSource: 1, isSensitive: false },
  ];
  const created = makeCreateTopicsResponseCreatableTopicResult({ name: "one", numPartitions: 5, configs });
  control.asked[0]?.answer(makeCreateTopicsResponse({ topics: [created] }));
  const [answer] = answers as { topics: Record<string, unknown>[] }[];
  const [topic] = answer?.topics ?? [];
  assert.equal(topic?.topicConfigErrorCode, errors.TOPIC_AUTHORIZATION_FAILED.code);
  assert.deepEqual([topic?.numPartitions, topic?.configs], [-1, []]);
});

test("DeleteTopics refuses what names nothing, too much, or the same twice", () => {
  const { broker, asked } = controlPlaneBroker({ topics: [known] });
  const answer = ask(broker, apiKeys.DeleteTopics, 6, {
    topics: [
      { name: "x", topicId: known.id },
      { name: null, topicId: ZERO_UUID },
      { name: "twice", topicId: ZERO_UUID },
      { name: "twice", topicId: ZERO_UUID },
      { name: null, topicId: "UUUUUUUUUUUUUUUUUUUUUA" },
    ],
  }) as DeleteTopicsResponse;
  assert.deepEqual(asked, []);
  assert.deepEqual(results(answer.responses), [
    ["x", invalid],
    [null, invalid],
    ["twice", invalid],
    [null, errors.UNKNOWN_TOPIC_ID.code],
  ]);
});

test("DeleteTopics asks by names and ids alike, whatever the version", () => {
  const control = controlPlaneBroker({ topics: [known] });
  send(control, apiKeys.DeleteTopics, 1, { topicNames: ["known", "other"], timeoutMs: 1000 });
  const { topics } = askedRequest<DeleteTopicsRequest>(control);
  assert.deepEqual(topics, [
    { name: "known", topicId: ZERO_UUID },
    { name: "other", topicId: ZERO_UUID },
  ]);
});

test("DeleteTopics tells that deletion is disabled by the error that the version knows", () => {
  const { broker } = controlPlaneBroker({ settings: { "delete.topic.enable": "false" } });
  const disabled = errors.TOPIC_DELETION_DISABLED.code;
  assert.throws(() => ask(broker, apiKeys.DeleteTopics, 2, { topicNames: ["a"] }), { code: invalid });
  assert.throws(() => ask(broker, apiKeys.DeleteTopics, 3, { topicNames: ["a"] }), { code: disabled });
});

test("CreatePartitions refuses a name that stands twice", () => {
  const { broker, asked } = controlPlaneBroker();
  const topic = { name: "t", count: 2, assignments: null };
  const answer = ask(broker, apiKeys.CreatePartitions, 3, { topics: [topic, topic] }) as {
    results: Result[];
  };
  assert.deepEqual(results(answer.results), [["t", invalid]]);
  assert.deepEqual(asked, []);
});

test("changes of settings refuse a resource that stands twice, an unknown type, and unknown loggers", () => {
  const { broker, asked } = controlPlaneBroker();
  const configs = [{ name: "retention.ms", configOperation: 0, value: "1" }];
  const resources = [2, 2, 99, 8].map((resourceType) => ({ resourceType, resourceName: "1", configs }));
  const answer = ask(broker, apiKeys.IncrementalAlterConfigs, 1, {
    resources,
  }) as IncrementalAlterConfigsResponse;
  assert.deepEqual(
    answer.responses.map(({ resourceType, errorCode }) => [resourceType, errorCode]),
    [
      [2, invalid],
      [2, invalid],
      [99, invalid],
      [8, errors.INVALID_CONFIG.code],
    ],
  );
  assert.deepEqual(asked, []);
});

test("a timeout that is over at once fails all of the request, and nobody is asked", () => {
  const { broker, asked } = controlPlaneBroker({ topics: [known] });
  const both = ["known", "twice", "twice"];
  for (const timeoutMs of [-1, 0]) {
    for (const [key, version, fields] of [
      [apiKeys.CreateTopics, 7, { topics: both.map(creatable) }],
      [apiKeys.CreatePartitions, 3, { topics: both.map((name) => ({ name, count: 2, assignments: null })) }],
      [apiKeys.DeleteTopics, 6, { topics: both.map((name) => ({ name, topicId: ZERO_UUID })) }],
      [apiKeys.DeleteTopics, 5, { topicNames: both }],
    ] as const) {
      const answer = ask(broker, key, version, { ...fields, timeoutMs }) as Record<string, Result[]>;
      const late = errors.REQUEST_TIMED_OUT.code;
      assert.deepEqual(
        results(answer["topics"] ?? answer["results"] ?? answer["responses"] ?? []),
        both.map((name) => [name, late]),
      );
    }
  }
  assert.deepEqual(asked, []);
});
