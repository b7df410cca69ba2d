import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apiKeys,
  errors,
  makeDescribeClusterResponse,
  makeDescribeClusterResponseDescribeClusterBroker,
  makeFindCoordinatorResponse,
  makeFindCoordinatorResponseCoordinator,
  makeMetadataRequest,
} from "@ottla/protocol";
import type { RpcResult } from "@ottla/rpc";
import { ADMIN_CONFIGS } from "../config/admin-configs.ts";
import { ClientConfig, type ClientSettings } from "../config/client-config.ts";
import { type ClientLogger, silentLogger } from "../environment/client-environment.ts";
import { KafkaError } from "../errors/kafka-error.ts";
import { ScriptedCluster } from "../testing/scripted-cluster.ts";
import { metadataApi } from "./apis.ts";
import { bootstrapNodes } from "./bootstrap.ts";
import { ClusterConnections, type Target } from "./cluster-connections.ts";
import { Coordinators, coordinatorTypes } from "./coordinators.ts";

function connect(
  cluster: ScriptedCluster,
  bootstrap: string,
  settings: ClientSettings = {},
  logger: ClientLogger = silentLogger,
): ClusterConnections {
  return new ClusterConnections({
    ports: cluster.client.ports,
    logger,
    config: new ClientConfig(ADMIN_CONFIGS, settings),
    clientId: "c",
    bootstrap: bootstrapNodes("bootstrap.servers", [bootstrap]),
    inFlightMax: 5,
    topics: () => null,
  });
}

function ask(connections: ClusterConnections, target: Target): RpcResult<unknown>[] {
  const results: RpcResult<unknown>[] = [];
  connections.send(
    target,
    metadataApi,
    () => makeMetadataRequest(),
    {},
    (result) => results.push(result),
  );
  return results;
}

function reasonOf(result: RpcResult<unknown> | undefined): string {
  return result === undefined ? "none" : result.kind === "failed" ? result.error.reason : "response";
}

async function known(cluster: ScriptedCluster, connections: ClusterConnections): Promise<void> {
  connections.requestUpdate();
  await cluster.run({ until: () => !connections.metadata.isBootstrap, ms: 60_000 });
  assert.equal(connections.metadata.isBootstrap, false);
}

test("the bootstrap connection serves on as that of its node", async () => {
  const cluster = new ScriptedCluster(1, [1]);
  const connections = connect(cluster, "broker-1:9092");
  await known(cluster, connections);
  const before = connections.connection(1);
  assert.notEqual(before, null);
  const result = ask(connections, 1);
  await cluster.run({ until: () => result.length > 0 });
  assert.equal(connections.connection(1), before);
});

test("a node is tried again with a back-off that grows, and served when it is back", async () => {
  const cluster = new ScriptedCluster(2, [1]);
  const lines: string[] = [];
  const logger = { ...silentLogger, warn: (text: string) => lines.push(text) };
  const connections = connect(cluster, "broker-1:9092", {}, logger);
  cluster.stop(1);
  await cluster.run({ ms: 100 });
  connections.requestUpdate();
  await cluster.run({ ms: 5000 });
  // 50 ms doubled up to 1 s: fewer than ten tries in five seconds.
  assert.ok(lines.length >= 5 && lines.length <= 12, `${lines.length} tries`);
  assert.match(
    lines[0] ?? "",
    /^Connection to node -1 \(broker-1:9092\) could not be established\. Node may/,
  );
  cluster.start(1);
  await cluster.run({ until: () => !connections.metadata.isBootstrap, ms: 5000 });
  assert.equal(connections.metadata.isBootstrap, false);
});

test("when no known node can be reached, the bootstrap addresses are asked again", async () => {
  const cluster = new ScriptedCluster(3, [1, 2, 3]);
  cluster.members = [2];
  const connections = connect(cluster, "broker-1:9092");
  await known(cluster, connections);
  cluster.stop(2);
  cluster.members = [3];
  const results = [ask(connections, 2)];
  await cluster.run({ until: () => connections.metadata.node(3) !== null, ms: 60_000 });
  assert.equal(connections.metadata.node(2), null);
  assert.notEqual(reasonOf(results[0]?.[0]), "response");
  const last = ask(connections, "any");
  await cluster.run({ until: () => last.length > 0 });
  assert.equal(reasonOf(last[0]), "response");
});

