// Settings of the producer client: names, types, defaults and rules of Apache Kafka.
// Serializers are not asked for: keys and values are bytes.

import { COMMON_CONFIGS } from "./common-configs.ts";
import type { ConfigDefinition } from "./config-definition.ts";
import { atLeast, between, gzipLevel, nonEmpty, nonEmptyList, oneOf } from "./config-rules.ts";

export const PRODUCER_CONFIGS: readonly ConfigDefinition[] = [
  ...COMMON_CONFIGS,
  { name: "acks", type: "string", default: "all", rule: oneOf("all", "-1", "0", "1") },
  { name: "batch.size", type: "int", default: 16384, rule: atLeast(0) },
  { name: "bootstrap.servers", type: "list", default: null, rule: nonEmptyList, required: true },
  { name: "buffer.memory", type: "long", default: 33554432, rule: atLeast(0) },
  { name: "compression.gzip.level", type: "int", default: -1, rule: gzipLevel },
  { name: "compression.lz4.level", type: "int", default: 9, rule: between(1, 17) },
  {
    name: "compression.type",
    type: "string",
    default: "none",
    rule: oneOf("none", "gzip", "snappy", "lz4", "zstd"),
  },
  { name: "compression.zstd.level", type: "int", default: 3, rule: between(-131072, 22) },
  { name: "connections.max.idle.ms", type: "long", default: 540000 },
  { name: "delivery.timeout.ms", type: "int", default: 120000, rule: atLeast(0) },
  { name: "enable.idempotence", type: "boolean", default: true },
  { name: "enable.metrics.push", type: "boolean", default: true },
  { name: "interceptor.classes", type: "list", default: [] },
  { name: "key.serializer", type: "class", default: null },
  { name: "linger.ms", type: "long", default: 5, rule: atLeast(0) },
  { name: "max.block.ms", type: "long", default: 60000, rule: atLeast(0) },
  { name: "max.in.flight.requests.per.connection", type: "int", default: 5, rule: atLeast(1) },
  { name: "max.request.size", type: "int", default: 1048576, rule: atLeast(0) },
  { name: "metadata.max.idle.ms", type: "long", default: 300000, rule: atLeast(5000) },
  { name: "partitioner.adaptive.partitioning.enable", type: "boolean", default: true },
  { name: "partitioner.availability.timeout.ms", type: "long", default: 0, rule: atLeast(0) },
  { name: "partitioner.class", type: "class", default: null },
  { name: "partitioner.ignore.keys", type: "boolean", default: false },
  { name: "receive.buffer.bytes", type: "int", default: 32768, rule: atLeast(-1) },
  { name: "retries", type: "int", default: 2147483647, rule: between(0, 2147483647) },
  { name: "transaction.timeout.ms", type: "int", default: 60000 },
  { name: "transaction.two.phase.commit.enable", type: "boolean", default: false },
  { name: "transactional.id", type: "string", default: null, rule: nonEmpty },
  { name: "value.serializer", type: "class", default: null },
];
