// OffsetCommit, OffsetFetch and OffsetDelete as far as the broker decides before and after the coordinator:
// names, ids, permissions, forms of versions.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apiKeys,
  makeOffsetCommitRequestOffsetCommitRequestPartition as commitPartition,
  errors,
  makeOffsetFetchRequestOffsetFetchRequestGroup as fetchGroup,
  makeOffsetFetchRequestOffsetFetchRequestTopics as fetchTopic,
  makeOffsetCommitResponse,
  makeOffsetDeleteResponse,
  makeOffsetFetchResponse,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  type OffsetDeleteRequest,
  type OffsetDeleteResponse,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";
import type { Authorizer } from "../authorizer/authorizer.ts";
import { ask } from "../testing/ask.ts";
import { controlPlaneBroker } from "../testing/control-plane-broker.ts";
import type { GroupAnswers } from "../testing/scripted-group-coordinator.ts";
import { testTopic } from "../testing/test-topic.ts";

const ordersId = "RRRRRRRRRRRRRRRRRRRRRA" as Uuid;
const hiddenId = "HHHHHHHHHHHHHHHHHHHHHA" as Uuid;
const nobodysId = "NNNNNNNNNNNNNNNNNNNNNA" as Uuid;
const topics = [testTopic("orders", ordersId, 2), testTopic("hidden", hiddenId)];
const hides: Authorizer = {
  isAllowed: ({ resourceType, name }) => resourceType !== "TOPIC" || name !== "hidden",
};
const { UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, TOPIC_AUTHORIZATION_FAILED, UNKNOWN_MEMBER_ID } =
  errors;

const answers: GroupAnswers = {
  commitOffsets: (request) =>
    makeOffsetCommitResponse({
      topics: request.topics.map(({ name, topicId, partitions }) => ({
        name,
        topicId,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: 0 })),
      })),
    }),
  fetchOffsets: ({ groups }) =>
    makeOffsetFetchResponse({
      groups: groups.map(({ groupId, topics: asked }) => ({
        groupId,
        errorCode: groupId === "refused" ? UNKNOWN_MEMBER_ID.code : 0,
        topics: (
          asked ?? ["gone", "hidden", "orders"].map((name) => fetchTopic({ name, partitionIndexes: [1] }))
        ).map(({ name, partitionIndexes }) => ({
          name,
          topicId: ZERO_UUID,
          partitions: partitionIndexes.map((partitionIndex) => ({
            partitionIndex,
            committedOffset: 5n,
            committedLeaderEpoch: -1,
            metadata: "",
            errorCode: 0,
          })),
        })),
      })),
    }),
  deleteOffsets: ({ groupId, topics: asked }) =>
    groupId === "none"
      ? makeOffsetDeleteResponse({ errorCode: errors.GROUP_ID_NOT_FOUND.code })
      : makeOffsetDeleteResponse({
          topics: asked.map(({ name, partitions }) => ({
            name,
            partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: 0 })),
          })),
        }),
};

function setUp() {
  const control = controlPlaneBroker({ topics, groups: answers, authorizer: hides });
  const to =
    <Request, Response>(key: number) =>
    (version: number, fields: Partial<Request>): Response =>
      ask(control.broker, key, version, fields as Readonly<Record<string, unknown>>) as Response;
  return {
    ...control,
    commit: to<OffsetCommitRequest, OffsetCommitResponse>(apiKeys.OffsetCommit),
    fetch: to<OffsetFetchRequest, OffsetFetchResponse>(apiKeys.OffsetFetch),
    forget: to<OffsetDeleteRequest, OffsetDeleteResponse>(apiKeys.OffsetDelete),
  };
}

function commitTopic(name: string, topicId: Uuid, ...indexes: number[]) {
  const partitions = indexes.map((partitionIndex) => commitPartition({ partitionIndex }));
  return { name, topicId, partitions };
}

function codes(
  entries: readonly { name: string; partitions: readonly { partitionIndex: number; errorCode: number }[] }[],
): unknown[] {
  return entries.map(({ name, partitions }) => [
    name,
    ...partitions.map(({ partitionIndex, errorCode }) => [partitionIndex, errorCode]),
  ]);
}

test("OffsetCommit: what cannot be committed does not keep the rest, and each topic is answered once", () => {
  const { askedGroups, commit } = setUp();
  const asked = [
    commitTopic("absent", ZERO_UUID, 0),
    commitTopic("orders", ZERO_UUID, 7, 0),
    commitTopic("hidden", ZERO_UUID, 0),
    commitTopic("orders", ZERO_UUID, 1),
  ];
  for (const version of [2, 9]) {
    assert.deepEqual(codes(commit(version, { groupId: "g", topics: asked }).topics), [
      ["absent", [0, UNKNOWN_TOPIC_OR_PARTITION.code]],
      ["orders", [7, UNKNOWN_TOPIC_OR_PARTITION.code], [0, 0], [1, 0]],
      ["hidden", [0, TOPIC_AUTHORIZATION_FAILED.code]],
    ]);
  }
  assert.equal(askedGroups.length, 2);
});

