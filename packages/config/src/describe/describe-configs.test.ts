// DescribeConfigs answers. Sources and synonyms are those Apache Kafka 4.3.1 gave for the same layers.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type BrokerConfigLayers,
  describeBrokerConfigs,
  describeBrokerDefaults,
  describeGroupConfigs,
  describeTopicConfigs,
} from "./describe-configs.ts";
import { ConfigSource, type DescribedConfig } from "./described-config.ts";

const LAYERS: BrokerConfigLayers = {
  static: new Map([
    ["node.id", "1"],
    ["broker.id", "1"],
    ["num.partitions", "4"],
    ["ssl.keystore.password", "secret"],
    ["super.users", "User:admin"],
    ["listener.name.ssl.ssl.key.password", "secret"],
    ["log.retention.hours", "168"],
  ]),
  dynamicBroker: new Map([["log.cleaner.threads", "2"]]),
  dynamicDefault: new Map([["log.retention.ms", "1000000"]]),
};

function line(configs: readonly DescribedConfig[], name: string): string {
  const config = configs.find((each) => each.name === name);
  assert.ok(config, `${name} is described`);
  const synonyms = config.synonyms.map((each) => `${sourceName(each.source)}:${each.name}=${each.value}`);
  const flags = `${config.isSensitive ? " sensitive" : ""}${config.readOnly ? " read-only" : ""}`;
  return `${config.value} ${sourceName(config.source)}${flags} [${synonyms.join(", ")}]`;
}

function sourceName(source: ConfigSource): string {
  return Object.entries(ConfigSource).find(([, code]) => code === source)?.[0] ?? "?";
}

test("a topic's override comes first, then the broker's layers by the broker's names", () => {
  const topic = describeTopicConfigs(new Map([["retention.ms", "+5"]]), LAYERS);
  assert.equal(
    line(topic, "retention.ms"),
    "5 DYNAMIC_TOPIC_CONFIG [DYNAMIC_TOPIC_CONFIG:retention.ms=5, DYNAMIC_DEFAULT_BROKER_CONFIG:log.retention.ms=1000000, " +
      "STATIC_BROKER_CONFIG:log.retention.hours=168, DEFAULT_CONFIG:log.retention.hours=168]",
  );
  assert.equal(
    line(topic, "min.cleanable.dirty.ratio"),
    "0.5 DEFAULT_CONFIG [DEFAULT_CONFIG:log.cleaner.min.cleanable.ratio=0.5]",
  );
});

test("a setting that has its value only from a synonym names no source", () => {
  const layers = { ...LAYERS, dynamicDefault: new Map<string, string>() };
  assert.equal(line(describeTopicConfigs(new Map(), layers), "retention.ms"), "604800000 DEFAULT_CONFIG []");
});

test("internal settings show only where they are set", () => {
  const name = "internal.segment.bytes";
  assert.ok(!describeTopicConfigs(new Map(), LAYERS).some((config) => config.name === name));
  assert.ok(describeTopicConfigs(new Map([[name, "9"]]), LAYERS).some((config) => config.name === name));
});

test("a broker tells its layers, hides secrets and marks what cannot change", () => {
  const broker = describeBrokerConfigs(LAYERS);
  assert.equal(
    line(broker, "log.cleaner.threads"),
    "2 DYNAMIC_BROKER_CONFIG [DYNAMIC_BROKER_CONFIG:log.cleaner.threads=2, DEFAULT_CONFIG:log.cleaner.threads=1]",
  );
  assert.equal(
    line(broker, "num.partitions"),
    "4 STATIC_BROKER_CONFIG read-only [STATIC_BROKER_CONFIG:num.partitions=4, DEFAULT_CONFIG:num.partitions=1]",
  );
  assert.equal(
    line(broker, "ssl.keystore.password"),
    "null STATIC_BROKER_CONFIG sensitive [STATIC_BROKER_CONFIG:ssl.keystore.password=null]",
  );
  assert.match(line(broker, "listener.name.ssl.ssl.key.password"), /^null STATIC_BROKER_CONFIG sensitive/);
  assert.match(line(broker, "super.users"), /^null STATIC_BROKER_CONFIG sensitive read-only/);
});

test("the cluster's broker defaults are only what was set", () => {
  const defaults = describeBrokerDefaults(LAYERS.dynamicDefault);
  assert.equal(defaults.length, 1);
  assert.equal(
    line(defaults, "log.retention.ms"),
    "1000000 DYNAMIC_DEFAULT_BROKER_CONFIG [DYNAMIC_DEFAULT_BROKER_CONFIG:log.retention.ms=1000000]",
  );
});

test("a group falls back on the broker's setting of its kind", () => {
  const group = describeGroupConfigs(new Map([["consumer.session.timeout.ms", "50000"]]), LAYERS);
  assert.equal(
    line(group, "consumer.session.timeout.ms"),
    "50000 DYNAMIC_GROUP_CONFIG [DYNAMIC_GROUP_CONFIG:consumer.session.timeout.ms=50000, " +
      "DEFAULT_CONFIG:group.consumer.session.timeout.ms=45000]",
  );
});
