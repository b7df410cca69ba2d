// Topics over a real socket, from a first start through a clean stop and a kill.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { apiKeys, errors, ZERO_UUID } from "@ottla/protocol";
import { BrokerProcess, WireClient } from "./broker-process.ts";

let broker: BrokerProcess;

before(async () => {
  broker = await BrokerProcess.start();
});

after(async () => {
  await broker.remove();
});

const topic = { name: "orders", numPartitions: 3, replicationFactor: 1, assignments: [], configs: [] };
const byName = { topics: [{ name: "orders", topicId: ZERO_UUID }], allowAutoTopicCreation: false };

test("a topic is created, told, and deleted", async () => {
  const client = await WireClient.connect(broker.port);
  const versions = await client.ask(apiKeys.ApiVersions, 4, {
    clientSoftwareName: "test",
    clientSoftwareVersion: "1",
  });
  assert.equal(versions.errorCode, 0);
  assert.ok(versions.apiKeys.some(({ apiKey }) => apiKey === apiKeys.Produce));
  const created = await client.ask(apiKeys.CreateTopics, 7, { topics: [topic], timeoutMs: 5000 });
  assert.deepEqual(
    created.topics.map(({ errorCode, numPartitions }) => [errorCode, numPartitions]),
    [[0, 3]],
  );
  const again = await client.ask(apiKeys.CreateTopics, 7, { topics: [topic], timeoutMs: 5000 });
  assert.equal(again.topics[0]?.errorCode, errors.TOPIC_ALREADY_EXISTS.code);
  const metadata = await client.ask(apiKeys.Metadata, 12, byName);
  assert.deepEqual(
    metadata.brokers.map(({ nodeId, port }) => [nodeId, port]),
    [[1, broker.port]],
  );
  assert.deepEqual(
    metadata.topics[0]?.partitions.map(({ leaderId, errorCode }) => [leaderId, errorCode]),
    [
      [1, 0],
      [1, 0],
      [1, 0],
    ],
  );
  const deleted = await client.ask(apiKeys.DeleteTopics, 6, {
    topics: [{ name: "orders", topicId: ZERO_UUID }],
    timeoutMs: 5000,
  });
  assert.equal(deleted.responses[0]?.errorCode, 0);
  const gone = await client.ask(apiKeys.Metadata, 12, byName);
  assert.equal(gone.topics[0]?.errorCode, errors.UNKNOWN_TOPIC_OR_PARTITION.code);
  client.socket.destroy();
});

test("topics survive a clean stop and a kill, and lead again", async () => {
  const first = await WireClient.connect(broker.port);
  await first.ask(apiKeys.CreateTopics, 7, { topics: [topic], timeoutMs: 5000 });
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const code = await broker.stop(signal);
    assert.equal(code, signal === "SIGTERM" ? 0 : null);
    await broker.start();
    const client = await WireClient.connect(broker.port);
    const metadata = await client.ask(apiKeys.Metadata, 12, byName);
    const leaders = metadata.topics[0]?.partitions.map(({ leaderId, isrNodes }) => [leaderId, isrNodes]);
    assert.deepEqual(
      leaders,
      [
        [1, [1]],
        [1, [1]],
        [1, [1]],
      ],
      `after ${signal}`,
    );
    client.socket.destroy();
  }
});

test("a second broker on the same directory ends with one line that says why", async () => {
  const second = new BrokerProcess();
  Object.assign(second, { directory: broker.directory });
  await assert.rejects(second.start(), /\.lock is held/);
});