test("a client told not to begins nowhere anew", async () => {
  const cluster = new ScriptedCluster(4, [1, 2]);
  cluster.members = [2];
  const connections = connect(cluster, "broker-1:9092", { "metadata.recovery.strategy": "none" });
  await known(cluster, connections);
  cluster.stop(2);
  await cluster.run({ ms: 100 });
  connections.requestUpdate();
  await cluster.run({ ms: 30_000 });
  assert.notEqual(connections.metadata.node(2), null);
});

test("a broker may ask its clients to begin anew", async () => {
  const cluster = new ScriptedCluster(5, [1, 2]);
  cluster.members = [2];
  const connections = connect(cluster, "broker-1:9092");
  await known(cluster, connections);
  cluster.on(apiKeys.Metadata, ({ nodeId, request }) => {
    const response = cluster.metadata(request);
    if (nodeId === 2) response.errorCode = errors.REBOOTSTRAP_REQUIRED.code;
    return response;
  });
  cluster.members = [1];
  connections.requestUpdate();
  await cluster.run({ until: () => connections.metadata.node(1) !== null, ms: 10_000 });
  assert.notEqual(connections.metadata.node(1), null);
});

test("a request that cannot be sent in time fails, and so does one to a node nobody knows", async () => {
  const cluster = new ScriptedCluster(6, [1]);
  const connections = connect(cluster, "broker-1:9092", { "request.timeout.ms": 300 });
  cluster.on(apiKeys.Metadata, () => null);
  const [nowhere, silent] = [ask(connections, 42), ask(connections, "any")];
  assert.equal(nowhere.length, 0);
  await cluster.run({ ms: 1000 });
  assert.deepEqual([reasonOf(nowhere[0]), reasonOf(silent[0])], ["connect-failed", "timed-out"]);
});

test("more requests than may be on the way wait their turn", async () => {
  const cluster = new ScriptedCluster(7, [1]);
  const connections = connect(cluster, "broker-1:9092");
  const all = Array.from({ length: 50 }, () => ask(connections, "any"));
  await cluster.run({ until: () => all.every((each) => each.length > 0), ms: 10_000 });
  assert.deepEqual(new Set(all.map(([result]) => reasonOf(result))), new Set(["response"]));
});

test("the least loaded node is asked", async () => {
  const cluster = new ScriptedCluster(8, [1, 2]);
  const connections = connect(cluster, "broker-1:9092");
  await known(cluster, connections);
  const warm = [ask(connections, 1), ask(connections, 2)];
  await cluster.run({ until: () => warm.every((each) => each.length > 0) });
  ask(connections, 1);
  ask(connections, 1);
  ask(connections, 2);
  assert.equal(connections.leastLoadedNode().id, 2);
});

test("an API that the broker does not serve fails as such", async () => {
  const cluster = new ScriptedCluster(9, [1]);
  const connections = connect(cluster, "broker-1:9092");
  const results: RpcResult<unknown>[] = [];
  const options = { versionMin: 99 };
  connections.send(
    "any",
    metadataApi,
    () => makeMetadataRequest(),
    options,
    (result) => results.push(result),
  );
  await cluster.run({ until: () => results.length > 0, ms: 1000 });
  assert.equal(reasonOf(results[0]), "unsupported-version");
});

