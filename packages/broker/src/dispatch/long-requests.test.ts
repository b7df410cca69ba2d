// Requests about very many things, on a whole node: what they are answered, in which order, and what becomes
// of them when their client goes.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apiKeys,
  type CreateTopicsResponse,
  type FetchResponse,
  type IncrementalAlterConfigsResponse,
  type ListOffsetsResponse,
  type MetadataResponse,
  type ProduceResponse,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";
import { batchOf } from "../testing/data-plane-broker.ts";
import { requestFrame } from "../testing/fake-client.ts";
import { type WholeBroker, wholeBroker } from "../testing/whole-broker.ts";

const partitionCount = 1100;
const indexes = Array.from({ length: partitionCount }, (_, index) => index);

/** A node with one topic of many partitions; the works that ran in slices are noted by name. */
function nodeWithPartitions(): { node: WholeBroker; slices: Set<string>; topicId: Uuid } {
  const node = wholeBroker({ seed: 4 });
  const client = node.connect();
  const topics = [
    { name: "t", numPartitions: partitionCount, replicationFactor: 1, assignments: [], configs: [] },
  ];
  const created = client.ask(apiKeys.CreateTopics, 7, { topics, timeoutMs: 60_000 });
  const [result] = (created as CreateTopicsResponse).topics;
  assert.equal(result?.errorCode, 0);
  client.end();
  const slices = new Set<string>();
  node.broker.services.slices.observe((name) => slices.add(name));
  return { node, slices, topicId: result?.topicId as Uuid };
}

type Fields = Readonly<Record<string, unknown>>;

function fetchOf(topicId: Uuid, fields: Fields, partitionMaxBytes = 1000): Fields {
  const partitions = indexes.map((partition) => ({
    partition,
    currentLeaderEpoch: -1,
    fetchOffset: 0n,
    lastFetchedEpoch: -1,
    logStartOffset: -1n,
    partitionMaxBytes,
    replicaDirectoryId: ZERO_UUID,
    highWatermark: 9_223_372_036_854_775_807n,
  }));
  return {
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 10_000_000,
    isolationLevel: 0,
    rackId: "",
    forgottenTopicsData: [],
    topics: [{ topic: "", topicId, partitions }],
    ...fields,
  };
}

function produceOf(acks: number, records: Uint8Array): Fields {
  const partitionData = indexes.map((index) => ({ index, records }));
  const topicData = [{ name: "t", topicId: ZERO_UUID, partitionData }];
  return { transactionalId: null, acks, timeoutMs: 30_000, topicData };
}

test("a client is answered for every partition, by every API that names them", () => {
  const { node, slices, topicId } = nodeWithPartitions();
  const client = node.connect();
  const produced = client.ask(apiKeys.Produce, 9, produceOf(-1, batchOf(["a"]))) as ProduceResponse;
  const answers = produced.responses.flatMap(({ partitionResponses }) => partitionResponses);
  assert.equal(answers.length, partitionCount);
  assert.deepEqual(new Set(answers.map(({ errorCode }) => errorCode)), new Set([0]));
  const wanted = indexes.map((partitionIndex) => ({
    partitionIndex,
    currentLeaderEpoch: -1,
    timestamp: -1n,
  }));
  const asked = { replicaId: -1, isolationLevel: 0, topics: [{ name: "t", partitions: wanted }] };
  const listed = client.ask(apiKeys.ListOffsets, 7, asked) as ListOffsetsResponse;
  assert.deepEqual(new Set(listed.topics[0]?.partitions.map(({ offset }) => offset)), new Set([1n]));
  const metadata = client.ask(apiKeys.Metadata, 12, { topics: null }) as MetadataResponse;
  assert.deepEqual(
    metadata.topics[0]?.partitions.map(({ partitionIndex }) => partitionIndex),
    indexes,
  );
  const session = { sessionId: 0, sessionEpoch: 0 };
  const fetched = client.ask(apiKeys.Fetch, 13, fetchOf(topicId, session)) as FetchResponse;
  const read = fetched.responses.flatMap(({ partitions }) => partitions);
  assert.equal(read.filter(({ records }) => (records?.length ?? 0) > 0).length, partitionCount);
  for (const name of ["Produce", "ListOffsets", "Metadata", "Fetch", "Fetch reads"]) {
    assert.ok(slices.has(name), `${name} in slices`);
  }
});

