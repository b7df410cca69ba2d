import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apiKeys,
  type CreateTopicsRequest,
  errors,
  type FindCoordinatorResponse,
  internalTopics,
  makeCreateTopicsResponse,
  type Uuid,
} from "@ottla/protocol";
import { ask } from "../testing/ask.ts";
import {
  askedRequest,
  type ControlPlaneOptions,
  controlPlaneBroker,
} from "../testing/control-plane-broker.ts";
import { testTopic } from "../testing/test-topic.ts";

const offsets = testTopic(internalTopics.consumerOffsets, "OOOOOOOOOOOOOOOOOOOOOA" as Uuid);
const group = 0;
const transaction = 1;
const share = 2;

function setUp(options: ControlPlaneOptions = {}) {
  const control = controlPlaneBroker(options);
  const find = (version: number, fields: Readonly<Record<string, unknown>>): FindCoordinatorResponse =>
    ask(control.broker, apiKeys.FindCoordinator, version, fields) as FindCoordinatorResponse;
  const codeOf = (keyType: number, key: string, version = 6): number | undefined =>
    find(version, { keyType, coordinatorKeys: [key] }).coordinators[0]?.errorCode;
  return { ...control, find, codeOf };
}

test("the leader of the group's partition is its coordinator", () => {
  const { find } = setUp({ topics: [offsets] });
  const { errorCode, errorMessage, nodeId, host, port } = find(3, { key: "g" });
  assert.deepEqual([errorCode, errorMessage, nodeId, host, port], [0, "NONE", 1, "broker-1", 9092]);
});

test("many keys are answered in their order, each as often as it was asked for", () => {
  const { find } = setUp({ topics: [offsets] });
  const { coordinators } = find(4, { coordinatorKeys: ["b", "a", "b", ""] });
  assert.deepEqual(
    coordinators.map(({ key, errorCode, nodeId }) => [key, errorCode, nodeId]),
    [
      ["b", 0, 1],
      ["a", 0, 1],
      ["b", 0, 1],
      ["", 0, 1],
    ],
  );
  assert.deepEqual(find(4, { coordinatorKeys: [] }).coordinators, []);
});

test("without a topic for offsets it is asked for once, with the settings it needs, and the client asks again", () => {
  const settings = { "offsets.topic.num.partitions": "7", "offsets.topic.replication.factor": "1" };
  const { asked, find } = setUp({ settings });
  for (let count = 0; count < 3; count++) {
    const { errorCode, nodeId, port } = find(3, { key: "g" });
    assert.deepEqual([errorCode, nodeId, port], [errors.COORDINATOR_NOT_AVAILABLE.code, -1, -1]);
  }
  assert.equal(asked.length, 1);
  assert.equal(asked[0]?.context.principal, "User:test");
  const [topic] = askedRequest<CreateTopicsRequest>({ asked }).topics;
  assert.deepEqual(topic, {
    name: internalTopics.consumerOffsets,
    numPartitions: 7,
    replicationFactor: 1,
    assignments: [],
    configs: [
      { name: "cleanup.policy", value: "compact" },
      { name: "segment.bytes", value: "104857600" },
      { name: "compression.type", value: "producer" },
    ],
  });
  asked[0]?.answer(makeCreateTopicsResponse());
  find(3, { key: "g" });
  assert.equal(asked.length, 2, "a creation that failed is tried again");
});

test("a partition without a leader has no coordinator", () => {
  const leaderless = testTopic(internalTopics.consumerOffsets, offsets.id, 1, { leader: -1 as never });
  assert.equal(setUp({ topics: [leaderless] }).codeOf(group, "g"), errors.COORDINATOR_NOT_AVAILABLE.code);
  const away = testTopic(internalTopics.consumerOffsets, offsets.id, 1, { leader: 9 as never });
  assert.equal(setUp({ topics: [away] }).codeOf(group, "g"), errors.COORDINATOR_NOT_AVAILABLE.code);
});

test("the leader of a transactional id's partition is its coordinator, in a topic of its own", () => {
  const { asked, codeOf } = setUp({ topics: [offsets] });
  assert.equal(codeOf(transaction, "t"), errors.COORDINATOR_NOT_AVAILABLE.code);
  assert.equal(askedRequest<CreateTopicsRequest>({ asked }).topics[0]?.name, internalTopics.transactionState);
  const state = testTopic(internalTopics.transactionState, "TTTTTTTTTTTTTTTTTTTTTA" as Uuid);
  const { find } = setUp({ topics: [state] });
  const [found] = find(6, { keyType: transaction, coordinatorKeys: ["t"] }).coordinators;
  assert.deepEqual([found?.errorCode, found?.nodeId, found?.port], [0, 1, 9092]);
});

test("share partitions are known from version 6, by a key of three parts", () => {
  const { codeOf } = setUp();
  const id = "AAAAAAAAAAAAAAAAAAAAZQ";
  assert.equal(codeOf(share, `g:${id}:0`, 5), errors.INVALID_REQUEST.code);
  for (const key of [`g:${id}:0`, `a:b:${id}:0`, `g:${id}:-1`, `g:${id}:1:`]) {
    assert.equal(codeOf(share, key), errors.COORDINATOR_NOT_AVAILABLE.code, key);
  }
  for (const key of ["", "g", "a:b", `:${id}:0`, ` :${id}:0`, "g:zz:0", `g:${id}:x`, `g:${id}:`]) {
    assert.equal(codeOf(share, key), errors.INVALID_REQUEST.code, key);
  }
});

test("the leader of a share partition's partition is its coordinator, however the number is written", () => {
  const state = testTopic(internalTopics.shareGroupState, "SSSSSSSSSSSSSSSSSSSSSA" as Uuid);
  const { find, codeOf } = setUp({ topics: [state] });
  const id = "AAAAAAAAAAAAAAAAAAAAZQ";
  const coordinatorKeys = [`g:${id}:1`, `g:${id}:+01:`];
  for (const found of find(6, { keyType: share, coordinatorKeys }).coordinators)
    assert.deepEqual([found.errorCode, found.nodeId, found.port], [0, 1, 9092]);
  assert.equal(codeOf(share, `g:${id}:2147483648`), errors.INVALID_REQUEST.code);
});

test("the topic of share partitions keeps its records until they are pruned", () => {
  const settings = {
    "share.coordinator.state.topic.num.partitions": "7",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
  };
  const { asked, codeOf } = setUp({ settings });
  assert.equal(codeOf(share, "g:AAAAAAAAAAAAAAAAAAAAZQ:0"), errors.COORDINATOR_NOT_AVAILABLE.code);
  const [topic] = askedRequest<CreateTopicsRequest>({ asked }).topics;
  assert.deepEqual(topic, {
    name: internalTopics.shareGroupState,
    numPartitions: 7,
    replicationFactor: 1,
    assignments: [],
    configs: [
      { name: "cleanup.policy", value: "delete" },
      { name: "compression.type", value: "producer" },
      { name: "min.insync.replicas", value: "1" },
      { name: "segment.bytes", value: "104857600" },
      { name: "retention.ms", value: "-1" },
    ],
  });
});

test("another kind of key is an invalid request", () => {
  const { find, codeOf } = setUp();
  const { INVALID_REQUEST } = errors;
  for (const keyType of [3, 7, -1]) {
    assert.equal(codeOf(keyType, "g"), INVALID_REQUEST.code);
    assert.equal(find(3, { keyType, key: "g" }).errorCode, INVALID_REQUEST.code);
    assert.deepEqual(find(4, { keyType, coordinatorKeys: [] }).coordinators, []);
  }
});
