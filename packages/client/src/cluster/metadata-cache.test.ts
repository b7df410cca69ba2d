import assert from "node:assert/strict";
import { test } from "node:test";
import {
  errors,
  type MetadataResponse,
  makeMetadataResponse,
  makeMetadataResponseMetadataResponseBroker,
  makeMetadataResponseMetadataResponsePartition,
  makeMetadataResponseMetadataResponseTopic,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";
import { MetadataCache } from "./metadata-cache.ts";

const ID = "topicxxxxxxxxxxxxxxxxA" as Uuid;
const OTHER_ID = "otherxxxxxxxxxxxxxxxxA" as Uuid;

function answer(topicId: Uuid, leaderId: number, leaderEpoch: number, partitionIndex = 0): MetadataResponse {
  const partition = makeMetadataResponseMetadataResponsePartition({ partitionIndex, leaderId, leaderEpoch });
  return makeMetadataResponse({
    brokers: [1, 2].map((nodeId) =>
      makeMetadataResponseMetadataResponseBroker({ nodeId, host: "h", port: nodeId }),
    ),
    topics: [makeMetadataResponseMetadataResponseTopic({ name: "t", topicId, partitions: [partition] })],
  });
}

function cache(): MetadataCache {
  return new MetadataCache([{ id: -1, host: "b", port: 1, rack: null }]);
}

function leaderOf(metadata: MetadataCache): readonly [number, number] | null {
  const leader = metadata.leader("t", 0);
  return leader === null ? null : [leader.leaderId, leader.leaderEpoch];
}

test("a leader epoch never goes back for the same topic id", () => {
  const metadata = cache();
  metadata.update(answer(ID, 1, 5));
  metadata.update(answer(ID, 2, 4));
  assert.deepEqual(leaderOf(metadata), [1, 5]);
  metadata.update(answer(ID, 2, 6));
  assert.deepEqual(leaderOf(metadata), [2, 6]);
});

test("a topic made again begins anew", () => {
  const metadata = cache();
  metadata.update(answer(ID, 1, 5));
  metadata.update(answer(OTHER_ID, 2, 0));
  assert.deepEqual(leaderOf(metadata), [2, 0]);
  assert.equal(metadata.topicName(ID), null);
  assert.equal(metadata.topicName(OTHER_ID), "t");
});

test("without topic ids the newest answer counts", () => {
  const metadata = cache();
  metadata.update(answer(ZERO_UUID, 1, 5));
  metadata.update(answer(ZERO_UUID, 2, 4));
  assert.deepEqual(leaderOf(metadata), [2, 4]);
});

test("a leader told in passing counts when its epoch is newer", () => {
  const metadata = cache();
  metadata.update(answer(ID, 1, 5));
  assert.equal(metadata.updateLeader("t", 0, 2, 5), false);
  assert.equal(metadata.updateLeader("t", 7, 2, 9), false);
  assert.equal(metadata.updateLeader("t", 0, 2, 6), true);
  assert.deepEqual(leaderOf(metadata), [2, 6]);
});

test("a leader whose address is not known has no node", () => {
  const metadata = cache();
  metadata.update(answer(ID, 3, 5));
  assert.equal(metadata.leader("t", 0)?.node, null);
  metadata.addNodes([{ id: 3, host: "h", port: 3, rack: null }]);
  assert.equal(metadata.leader("t", 0)?.node?.port, 3);
});

test("errors of topics are kept, and those that time may cure ask for another answer", () => {
  const metadata = cache();
  const failing = (code: number) => {
    const response = answer(ID, 1, 5);
    response.topics = [makeMetadataResponseMetadataResponseTopic({ name: "t", errorCode: code })];
    return metadata.update(response);
  };
  assert.equal(failing(errors.UNKNOWN_TOPIC_OR_PARTITION.code), true);
  assert.equal(metadata.topicError("t"), errors.UNKNOWN_TOPIC_OR_PARTITION);
  assert.equal(failing(errors.INVALID_TOPIC_EXCEPTION.code), false);
  assert.equal(metadata.topic("t"), null);
  assert.equal(metadata.update(answer(ID, 1, 5)), false);
  assert.equal(metadata.topicError("t"), null);
});

test("an absurd partition number costs nothing", () => {
  const metadata = cache();
  metadata.update(answer(ID, 1, 5, 2_000_000_000));
  assert.equal(metadata.topic("t")?.partitions.length, 0);
});

test("an answer without brokers keeps the bootstrap addresses", () => {
  const metadata = cache();
  metadata.update(makeMetadataResponse());
  assert.equal(metadata.isBootstrap, true);
  assert.deepEqual(
    [...metadata.nodes].map(({ id }) => id),
    [-1],
  );
});
