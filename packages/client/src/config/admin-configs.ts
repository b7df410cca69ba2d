// Settings of the admin client: names, types, defaults and rules of Apache Kafka.

import { COMMON_CONFIGS } from "./common-configs.ts";
import type { ConfigDefinition } from "./config-definition.ts";
import { atLeast, between } from "./config-rules.ts";

export const ADMIN_CONFIGS: readonly ConfigDefinition[] = [
  ...COMMON_CONFIGS,
  { name: "bootstrap.controllers", type: "list", default: [] },
  { name: "bootstrap.servers", type: "list", default: [] },
  { name: "connections.max.idle.ms", type: "long", default: 300000 },
  { name: "default.api.timeout.ms", type: "int", default: 60000, rule: atLeast(0) },
  { name: "enable.metrics.push", type: "boolean", default: false },
  { name: "receive.buffer.bytes", type: "int", default: 65536, rule: atLeast(-1) },
  { name: "retries", type: "int", default: 2147483647, rule: between(0, 2147483647) },
];
