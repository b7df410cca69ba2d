// Tests of who votes in a new cluster.
import assert from "node:assert/strict";
import { test } from "node:test";
import { brokerConfigOf } from "@ottla/config";
import type { Uuid } from "@ottla/protocol";
import { parseInitialControllers, standaloneController } from "./initial-controllers.ts";

const id = "3Db5QLSqSZieL3rJBUUegA" as Uuid;

test("voters are told by id, address and directory, IPv6 in brackets", () => {
  assert.deepEqual(parseInitialControllers(`1@a.example:9093:${id},2@[::1]:9094:${id}`, "CONTROLLER"), [
    { nodeId: 1, directoryId: id, endpoints: [{ name: "CONTROLLER", host: "a.example", port: 9093 }] },
    { nodeId: 2, directoryId: id, endpoints: [{ name: "CONTROLLER", host: "::1", port: 9094 }] },
  ]);
});

test("every malformed voter is refused", () => {
  const bad = ["", "a:1:b", `x@h:1:${id}`, `1@h:70000:${id}`, "1@h:1", "1@h:1:zz", `1@h:1:${id},1@i:2:${id}`];
  for (const argument of bad) assert.ok("problem" in parseInitialControllers(argument, "C"), argument);
});

test("a standalone controller is reached where it is advertised, else where it listens", () => {
  const settings = {
    "process.roles": "broker,controller",
    "node.id": "3",
    "controller.quorum.bootstrap.servers": "localhost:9093",
    listeners: "PLAINTEXT://:9092,CONTROLLER://:9093",
    "controller.listener.names": "CONTROLLER",
  };
  const endpointOf = (more: Record<string, string>): unknown =>
    standaloneController(brokerConfigOf({ ...settings, ...more }), id).endpoints[0];
  assert.deepEqual(endpointOf({}), { name: "CONTROLLER", host: "localhost", port: 9093 });
  const advertised = "PLAINTEXT://h:9092,CONTROLLER://c.example:19093";
  assert.deepEqual(endpointOf({ "advertised.listeners": advertised }), {
    name: "CONTROLLER",
    host: "c.example",
    port: 19_093,
  });
});