test("changes of very many settings are looked at in slices, and all answered", () => {
  const { node, slices } = nodeWithPartitions();
  const client = node.connect();
  const set = (name: string) => ({ name, configOperation: 0, value: "1" });
  const topics = indexes.map((index) => ({ resourceType: 2, resourceName: `none${index}`, configs: [] }));
  const configs = indexes.map((index) => set(`unknown.${index}`));
  const broker = { resourceType: 4, resourceName: "", configs: [...configs, set("node.id")] };
  const asked = { resources: [...topics, broker], validateOnly: true };
  const { responses } = client.ask(
    apiKeys.IncrementalAlterConfigs,
    1,
    asked,
  ) as IncrementalAlterConfigsResponse;
  assert.equal(responses.length, partitionCount + 1);
  const refused = responses.find(({ resourceType }) => resourceType === 4);
  assert.equal(refused?.errorMessage, "Cannot update these configs dynamically: [node.id]");
  assert.ok(slices.has("IncrementalAlterConfigs"));
});

test("requests behind a long one are answered behind it", () => {
  const { node } = nodeWithPartitions();
  const client = node.connect();
  client.send(requestFrame(apiKeys.Metadata, 12, { topics: null }, 1));
  client.send(requestFrame(apiKeys.ApiVersions, 0, {}, 2));
  client.send(requestFrame(apiKeys.Produce, 9, produceOf(1, batchOf(["a"])), 3));
  client.send(requestFrame(apiKeys.Produce, 9, produceOf(1, batchOf(["b"])), 4));
  client.send(requestFrame(apiKeys.Metadata, 12, { topics: [] }, 5));
  const correlations = Array.from({ length: 5 }, () => {
    const frame = client.receive();
    assert.ok(frame !== null);
    return new DataView(frame.buffer, frame.byteOffset).getInt32(0);
  });
  assert.deepEqual(correlations, [1, 2, 3, 4, 5]);
});

test("a client that goes in the middle leaves nothing behind, wherever its request was", () => {
  const { node, topicId } = nodeWithPartitions();
  const writer = node.connect();
  writer.ask(apiKeys.Produce, 9, produceOf(-1, batchOf(["a"])));
  const { partitions, logs } = node.broker.services;
  for (const maxWaitMs of [0, 60_000]) {
    // Those that wait ask for what is not there yet.
    const [minBytes, partitionMaxBytes] = maxWaitMs === 0 ? [1, 1000] : [100_000_000, 0];
    for (let events = 1; events < 200; events += 14) {
      const client = node.connect();
      const asked = fetchOf(
        topicId,
        { sessionId: 0, sessionEpoch: 0, maxWaitMs, minBytes },
        partitionMaxBytes,
      );
      client.send(requestFrame(apiKeys.Fetch, 13, asked));
      node.world.run({ events });
      client.end();
      node.world.run({ ms: 100 });
      const watched = [...partitions.all()].filter(({ waitingCount }) => waitingCount > 0);
      assert.deepEqual([watched, logs.lentBytes], [[], 0], `after ${events} events`);
    }
  }
  assert.deepEqual(node.errorsLogged, []);
});

test("a session goes on with its next request, wherever the one before was", () => {
  const { node, topicId } = nodeWithPartitions();
  const writer = node.connect();
  for (let events = 1; events < 150; events += 23) {
    const client = node.connect();
    const opened = client.ask(apiKeys.Fetch, 13, fetchOf(topicId, { sessionId: 0, sessionEpoch: 0 }));
    const { sessionId } = opened as FetchResponse;
    writer.ask(apiKeys.Produce, 9, produceOf(-1, batchOf(["a"])));
    const poll = { ...fetchOf(topicId, { sessionId, maxWaitMs: 1000 }), topics: [] };
    client.send(requestFrame(apiKeys.Fetch, 13, { ...poll, sessionEpoch: 1 }));
    node.world.run({ events });
    const other = node.connect();
    const next = other.ask(apiKeys.Fetch, 13, { ...poll, sessionEpoch: 2 }) as FetchResponse;
    assert.equal(next.errorCode, 0, `after ${events} events`);
    assert.ok(client.receive() !== null, "the one before is answered, too");
    client.end();
    other.end();
    node.world.run({ ms: 100 });
    assert.equal(node.broker.services.logs.lentBytes, 0);
  }
  assert.deepEqual(node.errorsLogged, []);
});

test("what was read for a long Fetch is put together in turns of its own", () => {
  const { node, topicId } = nodeWithPartitions();
  const client = node.connect();
  const works: string[] = [];
  node.broker.services.slices.observe((name) => works.push(name));
  client.ask(apiKeys.Fetch, 13, fetchOf(topicId, { sessionId: 0, sessionEpoch: -1 }));
  const afterReads = works.slice(works.lastIndexOf("Fetch reads") + 1);
  // Outcomes, records, the topics and the bytes: each pass over all partitions is more than a slice.
  assert.ok(afterReads.filter((name) => name === "Fetch").length >= 4, works.join());
});
