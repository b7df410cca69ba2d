import assert from "node:assert/strict";
import { test } from "node:test";
import { brokerConfigOf } from "@ottla/config";
import { writeMetaProperties } from "@ottla/log";
import { bootstrapFeatures, formatDirectory } from "@ottla/metadata";
import { DiskError, type FakeNode, FakeWorld, NotedLogger, plainLoggers } from "@ottla/ports";
import {
  apiKeys,
  type CreateTopicsResponse,
  errors,
  type InitProducerIdResponse,
  type MetadataResponse,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";
import { Broker, BrokerStartError } from "./broker.ts";
import { FakeClient } from "./testing/fake-client.ts";

const clusterId = "5L6g3nShT-eMCtK--X86sw";
const directoryId = "DDDDDDDDDDDDDDDDDDDDDA" as Uuid;
const oneTopic = {
  topics: [{ name: "t", numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }],
  timeoutMs: 5000,
};
const askTopic = { topics: [{ name: "t", topicId: ZERO_UUID }], allowAutoTopicCreation: false };

/** A formatted node of a fake world, not started. */
function formatted(seed: number): { world: FakeWorld; node: FakeNode; client: FakeNode } {
  const world = new FakeWorld({ seed });
  const node = world.node("broker-1");
  const { disk, clock } = node.ports;
  disk.makeDirectory("/data");
  const features = bootstrapFeatures(null, new Map());
  assert.ok(!("problem" in features));
  const format = {
    clusterId,
    nodeId: 1,
    directoryId,
    features,
    scram: [],
    initialControllers: null,
    nowMs: clock.wallMs(),
  };
  for (const [name, content] of formatDirectory(format).files) disk.replaceFile(`/data/${name}`, content);
  writeMetaProperties(disk, "/data", { clusterId, nodeId: 1, directoryId }, "test");
  disk.syncDirectory("/");
  return { world, node, client: world.node("client") };
}

function start(
  world: FakeWorld,
  node: FakeNode,
  settings: Readonly<Record<string, string>> = {},
): Broker | BrokerStartError {
  const config = brokerConfigOf({
    "node.id": "1",
    "process.roles": "broker,controller",
    "controller.quorum.voters": "1@broker-1:9093",
    "controller.listener.names": "CONTROLLER",
    listeners: "PLAINTEXT://broker-1:9092,CONTROLLER://broker-1:9093",
    "log.dirs": "/data",
    ...settings,
  });
  const logger = new NotedLogger();
  let started: Broker | BrokerStartError | null = null;
  Broker.open({ ports: node.ports, config, loggers: plainLoggers(logger) }, (result) => {
    started = result;
  });
  world.run({ ms: 120_000, until: () => started !== null });
  assert.ok(started !== null, "the start ends");
  return started;
}

function serving(world: FakeWorld, node: FakeNode): Broker {
  const started = start(world, node);
  if (started instanceof BrokerStartError) throw started;
  return started;
}

function leadersOf(world: FakeWorld, from: FakeNode): [number, number][] {
  const client = FakeClient.connect(world, from, "broker-1", 9092);
  const answer = client.ask(apiKeys.Metadata, 12, askTopic) as MetadataResponse;
  client.end();
  return answer.topics.flatMap(({ partitions }) =>
    partitions.map(({ leaderId, errorCode }): [number, number] => [leaderId, errorCode]),
  );
}

test("a node that is open serves: topics have leaders, producers get ids", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const { world, node, client } = formatted(seed);
    serving(world, node);
    const connection = FakeClient.connect(world, client, "broker-1", 9092);
    const created = connection.ask(apiKeys.CreateTopics, 7, oneTopic) as CreateTopicsResponse;
    assert.equal(created.topics[0]?.errorCode, 0);
    assert.deepEqual(leadersOf(world, client), [
      [1, 0],
      [1, 0],
    ]);
    const initialised = connection.ask(apiKeys.InitProducerId, 4, {
      transactionalId: null,
      transactionTimeoutMs: 1000,
    }) as InitProducerIdResponse;
    assert.equal(initialised.errorCode, 0);
    assert.equal(world.halts.length, 0);
  }
});

