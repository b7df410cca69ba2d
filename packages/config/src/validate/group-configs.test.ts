// Refused settings of groups. The texts are what Apache Kafka 4.3.1 answered.
import assert from "node:assert/strict";
import { test } from "node:test";
import { effectiveBrokerTexts } from "../describe/describe-configs.ts";
import { validateGroupConfigs } from "./group-configs.ts";

function contextOf(settings: Readonly<Record<string, string>> = {}) {
  const layers = {
    static: new Map(Object.entries(settings)),
    dynamicDefault: new Map(),
    dynamicBroker: new Map(),
  };
  return { brokerSettings: effectiveBrokerTexts(layers) };
}

function problemOf(
  overrides: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>> = {},
): string | undefined {
  return validateGroupConfigs(new Map(Object.entries(overrides)), contextOf(settings));
}

const REFUSED: readonly [overrides: Readonly<Record<string, string>>, message: string][] = [
  [{ "no.such": "1" }, "Unknown group config name: no.such"],
  [{ "retention.ms": "1" }, "Unknown group config name: retention.ms"],
  [
    { "consumer.session.timeout.ms": "44999" },
    "consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms",
  ],
  [
    { "consumer.session.timeout.ms": "60001" },
    "consumer.session.timeout.ms must be less than or equal to group.consumer.max.session.timeout.ms",
  ],
  [
    { "consumer.session.timeout.ms": "0" },
    "Invalid value 0 for configuration consumer.session.timeout.ms: Value must be at least 1",
  ],
  [
    { "consumer.heartbeat.interval.ms": "1", "consumer.session.timeout.ms": "1" },
    "consumer.heartbeat.interval.ms must be greater than or equal to group.consumer.min.heartbeat.interval.ms",
  ],
  [
    { "streams.session.timeout.ms": "x", "consumer.heartbeat.interval.ms": "x" },
    "Invalid value x for configuration consumer.heartbeat.interval.ms: Not a number of type INT",
  ],
  [
    { "share.record.lock.duration.ms": "14999" },
    "share.record.lock.duration.ms must be greater than or equal to group.share.min.record.lock.duration.ms",
  ],
  [
    { "share.delivery.count.limit": "11" },
    "share.delivery.count.limit must be less than or equal to group.share.max.delivery.count.limit",
  ],
  [
    { "share.partition.max.record.locks": "4001" },
    "share.partition.max.record.locks must be less than or equal to group.share.max.partition.max.record.locks",
  ],
  [
    { "streams.num.standby.replicas": "3" },
    "streams.num.standby.replicas must be less than or equal to group.streams.max.standby.replicas",
  ],
  [
    { "streams.assignment.interval.ms": "99999" },
    "streams.assignment.interval.ms must be less than or equal to group.streams.max.assignment.interval.ms",
  ],
];

for (const [overrides, message] of REFUSED) {
  test(`group settings ${JSON.stringify(overrides)} are refused in Kafka's words`, () => {
    assert.equal(problemOf(overrides), message);
  });
}

test("settings within their bounds are taken", () => {
  assert.equal(problemOf({}), undefined);
  assert.equal(problemOf({ "consumer.session.timeout.ms": " 60000 " }), undefined);
  assert.equal(problemOf({ "share.auto.offset.reset": "by_duration:PT1H" }), undefined);
  assert.equal(problemOf({ "streams.initial.rebalance.delay.ms": "99999999" }), undefined);
});

test("the brokers' settings are the bounds", () => {
  const settings = { "group.consumer.max.session.timeout.ms": "70000" };
  assert.equal(problemOf({ "consumer.session.timeout.ms": "70000" }, settings), undefined);
});

test("a session must outlast a heartbeat, whichever of them is the group's own", () => {
  const settings = {
    "group.consumer.min.session.timeout.ms": "1000",
    "group.streams.min.session.timeout.ms": "1000",
  };
  const message = "consumer.session.timeout.ms must be greater than consumer.heartbeat.interval.ms";
  assert.equal(problemOf({ "consumer.session.timeout.ms": "5000" }, settings), message);
  assert.equal(problemOf({ "consumer.session.timeout.ms": "5001" }, settings), undefined);
  assert.equal(
    problemOf({ "consumer.session.timeout.ms": "5000", "streams.assignment.interval.ms": "99999" }, settings),
    "streams.assignment.interval.ms must be less than or equal to group.streams.max.assignment.interval.ms",
  );
});
