// Names that hurt: of the language this is written in, and ones that are no names at all. The first are
// ordinary names; the others are refused by every API.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { apiKeys, buildBatch, errors, type Uuid, ZERO_UUID } from "@ottla/protocol";
import { WireClient } from "../broker-process.ts";
import {
  createTopic,
  fetchRecords,
  HealthyClient,
  ObservedBroker,
  produce,
  smallBatch,
} from "./observed-broker.ts";

const ordinary = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "prototype"];
const illegal = ["..", ".", "", "a/b", "../up", "a\u0000b", "x".repeat(250), "a b", "ä", "a:b", "a\\b"];

let broker: ObservedBroker;
let healthy: HealthyClient;
let client: WireClient;

before(async () => {
  broker = await ObservedBroker.start({ "auto.create.topics.enable": "true" });
  client = await broker.connect();
  healthy = await HealthyClient.start(broker);
});

after(async () => {
  await broker.remove();
});

const creation = (name: string) => ({
  name,
  numPartitions: 1,
  replicationFactor: 1,
  assignments: [],
  configs: [],
});

async function metadataError(name: string, allowAutoTopicCreation = false): Promise<number | undefined> {
  const topics = [{ name, topicId: ZERO_UUID }];
  const answer = await client.ask(apiKeys.Metadata, 12, { topics, allowAutoTopicCreation });
  return answer.topics[0]?.errorCode;
}

for (const name of ordinary) {
  test(`${name} is a topic like any other`, async () => {
    assert.equal(await metadataError(name), errors.UNKNOWN_TOPIC_OR_PARTITION.code);
    assert.equal(
      (await produce(client, name, smallBatch(Uint8Array.of(1)))).errorCode,
      errors.UNKNOWN_TOPIC_OR_PARTITION.code,
    );
    await createTopic(client, name, 1);
    assert.equal(await metadataError(name), 0);
    const value = new TextEncoder().encode(name);
    const records = buildBatch({
      records: [{ timestamp: Date.now(), key: value, value, headers: [{ key: name, value }] }],
    });
    assert.equal((await produce(client, name, records)).errorCode, 0);
    const fetched = await fetchRecords(client, name, 0n);
    // Bytes in between are offset, leader epoch and checksum.
    assert.deepEqual([...fetched.subarray(21)], [...records.subarray(21)]);
    const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp: -1n }];
    const listed = await client.ask(apiKeys.ListOffsets, 7, {
      replicaId: -1,
      topics: [{ name, partitions }],
    });
    assert.equal(listed.topics[0]?.partitions[0]?.offset, 1n);
    const described = await client.ask(apiKeys.DescribeTopicPartitions, 0, {
      topics: [{ name }],
      responsePartitionLimit: 10,
    });
    assert.deepEqual(
      described.topics.map((topic) => [topic.name, topic.errorCode]),
      [[name, 0]],
    );
    const configs = await client.ask(apiKeys.DescribeConfigs, 4, {
      resources: [{ resourceType: 2, resourceName: name, configurationKeys: null }],
    });
    assert.equal(configs.results[0]?.errorCode, 0);
    const all = await client.ask(apiKeys.Metadata, 12, { topics: null });
    assert.ok(all.topics.some((topic) => topic.name === name));
    const deleted = await client.ask(apiKeys.DeleteTopics, 6, {
      topics: [{ name, topicId: ZERO_UUID }],
      timeoutMs: 10_000,
    });
    assert.equal(deleted.responses[0]?.errorCode, 0);
    assert.equal(await metadataError(name), errors.UNKNOWN_TOPIC_OR_PARTITION.code);
  });

  test(`${name} as a client id, a setting and a resource is nothing special`, async () => {
    const setting = { name, value: "1" };
    const created = await client.ask(apiKeys.CreateTopics, 7, {
      topics: [{ ...creation("settings-of-nobody"), configs: [setting] }],
      timeoutMs: 5000,
    });
    assert.equal(created.topics[0]?.errorCode, errors.INVALID_CONFIG.code);
    const altered = await client.ask(apiKeys.IncrementalAlterConfigs, 1, {
      resources: [
        { resourceType: 2, resourceName: "healthy", configs: [{ name, configOperation: 0, value: "1" }] },
      ],
    });
    assert.equal(altered.responses[0]?.errorCode, errors.INVALID_CONFIG.code);
    const described = await client.ask(apiKeys.DescribeConfigs, 4, {
      resources: [
        { resourceType: 2, resourceName: "healthy", configurationKeys: [name] },
        { resourceType: 4, resourceName: name, configurationKeys: null },
      ],
    });
    assert.deepEqual(described.results[0]?.configs, []);
    assert.equal(described.results[1]?.errorCode, errors.INVALID_REQUEST.code);
    const other = await WireClient.connect(broker.port);
    const text = new TextEncoder().encode(name);
    const frame = Buffer.concat([Buffer.from([0, 18, 0, 0, 0, 0, 0, 7, 0, text.length]), text]);
    other.socket.write(Buffer.concat([Buffer.from([0, 0, 0, frame.length]), frame]));
    assert.notEqual(await other.receive(), null);
    other.socket.destroy();
  });
}