test("a coordinator is found once and looked up again when it is forgotten", async () => {
  for (const versionMax of [6, 3]) {
    const cluster = new ScriptedCluster(10, [1, 2]);
    cluster.versionMax.set(apiKeys.FindCoordinator, versionMax);
    const node = { nodeId: 2, host: "broker-2", port: 9092 };
    cluster.on(apiKeys.FindCoordinator, ({ version, request }) =>
      version >= 4
        ? makeFindCoordinatorResponse({
            coordinators: request.coordinatorKeys.map((key) =>
              makeFindCoordinatorResponseCoordinator({ key, ...node }),
            ),
          })
        : makeFindCoordinatorResponse(node),
    );
    const connections = connect(cluster, "broker-1:9092");
    await known(cluster, connections);
    const coordinators = new Coordinators(connections);
    assert.equal(coordinators.known(coordinatorTypes.group, "g"), null);
    const found = await cluster.settled(
      new Promise((resolve) => coordinators.find(coordinatorTypes.group, "g", resolve)),
    );
    assert.deepEqual(found, { id: 2, host: "broker-2", port: 9092, rack: null });
    assert.equal(coordinators.known(coordinatorTypes.group, "g")?.id, 2);
    const beat = ask(connections, { coordinator: 2 });
    await cluster.run({ until: () => beat.length > 0 });
    assert.equal(reasonOf(beat[0]), "response");
    coordinators.forget(coordinatorTypes.group, "g");
    assert.equal(coordinators.known(coordinatorTypes.group, "g"), null);
    const errorCode = errors.COORDINATOR_NOT_AVAILABLE.code;
    cluster.on(apiKeys.FindCoordinator, ({ version, request }) =>
      version >= 4
        ? makeFindCoordinatorResponse({
            coordinators: request.coordinatorKeys.map((key) =>
              makeFindCoordinatorResponseCoordinator({ key, errorCode }),
            ),
          })
        : makeFindCoordinatorResponse({ errorCode }),
    );
    const missing = await cluster.settled(
      new Promise((resolve) => coordinators.find(coordinatorTypes.group, "g", resolve)),
    );
    assert.ok(missing instanceof KafkaError && missing.name === "COORDINATOR_NOT_AVAILABLE");
  }
});

test("a client of controllers learns its nodes from DescribeCluster", async () => {
  const cluster = new ScriptedCluster(12, [1, 2]);
  cluster.on(apiKeys.DescribeCluster, ({ request }) =>
    makeDescribeClusterResponse({
      endpointType: request.endpointType,
      clusterId: "cluster",
      controllerId: 2,
      brokers: [1, 2].map((brokerId) =>
        makeDescribeClusterResponseDescribeClusterBroker({
          brokerId,
          host: `broker-${brokerId}`,
          port: 9092,
        }),
      ),
    }),
  );
  const connections = new ClusterConnections({
    ports: cluster.client.ports,
    logger: silentLogger,
    config: new ClientConfig(ADMIN_CONFIGS, {}),
    clientId: "c",
    bootstrap: bootstrapNodes("bootstrap.controllers", ["broker-1:9092"]),
    inFlightMax: 5,
    usesControllers: true,
  });
  await known(cluster, connections);
  assert.equal(connections.metadata.controller?.id, 2);
});

test("closing fails what waits and what comes later", async () => {
  const cluster = new ScriptedCluster(11, [1]);
  const connections = connect(cluster, "broker-1:9092");
  const waiting = ask(connections, "any");
  connections.close();
  const late = ask(connections, "any");
  await cluster.run({ ms: 1000 });
  assert.deepEqual([reasonOf(waiting[0]), reasonOf(late[0])], ["closed", "closed"]);
});

test("a node that wants to be left alone is asked after all others, and is no reason to begin anew", async () => {
  const cluster = new ScriptedCluster(21, [1]);
  const connections = connect(cluster, "broker-1:9092");
  await known(cluster, connections);
  cluster.on(apiKeys.Metadata, ({ request }) => ({ ...cluster.metadata(request), throttleTimeMs: 400 }));
  const first = ask(connections, 1);
  await cluster.run({ until: () => first.length > 0 });
  const startMs = cluster.world.nowMs;
  assert.ok(connections.backOffMs(1) > 390);
  const second = ask(connections, "any");
  await cluster.run({ until: () => second.length > 0 });
  assert.equal(reasonOf(second[0]), "response");
  assert.ok(cluster.world.nowMs - startMs >= 400);
  cluster.start(2);
  connections.requestUpdate();
  await cluster.run({ until: () => connections.metadata.node(2) !== null, ms: 60_000 });
  assert.equal(connections.leastLoadedNode().id, 2);
});

