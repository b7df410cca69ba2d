// Tests of the lines that tell why a node does not start.
import assert from "node:assert/strict";
import { test } from "node:test";
import { brokerConfigOf } from "@ottla/config";
import { NetworkError } from "@ottla/ports";
import type { Uuid } from "@ottla/protocol";
import { directoryProblem, listenProblem } from "./start-problem.ts";

const config = brokerConfigOf({
  "process.roles": "broker,controller",
  "node.id": "1",
  "controller.quorum.bootstrap.servers": "localhost:9093",
  listeners: "PLAINTEXT://:9092,CONTROLLER://:9093",
  "controller.listener.names": "CONTROLLER",
});
const meta = { clusterId: "c", nodeId: 1, directoryId: "3Db5QLSqSZieL3rJBUUegA" as Uuid };

test("formatted directories are no problem", () => {
  assert.equal(directoryProblem([{ path: "/a", kind: "formatted", meta }], config, "f"), null);
});

test("a node without any formatted directory is told the whole command", () => {
  const line = directoryProblem([{ path: "/a", kind: "missing" }], config, "s.properties") ?? "";
  assert.match(
    line,
    /^No readable meta.properties files found. No `meta.properties` found in \/a: format it with /,
  );
  assert.match(line, /format --standalone -t "\$\(bin\/kafka-storage.sh random-uuid\)" -c s.properties$/);
});

test("a directory added to a formatted node joins its cluster", () => {
  const surveyed = [
    { path: "/a", kind: "formatted", meta },
    { path: "/b", kind: "empty" },
  ] as const;
  const line = directoryProblem(surveyed, config, "f") ?? "";
  assert.match(line, /^No `meta.properties` found in \/b: .* --ignore-formatted -t CLUSTER_ID -c f$/);
});

test("directories of two clusters, and copies, are told apart from a node's own", () => {
  const here = { path: "/a", kind: "formatted", meta } as const;
  const other = (changes: Partial<typeof meta>) =>
    directoryProblem([here, { path: "/b", kind: "formatted", meta: { ...meta, ...changes } }], config, "f");
  const directoryId = "4Db5QLSqSZieL3rJBUUegA" as Uuid;
  assert.equal(other({ directoryId }), null);
  assert.match(
    other({ directoryId, clusterId: "d" }) ?? "",
    /^Invalid cluster.id in: \/b\/meta.properties. Expected c as in \/a, but read d: /,
  );
  assert.match(other({}) ?? "", /^Duplicate directory.id in: \/b\/meta.properties. \/a has 3Db5QLSq/);
});

test("a socket that cannot be opened is told by address, with what to do", () => {
  const inUse = new NetworkError("listen", "", 9092, "EADDRINUSE");
  assert.match(
    listenProblem(inUse, false) ?? "",
    /bind to 0.0.0.0:9092: Address already in use. .*'listeners'/,
  );
  assert.match(listenProblem(inUse, true) ?? "", /OTTLA_PORT=19092 npm start/);
  assert.equal(listenProblem(new Error("else"), false), null);
});
