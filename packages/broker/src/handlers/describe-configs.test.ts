import assert from "node:assert/strict";
import { test } from "node:test";
import { apiKeys, type DescribeConfigsResponse, errors, type Uuid } from "@ottla/protocol";
import { ask } from "../testing/ask.ts";
import { controlPlaneBroker } from "../testing/control-plane-broker.ts";
import { testTopic } from "../testing/test-topic.ts";

const topicType = 2;
const brokerType = 4;
const loggerType = 8;
const groupType = 32;

function describe(
  resources: readonly object[],
  options: { readonly version?: number; readonly includeSynonyms?: boolean } = {},
): DescribeConfigsResponse["results"] {
  const { broker } = controlPlaneBroker({
    topics: [testTopic("t", "TTTTTTTTTTTTTTTTTTTTTA" as Uuid)],
    topicConfigs: new Map([["t", { "retention.ms": "5000" }]]),
    settings: { "log.segment.bytes": "2000000" },
  });
  const { version = 4, includeSynonyms = false } = options;
  const answer = ask(broker, apiKeys.DescribeConfigs, version, { resources, includeSynonyms });
  return (answer as DescribeConfigsResponse).results;
}

function resource(
  resourceType: number,
  resourceName: string,
  configurationKeys: string[] | null = null,
): object {
  return { resourceType, resourceName, configurationKeys };
}

test("a setting of a topic tells where it comes from", () => {
  const keys = ["retention.ms", "segment.bytes", "cleanup.policy", "no.such.key"];
  const [result] = describe([resource(topicType, "t", keys)], { includeSynonyms: true });
  const bySource = new Map(
    result?.configs.map(({ name, value, configSource }) => [name, [value, configSource]]),
  );
  assert.deepEqual([...bySource].sort(), [
    ["cleanup.policy", ["delete", 5]],
    ["retention.ms", ["5000", 1]],
    ["segment.bytes", ["2000000", 4]],
  ]);
  const retention = result?.configs.find(({ name }) => name === "retention.ms");
  assert.deepEqual(retention?.synonyms[0], { name: "retention.ms", value: "5000", source: 1 });
});

test("null keys and no keys both mean all", () => {
  const [all, none] = describe([resource(topicType, "t", null), resource(topicType, "t", [])]);
  assert.ok((all?.configs.length ?? 0) > 30);
  assert.deepEqual(none, all);
});

test("versions 1 to 4 can all be written", () => {
  for (let version = 1; version <= 4; version++) {
    const [topic, broker] = describe([resource(topicType, "t"), resource(brokerType, "1")], { version });
    assert.ok((topic?.configs.length ?? 0) > 0 && (broker?.configs.length ?? 0) > 0);
  }
});

test("resources fail one by one", () => {
  const asked: [number, string, number][] = [
    [topicType, "t", 0],
    [topicType, "missing", errors.UNKNOWN_TOPIC_OR_PARTITION.code],
    [topicType, "..", errors.INVALID_TOPIC_EXCEPTION.code],
    [brokerType, "1", 0],
    [brokerType, "", 0],
    [brokerType, "77", errors.INVALID_REQUEST.code],
    [brokerType, "abc", errors.INVALID_REQUEST.code],
    [loggerType, "1", 0],
    [loggerType, "", errors.INVALID_REQUEST.code],
    [groupType, "", errors.INVALID_REQUEST.code],
  ];
  const results = describe(asked.map(([type, name]) => resource(type, name)));
  assert.deepEqual(
    results.map(({ errorCode }) => errorCode),
    asked.map(([, , code]) => code),
  );
});

test("a type of resource without settings fails the whole request", () => {
  assert.throws(() => describe([resource(topicType, "t"), resource(3, "x")]), {
    code: errors.INVALID_REQUEST.code,
  });
});
