import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientSettings } from "../config/client-config.ts";
import { ConfigError } from "../config/config-error.ts";
import { type ConsumerSettings, consumerSettings } from "./consumer-settings.ts";

const resolve = (settings: ClientSettings): ConsumerSettings =>
  consumerSettings({ "bootstrap.servers": "h:1", ...settings }, () => 3);

test("a consumer without a name is called after its group and number, a static one after its instance", () => {
  assert.equal(resolve({ "group.id": "g" }).clientId, "consumer-g-3");
  assert.equal(resolve({}).clientId, "consumer-null-3");
  const fixed = resolve({ "group.id": "g", "group.instance.id": "i" });
  assert.equal(fixed.clientId, "consumer-g-i");
  assert.equal(fixed.logPrefix, "[Consumer instanceId=i, clientId=consumer-g-i, groupId=g] ");
});

test("without a group nothing is committed automatically, and asking for it is an error", () => {
  assert.equal(resolve({}).isAutoCommit, false);
  assert.equal(resolve({ "group.id": "g" }).isAutoCommit, true);
  assert.throws(() => resolve({ "enable.auto.commit": true }), ConfigError);
});

test("settings that contradict each other are refused", () => {
  assert.throws(() => resolve({ "group.id": " " }), { name: "INVALID_GROUP_ID" });
  assert.throws(
    () => resolve({ "group.id": "g", "session.timeout.ms": 3000 }),
    /Heartbeat must be set lower than the session timeout/,
  );
  assert.throws(() => resolve({ "partition.assignment.strategy": "com.example.Mine" }), /cannot be found/);
  assert.throws(
    () => resolve({ "partition.assignment.strategy": "range,RangeAssignor" }),
    /more than one assignor/,
  );
  assert.throws(() => resolve({ "group.protocol": "consumer" }), ConfigError);
});

test("assignors go by Java's names and by the protocol's", () => {
  const names = ({ assignors }: ConsumerSettings): string[] => assignors.map(({ name }) => name);
  assert.deepEqual(names(resolve({})), ["range", "cooperative-sticky"]);
  assert.deepEqual(
    names(
      resolve({
        "partition.assignment.strategy": "sticky, org.apache.kafka.clients.consumer.RoundRobinAssignor",
      }),
    ),
    ["sticky", "roundrobin"],
  );
});
