import assert from "node:assert/strict";
import { test } from "node:test";
import {
  errors,
  type ListOffsetsResponse,
  makeListOffsetsRequest,
  makeListOffsetsRequestListOffsetsPartition,
  makeListOffsetsRequestListOffsetsTopic,
} from "@ottla/protocol";
import { batchOf, DataPlaneBroker } from "../testing/data-plane-broker.ts";
import { handleListOffsets } from "./list-offsets.ts";

const baseMs = 1_735_689_600_000;

interface Question {
  readonly topic?: string;
  readonly timestamp: number | bigint;
  readonly version?: number;
  readonly replicaId?: number;
  readonly isolationLevel?: number;
  readonly currentLeaderEpoch?: number;
  readonly index?: number;
}

function ask(on: DataPlaneBroker, question: Question): ListOffsetsResponse.ListOffsetsPartitionResponse {
  const partition = makeListOffsetsRequestListOffsetsPartition({
    partitionIndex: question.index ?? 0,
    timestamp: BigInt(question.timestamp),
    currentLeaderEpoch: question.currentLeaderEpoch ?? -1,
  });
  const request = makeListOffsetsRequest({
    replicaId: question.replicaId ?? -1,
    isolationLevel: question.isolationLevel ?? 0,
    topics: [
      makeListOffsetsRequestListOffsetsTopic({ name: question.topic ?? "t", partitions: [partition] }),
    ],
  });
  const response = on.answered(on.ask(handleListOffsets, question.version ?? 11, request));
  const answer = response.topics[0]?.partitions[0];
  assert.ok(answer);
  return answer;
}

function told(on: DataPlaneBroker, question: Question): [number, number, number] {
  const answer = ask(on, question);
  assert.equal(answer.errorCode, 0);
  return [Number(answer.offset), Number(answer.timestamp), answer.leaderEpoch];
}

/**
 * Topic t: records at base + 0, 1, 2 in one batch, then base + 10. Appended, not replicated when there are
 * two replicas.
 */
function brokerWithRecords(replicas: number[] = [1]): DataPlaneBroker {
  const on = new DataPlaneBroker();
  on.createTopic("t", { replicas });
  const late = batchOf(["d"], { records: [{ timestamp: baseMs + 10, key: null, value: new Uint8Array(1) }] });
  for (const records of [batchOf(["a", "b", "c"]), late]) {
    on.partition().appendAsLeader(records, { origin: "client", requiredAcks: 1 }, () => {});
  }
  on.settle();
  return on;
}

test("every special timestamp has its answer", () => {
  const on = brokerWithRecords();
  assert.deepEqual(told(on, { timestamp: -1 }), [4, -1, 0]);
  assert.deepEqual(told(on, { timestamp: -2 }), [0, -1, 0]);
  assert.deepEqual(told(on, { timestamp: -3 }), [3, baseMs + 10, 0]);
  assert.deepEqual(told(on, { timestamp: -4 }), [0, -1, 0]);
  assert.deepEqual(told(on, { timestamp: -5 }), [-1, -1, -1]);
  assert.deepEqual(told(on, { timestamp: -6 }), [-1, -1, -1]);
});

test("the largest timestamp of records without one is theirs, and an empty log has none", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t");
  assert.deepEqual(told(on, { timestamp: -3 }), [-1, -1, -1]);
  const records = batchOf(["a"], { records: [{ timestamp: -1, key: null, value: new Uint8Array(1) }] });
  on.partition().appendAsLeader(records, { origin: "client", requiredAcks: 1 }, () => {});
  on.settle();
  assert.deepEqual(told(on, { timestamp: -3 }), [0, -1, 0]);
});

test("a time finds the first record at or after it, and nothing after the last", () => {
  const on = brokerWithRecords();
  assert.deepEqual(told(on, { timestamp: 0 }), [0, baseMs, 0]);
  assert.deepEqual(told(on, { timestamp: baseMs + 1 }), [1, baseMs + 1, 0]);
  assert.deepEqual(told(on, { timestamp: baseMs + 3 }), [3, baseMs + 10, 0]);
  assert.deepEqual(told(on, { timestamp: baseMs + 11 }), [-1, -1, -1]);
  assert.deepEqual(told(on, { timestamp: 2n ** 63n - 1n }), [-1, -1, -1]);
});

test("special timestamps that a version does not know are refused", () => {
  const on = brokerWithRecords();
  for (const [timestamp, version] of [
    [-3, 7],
    [-4, 8],
    [-5, 9],
    [-6, 11],
  ] as const) {
    assert.equal(ask(on, { timestamp, version: version - 1 }).errorCode, errors.UNSUPPORTED_VERSION.code);
    assert.equal(ask(on, { timestamp, version }).errorCode, 0);
  }
  for (const timestamp of [-7, -(2n ** 63n)]) {
    assert.equal(ask(on, { timestamp }).errorCode, errors.UNSUPPORTED_VERSION.code);
  }
});

