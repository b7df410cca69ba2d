import assert from "node:assert/strict";
import { test } from "node:test";
import { errors, type Uuid } from "@ottla/protocol";
import { batchOf, DataPlaneBroker, topicIds } from "../testing/data-plane-broker.ts";

function append(on: DataPlaneBroker, topic = "t"): string {
  let kind = "";
  on.partition(topic).appendAsLeader(batchOf(["a"]), { origin: "client", requiredAcks: 1 }, (outcome) => {
    kind = outcome.kind === "refused" ? outcome.error.name : outcome.kind;
  });
  return kind;
}

test("replicas of this broker are opened in their roles, others are not", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t", { partitions: 2 });
  on.createTopic("u", { replicas: [2, 1], leader: 2 });
  on.createTopic("elsewhere", { replicas: [2, 3], leader: 2, id: topicIds.again as Uuid });
  assert.equal(on.broker.partitions.size, 3);
  assert.equal(on.partition("t", 1).isLeader, true);
  assert.equal(on.partition("u").role, "follower");
  assert.equal(on.partition("u").leader, 2);
});

test("a change of leader changes the role, and back again in a later epoch", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t", { replicas: [1, 2] });
  on.changePartition("t", { leader: 2 });
  assert.equal(append(on), "NOT_LEADER_OR_FOLLOWER");
  on.changePartition("t", { leader: 1 });
  assert.equal(append(on), "appended");
  assert.equal(on.partition().leaderEpoch, 2);
  assert.equal(on.partition().checkAccess(1, true), errors.FENCED_LEADER_EPOCH);
});

test("settings of a topic reach its logs, and leave with them", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t");
  const before = on.partition().log?.config.retentionMs;
  on.setTopicConfig("t", "retention.ms", "1234");
  assert.equal(on.partition().log?.config.retentionMs, 1234);
  on.deleteTopic("t");
  on.createTopic("t", { id: topicIds.again as Uuid });
  assert.equal(on.partition().log?.config.retentionMs, before);
});

test("a topic that is deleted and made again under its name starts empty", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t");
  append(on);
  on.settle();
  assert.equal(on.partition().log?.logEndOffset, 1);
  on.deleteTopic("t");
  assert.equal(on.broker.partitions.size, 0);
  on.createTopic("t", { id: topicIds.again as Uuid });
  assert.equal(on.partition().log?.logEndOffset, 0);
  assert.equal(on.partition().topicId, topicIds.again);
});

test("after a restart every replica is there with its records and the high watermark catches up", () => {
  for (const how of ["power", "kill"] as const) {
    const on = new DataPlaneBroker();
    on.createTopic("t");
    append(on);
    on.settle();
    on.crashAndRestart(how);
    on.settle();
    assert.equal(on.partition().log?.logEndOffset, 1);
    assert.equal(on.partition().log?.highWatermark, 1);
    assert.equal(append(on), "appended");
  }
});

test("a partition without room for its log gets it when there is room", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t");
  const { storage } = on.world.host("broker-1");
  const plenty = storage.bytesMax;
  storage.bytesMax = storage.usedBytes();
  on.createTopic("u", { partitions: 2 });
  assert.equal(append(on, "u"), "KAFKA_STORAGE_ERROR");
  on.retryLogs();
  assert.equal(append(on, "u"), "KAFKA_STORAGE_ERROR");
  storage.bytesMax = plenty;
  on.retryLogs();
  assert.equal(append(on, "u"), "appended");
  assert.equal(on.partition("u", 1).log?.latestEpoch, 0);
  on.settle();
  assert.equal(on.partition("u").log?.highWatermark, 1);
});
