import assert from "node:assert/strict";
import { test } from "node:test";
import { bootstrapNodes } from "../cluster/bootstrap.ts";
import { silentLogger } from "../environment/client-environment.ts";
import { producerConfigOf } from "../producer/producer-config.ts";
import { ADMIN_CONFIGS } from "./admin-configs.ts";
import { ClientConfig, type ClientSettings } from "./client-config.ts";
import { ConfigError } from "./config-error.ts";
import { CONSUMER_CONFIGS } from "./consumer-configs.ts";
import { PRODUCER_CONFIGS } from "./producer-configs.ts";

function producerMessage(settings: ClientSettings): string {
  try {
    const config = new ClientConfig(PRODUCER_CONFIGS, { "bootstrap.servers": "h:1", ...settings });
    bootstrapNodes("bootstrap.servers", config.list("bootstrap.servers"));
    producerConfigOf(config, silentLogger);
    return "fine";
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message;
  }
}

// What Apache Kafka 4.3.1 says.
const REFUSED: readonly [ClientSettings, string][] = [
  [{ "batch.size": "abc" }, "Invalid value abc for configuration batch.size: Not a number of type INT"],
  [{ "batch.size": 3e9 }, "Invalid value 3000000000 for configuration batch.size: Not a number of type INT"],
  [{ "batch.size": -1 }, "Invalid value -1 for configuration batch.size: Value must be at least 0"],
  [{ acks: 2 }, "Invalid value 2 for configuration acks: String must be one of: all, -1, 0, 1"],
  [{ "linger.ms": "1.5" }, "Invalid value 1.5 for configuration linger.ms: Not a number of type LONG"],
  [
    { "enable.idempotence": "maybe" },
    "Invalid value maybe for configuration enable.idempotence: Expected value to be either true or false",
  ],
  [
    { "compression.gzip.level": 0 },
    "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1",
  ],
  [
    { "compression.lz4.level": 99 },
    "Invalid value 99 for configuration compression.lz4.level: Value must be no more than 17",
  ],
  [
    { "bootstrap.servers": "" },
    "Configuration 'bootstrap.servers' must not be empty. Valid values include: any non-empty value",
  ],
  [{ "bootstrap.servers": "h:1,,h:2" }, "Configuration 'bootstrap.servers' values must not be empty."],
  [{ "bootstrap.servers": "foo" }, "Invalid url in bootstrap.servers: foo"],
  [{ "bootstrap.servers": "foo:99999" }, "Invalid port in bootstrap.servers: foo:99999"],
  [
    { "metadata.recovery.strategy": "x" },
    "Invalid value x for configuration metadata.recovery.strategy: " +
      "String must be one of (case insensitive): REBOOTSTRAP, NONE",
  ],
  [{ "transactional.id": "" }, "Invalid value  for configuration transactional.id: String must be non-empty"],
  [
    { acks: 1, "enable.idempotence": true },
    "Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.",
  ],
  [
    { retries: 0, "enable.idempotence": true },
    "Must set retries to non-zero when using the idempotent producer.",
  ],
  [
    { "max.in.flight.requests.per.connection": 6 },
    "To use the idempotent producer, max.in.flight.requests.per.connection must be set to at most 5. " +
      "Current value is 6.",
  ],
  [
    { "delivery.timeout.ms": 100 },
    "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms",
  ],
];

test("bad settings are refused in Kafka's words", () => {
  for (const [settings, message] of REFUSED) assert.equal(producerMessage(settings), message);
});

test("settings that Kafka takes are taken", () => {
  for (const settings of [
    { acks: "1" },
    { acks: "all " },
    { retries: "0" },
    { "request.timeout.ms": 200_000 },
    { "bootstrap.servers": "PLAINTEXT://[::1]:9092, h:1" },
    { "metadata.recovery.strategy": "None" },
    { "enable.idempotence": "FALSE", "max.in.flight.requests.per.connection": "6" },
  ]) {
    assert.equal(producerMessage(settings), "fine");
  }
});

test("a required setting is missed by name, and one nobody knows is told", () => {
  const message = 'Missing required configuration "bootstrap.servers" which has no default value.';
  assert.throws(() => new ClientConfig(PRODUCER_CONFIGS, {}), { message, key: "bootstrap.servers" });
  const config = new ClientConfig(ADMIN_CONFIGS, { "foo.bar": 1, __proto__: null } as never);
  assert.deepEqual(config.unknownKeys, ["foo.bar"]);
});

test("defaults are Kafka's and differ by client where Kafka's do", () => {
  const producer = new ClientConfig(PRODUCER_CONFIGS, { "bootstrap.servers": "h:1" });
  const admin = new ClientConfig(ADMIN_CONFIGS, {});
  const consumer = new ClientConfig(CONSUMER_CONFIGS, { "bootstrap.servers": "h:1" });
  assert.equal(producer.number("linger.ms"), 5);
  assert.equal(producer.number("receive.buffer.bytes"), 32_768);
  assert.equal(admin.number("receive.buffer.bytes"), 65_536);
  assert.equal(admin.number("connections.max.idle.ms"), 300_000);
  assert.equal(consumer.textOrNull("group.id"), null);
  assert.deepEqual(consumer.list("interceptor.classes"), []);
});

test("a reconnect back-off that was set alone does not grow", () => {
  const alone = new ClientConfig(ADMIN_CONFIGS, { "reconnect.backoff.ms": 5000 });
  assert.equal(alone.number("reconnect.backoff.max.ms"), 5000);
});
