import assert from "node:assert/strict";
import { test } from "node:test";
import {
  errors,
  makeOffsetForLeaderEpochRequest,
  makeOffsetForLeaderEpochRequestOffsetForLeaderPartition,
  makeOffsetForLeaderEpochRequestOffsetForLeaderTopic,
} from "@ottla/protocol";
import { batchOf, DataPlaneBroker } from "../testing/data-plane-broker.ts";
import { handleOffsetForLeaderEpoch } from "./offset-for-leader-epoch.ts";

function ask(
  on: DataPlaneBroker,
  leaderEpoch: number,
  { topic = "t", currentLeaderEpoch = -1 } = {},
): [error: number, epoch: number, end: number] {
  const partition = makeOffsetForLeaderEpochRequestOffsetForLeaderPartition({
    partition: 0,
    leaderEpoch,
    currentLeaderEpoch,
  });
  const topics = [makeOffsetForLeaderEpochRequestOffsetForLeaderTopic({ topic, partitions: [partition] })];
  const request = makeOffsetForLeaderEpochRequest({ topics });
  const answer = on.answered(on.ask(handleOffsetForLeaderEpoch, 4, request)).topics[0]?.partitions[0];
  assert.ok(answer);
  return [answer.errorCode, answer.leaderEpoch, Number(answer.endOffset)];
}

/** Epoch 0 ends at 2, epoch 1 holds one record, and the leader is in epoch 2 without records. */
function brokerWithEpochs(): DataPlaneBroker {
  const on = new DataPlaneBroker();
  on.createTopic("t");
  const append = (values: string[]): void =>
    on.partition().appendAsLeader(batchOf(values), { origin: "client", requiredAcks: 1 }, () => {});
  append(["a", "b"]);
  on.settle();
  on.changePartition("t", { leader: 1 });
  append(["c"]);
  on.settle();
  on.changePartition("t", { leader: 1 });
  on.settle();
  return on;
}

test("an epoch ends where the next one began, the present one at the log end", () => {
  const on = brokerWithEpochs();
  assert.deepEqual(ask(on, 0), [0, 0, 2]);
  assert.deepEqual(ask(on, 1), [0, 1, 3]);
  assert.deepEqual(ask(on, 2), [0, 2, 3]);
});

test("an epoch that is not known is no error", () => {
  const on = brokerWithEpochs();
  assert.deepEqual(ask(on, 3), [0, -1, -1]);
  assert.deepEqual(ask(on, -1), [0, -1, -1]);
});

test("the asker's view of the leader is checked, and only the leader answers", () => {
  const on = brokerWithEpochs();
  assert.equal(ask(on, 0, { currentLeaderEpoch: 1 })[0], errors.FENCED_LEADER_EPOCH.code);
  assert.equal(ask(on, 0, { currentLeaderEpoch: 3 })[0], errors.UNKNOWN_LEADER_EPOCH.code);
  assert.equal(ask(on, 0, { topic: "nowhere" })[0], errors.UNKNOWN_TOPIC_OR_PARTITION.code);
  on.createTopic("u", { replicas: [2, 1], leader: 2 });
  assert.equal(ask(on, 0, { topic: "u" })[0], errors.NOT_LEADER_OR_FOLLOWER.code);
});

test("who may neither act for the cluster nor describe the topic is refused", () => {
  const on = new DataPlaneBroker({ authorizer: { isAllowed: () => false } });
  on.createTopic("t");
  assert.equal(ask(on, 0)[0], errors.TOPIC_AUTHORIZATION_FAILED.code);
});
