// Settings of the consumer client: names, types, defaults and rules of Apache Kafka.
// Serializers are not asked for: keys and values are bytes.

import { COMMON_CONFIGS } from "./common-configs.ts";
import type { ConfigDefinition } from "./config-definition.ts";
import { atLeast, nonEmpty, nonEmptyList, oneOf, oneOfAnyCase } from "./config-rules.ts";

export const CONSUMER_CONFIGS: readonly ConfigDefinition[] = [
  ...COMMON_CONFIGS,
  { name: "allow.auto.create.topics", type: "boolean", default: true },
  { name: "auto.commit.interval.ms", type: "int", default: 5000, rule: atLeast(0) },
  { name: "auto.offset.reset", type: "string", default: "latest" },
  { name: "bootstrap.servers", type: "list", default: null, rule: nonEmptyList, required: true },
  { name: "check.crcs", type: "boolean", default: true },
  { name: "client.rack", type: "string", default: "" },
  { name: "connections.max.idle.ms", type: "long", default: 540000 },
  { name: "default.api.timeout.ms", type: "int", default: 60000, rule: atLeast(0) },
  { name: "enable.auto.commit", type: "boolean", default: true },
  { name: "enable.metrics.push", type: "boolean", default: true },
  { name: "exclude.internal.topics", type: "boolean", default: true },
  { name: "fetch.max.bytes", type: "int", default: 52428800, rule: atLeast(0) },
  { name: "fetch.max.wait.ms", type: "int", default: 500, rule: atLeast(0) },
  { name: "fetch.min.bytes", type: "int", default: 1, rule: atLeast(0) },
  { name: "group.id", type: "string", default: null },
  { name: "group.instance.id", type: "string", default: null, rule: nonEmpty },
  { name: "group.protocol", type: "string", default: "classic", rule: oneOfAnyCase("CONSUMER", "CLASSIC") },
  { name: "group.remote.assignor", type: "string", default: null },
  { name: "heartbeat.interval.ms", type: "int", default: 3000 },
  { name: "interceptor.classes", type: "list", default: [] },
  { name: "internal.throw.on.fetch.stable.offset.unsupported", type: "boolean", default: false },
  {
    name: "isolation.level",
    type: "string",
    default: "read_uncommitted",
    rule: oneOf("read_committed", "read_uncommitted"),
  },
  { name: "key.deserializer", type: "class", default: null },
  { name: "max.partition.fetch.bytes", type: "int", default: 1048576, rule: atLeast(0) },
  { name: "max.poll.interval.ms", type: "int", default: 300000, rule: atLeast(1) },
  { name: "max.poll.records", type: "int", default: 500, rule: atLeast(1) },
  {
    name: "partition.assignment.strategy",
    type: "list",
    default: [
      "org.apache.kafka.clients.consumer.RangeAssignor",
      "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
    ],
  },
  { name: "receive.buffer.bytes", type: "int", default: 65536, rule: atLeast(-1) },
  { name: "session.timeout.ms", type: "int", default: 45000 },
  { name: "share.acknowledgement.mode", type: "string", default: "implicit" },
  { name: "share.acquire.mode", type: "string", default: "BATCH_OPTIMIZED" },
  { name: "value.deserializer", type: "class", default: null },
];
