// Refused settings of topics. The texts are what Apache Kafka 4.3.1 answered.
import assert from "node:assert/strict";
import { test } from "node:test";
import { effectiveBrokerTexts } from "../describe/describe-configs.ts";
import { validateTopicConfig, validateTopicConfigs } from "./topic-configs.ts";

const NOTHING = { static: new Map(), dynamicDefault: new Map(), dynamicBroker: new Map() };
const CONTEXT = { brokerSettings: effectiveBrokerTexts(NOTHING) };
const THROTTLED = "leader.replication.throttled.replicas";

const REFUSED: readonly [name: string, value: string, message: string][] = [
  ["nosuch", "1", "Unknown topic config name: nosuch"],
  ["__proto__", "1", "Unknown topic config name: __proto__"],
  [
    "cleanup.policy",
    "shrink",
    "Invalid value shrink for configuration cleanup.policy: String must be one of: compact, delete",
  ],
  ["cleanup.policy", "delete,,compact", "Configuration 'cleanup.policy' values must not be empty."],
  [
    "compression.gzip.level",
    "0",
    "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1",
  ],
  [
    "compression.lz4.level",
    "18",
    "Invalid value 18 for configuration compression.lz4.level: Value must be no more than 17",
  ],
  ["retention.ms", "-2", "Invalid value -2 for configuration retention.ms: Value must be at least -1"],
  [
    "retention.ms",
    "9223372036854775808",
    "Invalid value 9223372036854775808 for configuration retention.ms: Not a number of type LONG",
  ],
  ["retention.ms", "", "Invalid value  for configuration retention.ms: Not a number of type LONG"],
  [
    "max.message.bytes",
    "2147483648",
    "Invalid value 2147483648 for configuration max.message.bytes: Not a number of type INT",
  ],
  [
    "preallocate",
    "maybe",
    "Invalid value maybe for configuration preallocate: Expected value to be either true or false",
  ],
  [
    "min.cleanable.dirty.ratio",
    "1.1",
    "Invalid value 1.1 for configuration min.cleanable.dirty.ratio: Value must be no more than 1",
  ],
  [
    "message.timestamp.type",
    "createtime",
    "Invalid value createtime for configuration message.timestamp.type: String must be one of: CreateTime, LogAppendTime",
  ],
  [
    THROTTLED,
    "0:1,x",
    `Invalid value [0:1, x] for configuration ${THROTTLED}: ${THROTTLED} must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...`,
  ],
];

for (const [name, value, message] of REFUSED) {
  test(`topic setting ${name}=${value} is refused in Kafka's words`, () => {
    assert.deepEqual(validateTopicConfig(name, value), { ok: false, message });
  });
}

const TAKEN: readonly [name: string, value: string, text: string][] = [
  ["cleanup.policy", "", ""],
  ["cleanup.policy", "delete, delete", "delete"],
  ["retention.ms", " +5 ", "5"],
  ["preallocate", "TRUE", "true"],
  ["min.cleanable.dirty.ratio", "1e-1", "0.1"],
  ["flush.messages", "9223372036854775807", "9223372036854775807"],
  [THROTTLED, "*", "*"],
  ["ottla.durability", "page-cache", "page-cache"],
];

for (const [name, value, text] of TAKEN) {
  test(`topic setting ${name}=${value} is taken as ${text}`, () => {
    assert.deepEqual(validateTopicConfig(name, value), { ok: true, text });
  });
}

test("settings of one topic that contradict each other are refused", () => {
  const lags = new Map([
    ["min.compaction.lag.ms", "10"],
    ["max.compaction.lag.ms", "5"],
  ]);
  assert.equal(
    validateTopicConfigs(lags, CONTEXT),
    "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)",
  );
  assert.equal(
    validateTopicConfigs(new Map([["remote.storage.enable", "true"]]), CONTEXT),
    "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.",
  );
  assert.equal(
    validateTopicConfigs(new Map([["retention.ms", null]]), CONTEXT),
    "Null value not supported for topic configs: retention.ms",
  );
  assert.equal(validateTopicConfigs(new Map([["retention.ms", "5"]]), CONTEXT), undefined);
});
