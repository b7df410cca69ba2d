// Topic settings: defaults, fallbacks on broker settings, overrides.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TOPIC_CONFIGS } from "./definitions/config-tables.ts";
import { defaultLogConfig } from "./log-config.ts";
import { brokerConfigOf } from "./resolve-broker-config.ts";
import { logConfigSettings, resolveLogConfig } from "./resolve-log-config.ts";

function brokerWith(changes: Record<string, string>): ReturnType<typeof brokerConfigOf> {
  return brokerConfigOf({
    "process.roles": "broker",
    "node.id": "1",
    "controller.quorum.bootstrap.servers": "c:9093",
    "controller.listener.names": "CONTROLLER",
    ...changes,
  });
}

test("the defaults written in code are those of the fact table", () => {
  assert.deepEqual(brokerWith({}).logDefaults, defaultLogConfig());
});

test("every topic setting reaches LogConfig", () => {
  assert.deepEqual([...logConfigSettings()].sort(), [...TOPIC_CONFIGS.keys()].sort());
});

test("a topic without overrides has the broker's values, in the topic's unit", () => {
  const { logDefaults } = brokerWith({
    "log.roll.hours": "2",
    "log.roll.jitter.hours": "1",
    "log.cleanup.policy": "compact",
    "message.max.bytes": "5",
    "log.flush.scheduler.interval.ms": "9",
    "ottla.durability": "page-cache",
  });
  assert.equal(logDefaults.segmentMs, 7_200_000);
  assert.equal(logDefaults.segmentJitterMs, 3_600_000);
  assert.deepEqual([logDefaults.cleanupDelete, logDefaults.cleanupCompact], [false, true]);
  assert.equal(logDefaults.maxMessageBytes, 5);
  assert.equal(logDefaults.flushMs, 9);
  assert.equal(logDefaults.durability, "page-cache");
});

test("an override wins over the broker's value", () => {
  const config = resolveLogConfig(
    new Map([
      ["cleanup.policy", "compact, delete"],
      ["retention.ms", "+5"],
      ["segment.bytes", "2097152"],
      ["internal.segment.bytes", "100"],
    ]),
    defaultLogConfig(),
  );
  assert.deepEqual([config.cleanupDelete, config.cleanupCompact], [true, true]);
  assert.equal(config.retentionMs, 5);
  assert.equal(config.segmentBytes, 100);
  assert.ok(Object.isFrozen(config));
});

test("an override that cannot be used is reported and the default stays", () => {
  const reports: string[] = [];
  const overrides = new Map([
    ["retention.ms", "x"],
    ["__proto__", "1"],
  ]);
  const config = resolveLogConfig(overrides, defaultLogConfig(), (message) => reports.push(message));
  assert.deepEqual(config, defaultLogConfig());
  assert.deepEqual(reports, [
    "Invalid value x for configuration retention.ms: Not a number of type LONG",
    "Unknown topic config name: __proto__",
  ]);
});
