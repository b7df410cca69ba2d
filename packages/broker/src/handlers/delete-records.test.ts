import assert from "node:assert/strict";
import { test } from "node:test";
import { errors, makeDeleteRecordsRequest, type Uuid } from "@ottla/protocol";
import { denyAll } from "../authorizer/authorizer.ts";
import type { Asked } from "../testing/data-plane-broker.ts";
import { batchOf, DataPlaneBroker } from "../testing/data-plane-broker.ts";
import { handleDeleteRecords } from "./delete-records.ts";

type Response = Parameters<Parameters<typeof handleDeleteRecords>[3]>[0];

function ask(on: DataPlaneBroker, offset: bigint, { topic = "t", index = 0, timeoutMs = 1000 } = {}) {
  const topics = [{ name: topic, partitions: [{ partitionIndex: index, offset }] }];
  return on.ask(handleDeleteRecords, 2, makeDeleteRecordsRequest({ topics, timeoutMs }));
}

/** Error code and low watermark. */
function answered(
  on: DataPlaneBroker,
  asked: Asked<NonNullable<Response>>,
): [error: number | undefined, lowWatermark: number] {
  const partition = on.answered(asked).topics[0]?.partitions[0];
  return [partition?.errorCode, Number(partition?.lowWatermark)];
}

function filled(options: Parameters<DataPlaneBroker["createTopic"]>[1] = {}): DataPlaneBroker {
  const on = new DataPlaneBroker();
  on.createTopic("t", options);
  for (const values of [
    ["a", "b", "c"],
    ["d", "e"],
  ])
    on.partition().appendAsLeader(batchOf(values), { origin: "client", requiredAcks: 1 }, () => {});
  on.settle();
  return on;
}

test("the log start moves up, never down, and -1 stands for the high watermark", () => {
  const on = filled();
  assert.deepEqual(answered(on, ask(on, 2n)), [0, 2]);
  assert.deepEqual(answered(on, ask(on, 1n)), [0, 2]);
  assert.deepEqual(answered(on, ask(on, -1n)), [0, 5]);
  assert.equal(on.partition().logStartOffset, 5);
});

test("an answered deletion survives a kill and a power cut", () => {
  for (const how of ["kill", "power"] as const) {
    const on = filled();
    assert.deepEqual(answered(on, ask(on, 4n)), [0, 4]);
    on.crashAndRestart(how);
    assert.equal(on.partition().logStartOffset, 4, how);
    assert.equal(on.partition().log?.logEndOffset, 5, how);
  }
});

test("offsets beyond the high watermark and below zero are out of range", () => {
  const on = filled();
  const outOfRange = [errors.OFFSET_OUT_OF_RANGE.code, -1];
  for (const offset of [6n, -2n, 2n ** 62n]) assert.deepEqual(answered(on, ask(on, offset)), outOfRange);
  assert.equal(on.partition().logStartOffset, 0);
});

test("the answer waits until followers in sync have let go too", () => {
  const on = filled({ replicas: [1, 2], isr: [1, 2] });
  const fetched = (logStartOffset: number): void => {
    on.partition().followerFetched({ replicaId: 2, fetchOffset: 5 as never, logStartOffset });
    on.settle();
  };
  fetched(0);
  const asked = ask(on, 3n, { timeoutMs: 10_000 });
  on.settle();
  assert.equal(asked.answer, undefined);
  fetched(2);
  assert.equal(asked.answer, undefined);
  fetched(3);
  assert.deepEqual(answered(on, asked), [0, 3]);
});

test("a follower that does not let go in time is told of with the low watermark there is", () => {
  const on = filled({ replicas: [1, 2], isr: [1, 2] });
  on.partition().followerFetched({ replicaId: 2, fetchOffset: 5 as never, logStartOffset: 1 });
  on.settle();
  assert.deepEqual(answered(on, ask(on, 3n)), [errors.REQUEST_TIMED_OUT.code, 1]);
  assert.equal(on.partition().logStartOffset, 3);
  assert.equal(on.partition().waitingCount, 0);
});

test("a client that is gone leaves nothing behind", () => {
  const on = filled({ replicas: [1, 2], isr: [1, 2] });
  const asked = ask(on, 0n);
  on.settle();
  assert.equal(on.partition().waitingCount, 1);
  asked.disconnect();
  assert.equal(on.partition().waitingCount, 0);
});

test("compacted and internal topics, other leaders and strangers are refused", () => {
  const on = filled();
  on.setTopicConfig("t", "cleanup.policy", "compact");
  assert.deepEqual(answered(on, ask(on, 1n)), [errors.POLICY_VIOLATION.code, -1]);
  on.setTopicConfig("t", "cleanup.policy", "compact,delete");
  assert.deepEqual(answered(on, ask(on, 1n)), [0, 1]);
  on.createTopic("__consumer_offsets", { id: "OOOOOOOOOOOOOOOOOOOOOA" as Uuid });
  const internal = ask(on, 0n, { topic: "__consumer_offsets" });
  assert.deepEqual(answered(on, internal), [errors.INVALID_TOPIC_EXCEPTION.code, -1]);
  const unknown = ask(on, 0n, { index: 7 });
  assert.deepEqual(answered(on, unknown), [errors.UNKNOWN_TOPIC_OR_PARTITION.code, -1]);
  on.changePartition("t", { leader: 2 });
  assert.deepEqual(answered(on, ask(on, 2n)), [errors.NOT_LEADER_OR_FOLLOWER.code, -1]);
  const denied = new DataPlaneBroker({ authorizer: denyAll });
  denied.createTopic("t");
  assert.deepEqual(answered(denied, ask(denied, 0n)), [errors.TOPIC_AUTHORIZATION_FAILED.code, -1]);
});

test("a disk that cannot keep the new start is an error, and nobody is told of success", () => {
  const on = filled();
  on.node.storage.onCall = ({ operation, path }) =>
    path.includes("log-start-offset-checkpoint") && operation !== "status"
      ? ({ fail: "EIO" } as never)
      : "go";
  const [error] = answered(on, ask(on, 2n));
  assert.equal(error, errors.KAFKA_STORAGE_ERROR.code);
});