test("requests of all connections of a client are numbered together, and a warning names the number", async () => {
  const cluster = new ScriptedCluster(22, [1]);
  const lines: string[] = [];
  const connections = new ClusterConnections({
    ports: cluster.client.ports,
    logger: { ...silentLogger, warn: (text) => lines.push(text) },
    config: new ClientConfig(ADMIN_CONFIGS, {}),
    clientId: "c",
    bootstrap: bootstrapNodes("bootstrap.servers", ["broker-1:9092"]),
    inFlightMax: 5,
    topics: () => ["t"],
    warnsOfBootstrap: true,
  });
  await known(cluster, connections);
  // ApiVersions was number 0.
  assert.match(lines[0] ?? "", /recoverable issue with correlation id 1 : \{t=UNKNOWN_TOPIC_OR_PARTITION\}$/);
});

test("metadata is asked for again when it is older than metadata.max.age.ms", async () => {
  const cluster = new ScriptedCluster(23, [1]);
  const connections = connect(cluster, "broker-1:9092", { "metadata.max.age.ms": 5000 });
  await known(cluster, connections);
  const before = cluster.log.length;
  await cluster.run({ ms: 16_000 });
  assert.equal(cluster.log.length - before, 3);
  assert.ok(connections.metadataAgeMs < 5000);
});

test("a connection without traffic is closed after connections.max.idle.ms, and made again when needed", async () => {
  const cluster = new ScriptedCluster(24, [1]);
  const lines: string[] = [];
  const logger = { ...silentLogger, info: (text: string) => lines.push(text) };
  const settings = { "connections.max.idle.ms": 60_000, "metadata.max.age.ms": 1_000_000 };
  const connections = connect(cluster, "broker-1:9092", settings, logger);
  await known(cluster, connections);
  await cluster.run({ ms: 50_000 });
  const used = ask(connections, 1);
  await cluster.run({ ms: 50_000 });
  assert.equal(reasonOf(used[0]), "response");
  assert.notEqual(connections.connection(1), null);
  await cluster.run({ ms: 11_000 });
  assert.equal(connections.connection(1), null);
  const again = ask(connections, 1);
  await cluster.run({ ms: 1000 });
  assert.equal(reasonOf(again[0]), "response");
  assert.deepEqual(lines, []);
});

test("too long without metadata begins anew, though all nodes can be connected to (KIP-1102)", async () => {
  const cluster = new ScriptedCluster(25, [1, 2, 3]);
  const lines: string[] = [];
  const logger = { ...silentLogger, info: (text: string) => lines.push(text) };
  const settings = {
    "metadata.recovery.rebootstrap.trigger.ms": 5000,
    "request.timeout.ms": 400,
    "reconnect.backoff.ms": 5,
    "retry.backoff.ms": 50,
  };
  const connections = connect(cluster, "broker-1:9092", settings, logger);
  await known(cluster, connections);
  const isBegunAnew = (): boolean => lines.some((line) => line.startsWith("Rebootstrapping with"));
  cluster.on(apiKeys.Metadata, () => null);
  connections.requestUpdate();
  await cluster.run({ ms: 4500 });
  assert.ok(!isBegunAnew());
  await cluster.run({ ms: 2000 });
  assert.ok(isBegunAnew());
  cluster.on(apiKeys.Metadata, ({ request }) => cluster.metadata(request));
  await cluster.run({ until: () => !connections.metadata.isBootstrap, ms: 10_000 });
  assert.equal(connections.metadata.isBootstrap, false);
});

test("a request to a muted node ends with its time", async () => {
  const cluster = new ScriptedCluster(26, [1]);
  const connections = connect(cluster, "broker-1:9092", { "request.timeout.ms": 300 });
  await known(cluster, connections);
  cluster.on(apiKeys.Metadata, ({ request }) => ({ ...cluster.metadata(request), throttleTimeMs: 5000 }));
  const muting = ask(connections, 1);
  await cluster.run({ until: () => muting.length > 0 });
  const late = ask(connections, 1);
  await cluster.run({ ms: 310 });
  assert.equal(reasonOf(late[0]), "timed-out");
  assert.notEqual(connections.connection(1), null);
});