test("what was acknowledged is there after a loss of power, a kill, and a clean stop", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const { world, node, client } = formatted(seed);
    serving(world, node);
    const connection = FakeClient.connect(world, client, "broker-1", 9092);
    connection.ask(apiKeys.CreateTopics, 7, oneTopic);
    for (const how of ["power", "kill"] as const) {
      world.crash("broker-1", { how });
      serving(world, world.restart("broker-1"));
      assert.deepEqual(
        leadersOf(world, client),
        [
          [1, 0],
          [1, 0],
        ],
        `seed ${seed}, after ${how}`,
      );
    }
    world.crash("broker-1", { how: "kill" });
    const broker = serving(world, world.restart("broker-1"));
    let isClosed = false;
    broker.close(() => {
      isClosed = true;
    });
    world.run({ ms: 60_000, until: () => isClosed });
    assert.equal(isClosed, true);
    world.crash("broker-1", { how: "power" });
    serving(world, world.restart("broker-1"));
    assert.equal(leadersOf(world, client).length, 2);
  }
});

test("a node that died is served again within a second of its start", () => {
  const { world, node } = formatted(3);
  serving(world, node);
  world.crash("broker-1", { how: "kill" });
  const again = world.restart("broker-1");
  const startMs = world.nowMs;
  serving(world, again);
  assert.ok(world.nowMs - startMs < 1000);
});

test("a directory that is not formatted, or of another cluster or node, is refused with its path", () => {
  const { world, node } = formatted(1);
  node.ports.disk.makeDirectory("/empty");
  const unformatted = start(world, node, { "log.dirs": "/empty" });
  assert.match(String((unformatted as Error).message), /\/empty.*not formatted/);
  const other = start(world, node, { "node.id": "2", "controller.quorum.voters": "2@broker-1:9093" });
  assert.match(String((other as Error).message), /\/data.*node 1/);
});

test("a port in use ends the start and gives the directories back", () => {
  const { world, node } = formatted(1);
  let isBound = false;
  node.ports.network.listen(
    { host: "broker-1", port: 9092, backlog: 1 },
    () => null,
    () => {
      isBound = true;
    },
  );
  world.run({ until: () => isBound });
  const refused = start(world, node);
  assert.match(String((refused as Error).message), /EADDRINUSE/);
  assert.ok(
    start(world, node, { listeners: "PLAINTEXT://broker-1:9192,CONTROLLER://broker-1:9093" }) instanceof
      Broker,
  );
});

test("closing answers what is under way and takes no new connection", () => {
  const { world, node, client } = formatted(5);
  const broker = serving(world, node);
  const connection = FakeClient.connect(world, client, "broker-1", 9092);
  assert.notEqual(connection.ask(apiKeys.ApiVersions, 0, {}), null);
  let isClosed = false;
  broker.close(() => {
    isClosed = true;
  });
  world.run({ ms: 60_000, until: () => isClosed });
  assert.equal(isClosed, true);
  world.run({ ms: 1000 });
  assert.equal(connection.isClosed, true);
  const late = FakeClient.connect(world, client, "broker-1", 9092);
  assert.equal(late.isClosed, true);
});

test("a topic that a client asks for is created and has a leader at the next try", () => {
  const { world, node, client } = formatted(6);
  serving(world, node);
  const connection = FakeClient.connect(world, client, "broker-1", 9092);
  const ask = (): number | undefined =>
    (connection.ask(apiKeys.Metadata, 12, { ...askTopic, allowAutoTopicCreation: true }) as MetadataResponse)
      .topics[0]?.errorCode;
  assert.equal(ask(), errors.UNKNOWN_TOPIC_OR_PARTITION.code);
  world.run({ ms: 1000 });
  assert.equal(ask(), 0);
});

test("a node that lost its last log directory ends, so that a new process can recover what is there", () => {
  const { world, node } = formatted(8);
  const { logs } = serving(world, node).services;
  for (const directory of logs.directories) directory.goOffline(new DiskError("sync", directory.path, "EIO"));
  world.run({ ms: 5_000, until: () => !node.isAlive });
  assert.deepEqual(world.halts, [
    { node: "broker-1", exitCode: 1, reason: "every log directory is offline" },
  ]);
});

test("the log of a partition that the cluster does not know is set aside, not deleted", () => {
  const { world, node } = formatted(7);
  node.ports.disk.makeDirectory("/data/ghost-0");
  serving(world, node);
  const names = node.ports.disk.list("/data").filter((name) => name.startsWith("ghost-0"));
  assert.equal(names.length, 1);
  assert.match(names[0] ?? "", /-stray$/);
});

test("when every log directory is lost the process ends, so that another broker may lead", () => {
  const { world, node } = formatted(8);
  const broker = serving(world, node);
  Object.defineProperty(broker.services.logs, "directories", { get: () => [{ isOnline: false }] });
  world.run({ ms: 2000, until: () => world.halts.length > 0 });
  assert.equal(world.halts[0]?.exitCode, 1);
});