test("consumers see up to the high watermark, followers and debuggers the log end", () => {
  const on = brokerWithRecords([1, 2]);
  assert.equal(told(on, { timestamp: -1 })[0], 0);
  assert.equal(told(on, { timestamp: -1, isolationLevel: 1 })[0], 0);
  assert.equal(told(on, { timestamp: -1, replicaId: 2 })[0], 4);
  assert.equal(told(on, { timestamp: -1, replicaId: -2 })[0], 4);
  assert.deepEqual(told(on, { timestamp: baseMs }), [-1, -1, -1]);
  assert.deepEqual(told(on, { timestamp: -3 }), [-1, -1, -1]);
});

test("a new leader whose high watermark lags does not guess", () => {
  const on = brokerWithRecords([1, 2]);
  on.changePartition("t", { leader: 1 });
  on.settle();
  assert.equal(ask(on, { timestamp: -1 }).errorCode, errors.OFFSET_NOT_AVAILABLE.code);
  assert.equal(ask(on, { timestamp: -1, version: 4 }).errorCode, errors.LEADER_NOT_AVAILABLE.code);
  assert.equal(ask(on, { timestamp: baseMs }).errorCode, errors.OFFSET_NOT_AVAILABLE.code);
  assert.equal(told(on, { timestamp: -2 })[0], 0);
  assert.equal(told(on, { timestamp: -1, replicaId: 2 })[0], 4);
});

test("the leader epoch of the question is held against the present one", () => {
  const on = brokerWithRecords();
  on.changePartition("t", { leader: 1 });
  on.settle();
  assert.equal(ask(on, { timestamp: -1, currentLeaderEpoch: 0 }).errorCode, errors.FENCED_LEADER_EPOCH.code);
  assert.equal(ask(on, { timestamp: -1, currentLeaderEpoch: 2 }).errorCode, errors.UNKNOWN_LEADER_EPOCH.code);
  assert.deepEqual(told(on, { timestamp: -1, currentLeaderEpoch: 1 }), [4, -1, 1]);
});

test("who is not the leader says so, but answers debuggers", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t", { replicas: [2, 1], leader: 2 });
  assert.equal(ask(on, { timestamp: -1 }).errorCode, errors.NOT_LEADER_OR_FOLLOWER.code);
  assert.equal(told(on, { timestamp: -1, replicaId: -2 })[0], 0);
  assert.equal(
    ask(on, { topic: "__proto__", timestamp: -1 }).errorCode,
    errors.UNKNOWN_TOPIC_OR_PARTITION.code,
  );
});

test("a partition that is named twice is refused and answered once", () => {
  const on = brokerWithRecords();
  const partition = makeListOffsetsRequestListOffsetsPartition({ partitionIndex: 0, timestamp: -1n });
  const topic = makeListOffsetsRequestListOffsetsTopic({ name: "t", partitions: [partition, partition] });
  const response = on.answered(
    on.ask(handleListOffsets, 11, makeListOffsetsRequest({ replicaId: -1, topics: [topic] })),
  );
  const codes = response.topics[0]?.partitions.map(({ errorCode }) => errorCode);
  assert.deepEqual(codes, [errors.INVALID_REQUEST.code]);
});

test("topics that a client may not describe are refused and come last", () => {
  const on = new DataPlaneBroker({ authorizer: { isAllowed: ({ name }) => name === "u" } });
  on.createTopic("t");
  on.createTopic("u");
  const partitions = [makeListOffsetsRequestListOffsetsPartition({ partitionIndex: 0, timestamp: -1n })];
  const topics = ["t", "u"].map((name) => makeListOffsetsRequestListOffsetsTopic({ name, partitions }));
  const response = on.answered(
    on.ask(handleListOffsets, 11, makeListOffsetsRequest({ replicaId: -1, topics })),
  );
  assert.deepEqual(
    response.topics.map(({ name, partitions: [answer] }) => [name, answer?.errorCode]),
    [
      ["u", 0],
      ["t", errors.TOPIC_AUTHORIZATION_FAILED.code],
    ],
  );
});

test("every version gets an answer that it can read", () => {
  const on = brokerWithRecords();
  for (let version = 1; version <= 11; version += 1) {
    for (const timestamp of [-1, -2, baseMs, -6]) ask(on, { timestamp, version });
    ask(on, { topic: "nowhere", timestamp: -1, version });
  }
});