for (const name of illegal) {
  test(`${JSON.stringify(name.slice(0, 20))} is refused everywhere`, async () => {
    const invalid = errors.INVALID_TOPIC_EXCEPTION.code;
    const unknown = errors.UNKNOWN_TOPIC_OR_PARTITION.code;
    const created = await client.ask(apiKeys.CreateTopics, 7, { topics: [creation(name)], timeoutMs: 5000 });
    assert.equal(created.topics[0]?.errorCode, invalid, "CreateTopics");
    assert.equal(await metadataError(name, true), invalid, "Metadata");
    const produced = await produce(client, name, smallBatch(Uint8Array.of(1)));
    assert.ok([invalid, unknown].includes(produced.errorCode), `Produce: ${produced.errorCode}`);
    const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp: -1n }];
    const listed = await client.ask(apiKeys.ListOffsets, 7, {
      replicaId: -1,
      topics: [{ name, partitions }],
    });
    assert.equal(listed.topics[0]?.partitions[0]?.errorCode, unknown, "ListOffsets");
    const epochs = await client.ask(apiKeys.OffsetForLeaderEpoch, 4, {
      replicaId: -1,
      topics: [{ topic: name, partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }] }],
    });
    assert.equal(epochs.topics[0]?.partitions[0]?.errorCode, unknown, "OffsetForLeaderEpoch");
    const deleted = await client.ask(apiKeys.DeleteTopics, 6, {
      topics: [{ name, topicId: ZERO_UUID }],
      timeoutMs: 5000,
    });
    assert.ok([invalid, unknown].includes(deleted.responses[0]?.errorCode ?? 0), "DeleteTopics");
    const grown = await client.ask(apiKeys.CreatePartitions, 3, {
      topics: [{ name, count: 3, assignments: null }],
      timeoutMs: 5000,
    });
    assert.ok([invalid, unknown].includes(grown.results[0]?.errorCode ?? 0), "CreatePartitions");
    const configs = await client.ask(apiKeys.DescribeConfigs, 4, {
      resources: [{ resourceType: 2, resourceName: name, configurationKeys: null }],
    });
    assert.notEqual(configs.results[0]?.errorCode, 0, "DescribeConfigs");
    const altered = await client.ask(apiKeys.IncrementalAlterConfigs, 1, {
      resources: [
        {
          resourceType: 2,
          resourceName: name,
          configs: [{ name: "retention.ms", configOperation: 0, value: "1" }],
        },
      ],
    });
    assert.notEqual(altered.responses[0]?.errorCode, 0, "IncrementalAlterConfigs");
    const described = await client.ask(apiKeys.DescribeTopicPartitions, 0, {
      topics: [{ name }],
      responsePartitionLimit: 10,
    });
    assert.notEqual(described.topics[0]?.errorCode, 0, "DescribeTopicPartitions");
  });
}

test("a.b and a_b are one name to metrics, and not both created", async () => {
  await createTopic(client, "a.b", 1);
  const created = await client.ask(apiKeys.CreateTopics, 7, { topics: [creation("a_b")], timeoutMs: 5000 });
  assert.equal(created.topics[0]?.errorCode, errors.INVALID_TOPIC_EXCEPTION.code);
});

test("the longest name works, on the disk too", async () => {
  const name = "x".repeat(249);
  await createTopic(client, name, 1);
  assert.equal((await produce(client, name, smallBatch(Uint8Array.of(1)))).errorCode, 0);
  assert.ok(existsSync(join(broker.directory, `${name}-0`)));
  await client.ask(apiKeys.DeleteTopics, 6, { topics: [{ name, topicId: ZERO_UUID }], timeoutMs: 10_000 });
  assert.equal(await metadataError(name), errors.UNKNOWN_TOPIC_OR_PARTITION.code);
});

test("a topic id that is another's name finds nothing", async () => {
  const topicId = "__proto____proto____pA" as Uuid;
  const answer = await client.ask(apiKeys.Metadata, 12, { topics: [{ name: null, topicId }] });
  assert.equal(answer.topics[0]?.errorCode, errors.UNKNOWN_TOPIC_ID.code);
});

test("nothing was written beside the data directory, the healthy client lost nothing, no handler failed", async () => {
  const strange = readdirSync(broker.directory).filter((name) => !/^[\w.-]+$/.test(name));
  assert.deepEqual(strange, []);
  await healthy.stop();
  assert.equal((await broker.report()).bugs, 0);
});