test("OffsetCommit: with nothing to commit the group is not looked at", () => {
  const { askedGroups, commit } = setUp();
  assert.deepEqual(commit(9, { groupId: "g", topics: [] }).topics, []);
  commit(9, { groupId: "g", topics: [commitTopic("absent", ZERO_UUID, 0)] });
  assert.equal(askedGroups.length, 0);
});

test("OffsetCommit: from version 10 topics are known by id, in the answer too", () => {
  const { commit } = setUp();
  const asked = [commitTopic("", nobodysId, 0), commitTopic("", ordersId, 0), commitTopic("", hiddenId, 0)];
  const answered = commit(10, { groupId: "g", topics: asked }).topics;
  assert.deepEqual(
    answered.map(({ topicId, partitions }) => [topicId, partitions[0]?.errorCode]),
    [
      [nobodysId, UNKNOWN_TOPIC_ID.code],
      [hiddenId, TOPIC_AUTHORIZATION_FAILED.code],
      [ordersId, 0],
    ],
  );
});

test("OffsetFetch: topics that may not be described stand behind the others", () => {
  const { fetch } = setUp();
  const asked = ["hidden", "orders", "absent"].map((name) => ({ name, partitionIndexes: [0] }));
  const expected = [
    ["orders", [0, 0]],
    ["absent", [0, 0]],
    ["hidden", [0, TOPIC_AUTHORIZATION_FAILED.code]],
  ];
  for (const version of [1, 7])
    assert.deepEqual(codes(fetch(version, { groupId: "g", topics: asked }).topics), expected);
  const groups = [fetchGroup({ groupId: "g", topics: asked.map((topic) => fetchTopic(topic)) })];
  assert.deepEqual(codes(fetch(8, { groups }).groups[0]?.topics ?? []), expected);
});

test("OffsetFetch: all topics are those that may be described and, by id, still exist", () => {
  const { fetch } = setUp();
  assert.deepEqual(
    fetch(7, { groupId: "g", topics: null }).topics.map(({ name }) => name),
    ["gone", "orders"],
  );
  const [group] = fetch(10, { groups: [fetchGroup({ groupId: "g", topics: null })] }).groups;
  assert.deepEqual(
    group?.topics.map(({ topicId }) => topicId),
    [ordersId],
  );
});

test("OffsetFetch: an id that does not exist is an error of its own", () => {
  const { fetch } = setUp();
  const asked = [nobodysId, ordersId].map((topicId) => fetchTopic({ topicId, partitionIndexes: [0] }));
  const [group] = fetch(10, { groups: [fetchGroup({ groupId: "g", topics: asked })] }).groups;
  assert.deepEqual(
    group?.topics.map(({ topicId, partitions }) => [topicId, partitions[0]?.errorCode]),
    [
      [ordersId, 0],
      [nobodysId, UNKNOWN_TOPIC_ID.code],
    ],
  );
});

test("OffsetFetch: an error of the group stands where the version has room for it", () => {
  const { fetch } = setUp();
  const asked = [{ name: "orders", partitionIndexes: [0, 1] }];
  const first = fetch(1, { groupId: "refused", topics: asked });
  assert.deepEqual(codes(first.topics), [
    ["orders", [0, UNKNOWN_MEMBER_ID.code], [1, UNKNOWN_MEMBER_ID.code]],
  ]);
  const second = fetch(2, { groupId: "refused", topics: asked });
  assert.deepEqual([second.errorCode, second.topics], [UNKNOWN_MEMBER_ID.code, []]);
  const { groups } = fetch(8, {
    groups: ["g", "refused"].map((groupId) => fetchGroup({ groupId, topics: [] })),
  });
  assert.deepEqual(
    groups.map(({ groupId, errorCode }) => [groupId, errorCode]),
    [
      ["g", 0],
      ["refused", UNKNOWN_MEMBER_ID.code],
    ],
  );
  assert.deepEqual(fetch(8, { groups: [] }).groups, []);
});

test("OffsetDelete: what is wrong with the group is the whole answer, else each partition has its own", () => {
  const { forget } = setUp();
  const asked = ["absent", "orders", "hidden"].map((name) => ({
    name,
    partitions: [{ partitionIndex: 9 }, { partitionIndex: 0 }],
  }));
  const { UNKNOWN_TOPIC_OR_PARTITION: unknown, TOPIC_AUTHORIZATION_FAILED: denied } = errors;
  assert.deepEqual(codes(forget(0, { groupId: "g", topics: asked }).topics), [
    ["absent", [9, unknown.code], [0, unknown.code]],
    ["orders", [9, unknown.code], [0, 0]],
    ["hidden", [9, denied.code], [0, denied.code]],
  ]);
  const { errorCode, topics: none } = forget(0, { groupId: "none", topics: asked });
  assert.deepEqual([errorCode, none], [errors.GROUP_ID_NOT_FOUND.code, []]);
});
