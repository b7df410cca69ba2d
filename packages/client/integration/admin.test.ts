// The admin client against a real broker in this process.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  Admin,
  configResourceTypes,
  KafkaError,
  nodeEnvironment,
  offsetSpecs,
  TimeoutError,
} from "@ottla/client";
import { type StartedBroker, startBroker } from "@ottla/testkit";

let broker: StartedBroker;
let admin: Admin;

before(async () => {
  broker = await startBroker({ settings: { "offsets.topic.replication.factor": "1" } });
  admin = new Admin({ "bootstrap.servers": broker.bootstrap });
});

after(async () => {
  await admin.close();
  await broker.stop();
});

test("a topic is created, listed, described, given more partitions and deleted", async () => {
  const created = await admin.createTopics([
    {
      name: "orders",
      numPartitions: 3,
      replicationFactor: 1,
      configs: new Map([["retention.ms", "1000"]]),
    },
    { name: "no/topic" },
  ]);
  const orders = created.get("orders");
  assert.ok(orders !== undefined && !(orders instanceof KafkaError));
  assert.equal(orders.numPartitions, 3);
  assert.equal(orders.configs.get("retention.ms"), "1000");
  assert.equal((created.get("no/topic") as KafkaError).name, "INVALID_TOPIC_EXCEPTION");
  const listed = await admin.listTopics();
  assert.deepEqual(listed, [{ name: "orders", topicId: orders.topicId, isInternal: false }]);
  const described = (await admin.describeTopics(["orders", "nothing"])) as Map<string, never>;
  const { partitions } = described.get("orders") as unknown as { partitions: { isr: { id: number }[] }[] };
  assert.deepEqual(
    partitions.map(({ isr }) => isr.map(({ id }) => id)),
    [[1], [1], [1]],
  );
  assert.equal((described.get("nothing") as KafkaError).name, "UNKNOWN_TOPIC_OR_PARTITION");
  const more = await admin.createPartitions(new Map([["orders", { totalCount: 5 }]]));
  assert.equal(more.get("orders"), null);
  const byId = await admin.describeTopics({ ids: [orders.topicId] });
  const again = byId.get(orders.topicId);
  assert.ok(again !== undefined && !(again instanceof KafkaError));
  assert.equal(again.partitions.length, 5);
  assert.equal((await admin.deleteTopics(["orders"])).get("orders"), null);
  assert.deepEqual(await admin.listTopics(), []);
});

test("the cluster, its versions and its features are told", async () => {
  const cluster = await admin.describeCluster();
  assert.equal(cluster.clusterId?.length, 22);
  assert.deepEqual(
    cluster.nodes.map(({ id, host, port }) => [id, host, port]),
    [[1, broker.host, broker.port]],
  );
  const { apis } = await admin.apiVersions(1);
  assert.ok(apis.some(({ apiKey }) => apiKey === 3));
  const features = await admin.describeFeatures();
  assert.ok((features.finalized.get("metadata.version")?.maxVersion ?? 0) > 0);
});

test("configs are described and changed", async () => {
  await admin.createTopics([{ name: "configured", numPartitions: 1, replicationFactor: 1 }]);
  const topic = { type: configResourceTypes.topic, name: "configured" };
  const node = { type: configResourceTypes.broker, name: "1" };
  const changed = await admin.incrementalAlterConfigs(
    new Map([[topic, [{ name: "max.message.bytes", value: "4242", operation: 0 }]]]),
  );
  assert.equal(changed.get(topic), null);
  const described = await admin.describeConfigs([topic, node], { includeSynonyms: true });
  const entries = described.get(topic);
  assert.ok(entries !== undefined && !(entries instanceof KafkaError));
  assert.equal(entries.find(({ name }) => name === "max.message.bytes")?.value, "4242");
  assert.ok(!(described.get(node) instanceof KafkaError));
});

test("offsets of partitions are looked up at their leaders", async () => {
  await admin.createTopics([{ name: "looked-up", numPartitions: 2, replicationFactor: 1 }]);
  const [first, second] = [0, 1].map((partition) => ({ topic: "looked-up", partition }));
  assert.ok(first !== undefined && second !== undefined);
  const listed = await admin.listOffsets([
    [first, offsetSpecs.latest],
    [second, offsetSpecs.maxTimestamp],
  ]);
  assert.deepEqual(listed.get(first), { offset: 0, timestamp: -1, leaderEpoch: 0 });
  assert.equal((listed.get(second) as { offset: number }).offset, -1);
});

test("a partition that does not exist is asked for until the time is over", async () => {
  const nowhere = { topic: "nowhere", partition: 0 };
  const listed = await admin.listOffsets([[nowhere, offsetSpecs.latest]], { timeoutMs: 300 });
  const error = listed.get(nowhere);
  assert.ok(error instanceof TimeoutError);
  assert.match(error.message, /^Call\(callName=listOffsets\(api=METADATA\), deadlineMs=\d+, tries=\d+/);
});

test("groups are listed, their offsets committed, fetched and deleted", async () => {
  await admin.createTopics([{ name: "grouped", numPartitions: 1, replicationFactor: 1 }]);
  const partition = { topic: "grouped", partition: 0 };
  const altered = await admin.alterConsumerGroupOffsets("g", [[partition, { offset: 7, metadata: "m" }]]);
  assert.equal(altered.get(partition), null);
  const fetched = (await admin.listConsumerGroupOffsets(new Map([["g", null]]))).get("g");
  assert.ok(fetched !== undefined && !(fetched instanceof KafkaError));
  assert.deepEqual(fetched.get(partition), { offset: 7, leaderEpoch: null, metadata: "m" });
  assert.deepEqual(
    (await admin.listGroups()).map(({ groupId, isSimple, state }) => [groupId, isSimple, state]),
    [["g", true, "Empty"]],
  );
  const described = (await admin.describeConsumerGroups(["g"])).get("g");
  assert.ok(described !== undefined && !(described instanceof KafkaError));
  assert.equal(described.state, "Empty");
  assert.equal(described.coordinator.id, 1);
  assert.equal((await admin.deleteConsumerGroupOffsets("g", [partition])).get(partition), null);
  assert.equal((await admin.deleteConsumerGroups(["g"])).get("g")?.name, undefined);
  const gone = (await admin.deleteConsumerGroups(["gone"])).get("gone");
  assert.equal(gone?.name, "GROUP_ID_NOT_FOUND");
});

test("nobody at the address is a time-out that names the call", async () => {
  const warnings: string[] = [];
  const logger = { debug() {}, info() {}, warn: (text: string) => warnings.push(text), error() {} };
  const lonely = new Admin({ "bootstrap.servers": "127.0.0.1:1" }, nodeEnvironment(logger));
  await assert.rejects(lonely.listTopics({ timeoutMs: 200 }), {
    message: "Timed out waiting for a node assignment. Call: listTopics",
  });
  await lonely.close();
  assert.equal(
    warnings[0],
    "[AdminClient clientId=adminclient-1] Connection to node -1 (/127.0.0.1:1) could not be established. " +
      "Node may not be available.",
  );
});
