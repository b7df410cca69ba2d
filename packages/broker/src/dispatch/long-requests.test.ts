// Requests about very many things, on a whole node: what they are answered, in which order, and what becomes
// of them when their client goes.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apiKeys,
  type CreateTopicsResponse,
  type FetchResponse,
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

function fetchOf(topicId: Uuid, fields: Fields): Fields {
  const partitions = indexes.map((partition) => ({
    partition,
    currentLeaderEpoch: -1,
    fetchOffset: 0n,
    lastFetchedEpoch: -1,
    logStartOffset: -1n,
    partitionMaxBytes: 1000,
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
  for (let events = 1; events < 60; events += 6) {
    const client = node.connect();
    const session = { sessionId: 0, sessionEpoch: 0 };
    client.send(requestFrame(apiKeys.Fetch, 13, fetchOf(topicId, { ...session, maxWaitMs: 60_000 })));
    node.world.run({ events });
    client.end();
    node.world.run({ ms: 100 });
    const { partitions } = node.broker.services;
    const watched = [...partitions.all()].filter(({ waitingCount }) => waitingCount > 0);
    assert.deepEqual(watched, [], `after ${events} events`);
  }
  assert.deepEqual(node.errorsLogged, []);
});
