// Which changes of brokers' settings a broker refuses, and on which listener.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runWhole } from "@ottla/ports";
import { apiKeys, errors, type IncrementalAlterConfigsResponse } from "@ottla/protocol";
import { ask, servedApi, testContext } from "../testing/ask.ts";
import { controlPlaneBroker } from "../testing/control-plane-broker.ts";
import { brokerConfigProblem } from "./broker-config-changes.ts";

const nodeId = 1;

function problem(name: string, setting: string, value: string): string | null {
  return runWhole(brokerConfigProblem(nodeId, name, [{ name: setting, value }]));
}

test("a broker changes settings of its own and of all brokers, not of another", () => {
  assert.equal(problem("1", "log.retention.ms", "5000"), null);
  assert.equal(problem("", "log.retention.ms", "5000"), null);
  assert.equal(problem("7", "log.retention.ms", "5000"), "Unexpected broker id, expected 1, but received 7");
  assert.equal(problem("x", "log.retention.ms", "5000"), "Node id must be an integer, but it is: x");
});

test("settings that are fixed at the start are refused, for one broker and for all", () => {
  for (const name of ["1", ""]) {
    assert.equal(problem(name, "log.dirs", "/x"), "Cannot update these configs dynamically: [log.dirs]");
  }
});

test("what belongs to one broker cannot be set for all", () => {
  const listeners = "PLAINTEXT://:9092";
  assert.equal(problem("1", "listeners", listeners), null);
  assert.match(problem("", "listeners", listeners) ?? "", /broker id must be specified: \[listeners\]$/);
  const ofListener = "listener.name.plaintext.max.connections";
  assert.equal(problem("1", ofListener, "5"), null);
  assert.match(problem("", ofListener, "5") ?? "", /broker id must be specified/);
});

test("keys and certificates are set for a listener", () => {
  assert.match(problem("1", "ssl.keystore.type", "JKS") ?? "", /only per-listener/);
  assert.equal(problem("1", "listener.name.plaintext.ssl.keystore.type", "JKS"), null);
});

test("values must have the setting's type and range; settings that nobody knows pass", () => {
  assert.match(problem("1", "log.retention.ms", "x") ?? "", /^Invalid value x for configuration/);
  assert.match(problem("1", "listener.name.plaintext.max.connections", "x") ?? "", /^Invalid value x/);
  assert.match(problem("", "message.max.bytes", "-1") ?? "", /at least 0/);
  assert.equal(problem("1", "no.such.config", "1"), null);
  assert.equal(problem("1", "__proto__", "1"), null);
});

test("only a broker's listener judges, and only values that are set or appended", () => {
  const { broker, asked } = controlPlaneBroker();
  const readOnly = (configOperation: number): object => ({
    resourceType: 4,
    resourceName: "1",
    configs: [{ name: "log.dirs", configOperation, value: "/x" }],
  });
  for (const operation of [0, 2]) {
    const answer = ask(broker, apiKeys.IncrementalAlterConfigs, 1, { resources: [readOnly(operation)] });
    const [result] = (answer as IncrementalAlterConfigsResponse).responses;
    assert.equal(result?.errorCode, errors.INVALID_REQUEST.code);
  }
  assert.equal(asked.length, 0);
  const entry = servedApi(apiKeys.IncrementalAlterConfigs);
  const onBroker = testContext(broker, entry, 1);
  const onController = { ...onBroker, listenerName: "CONTROLLER" };
  for (const [context, operation] of [
    [onBroker, 1],
    [onController, 0],
  ] as const) {
    entry.handler(broker, context, entry.codec.makeRequest({ resources: [readOnly(operation)] }), () => {});
  }
  assert.equal(asked.length, 2);
});
