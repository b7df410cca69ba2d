import assert from "node:assert/strict";
import { test } from "node:test";
import { errors, makeOffsetCommitRequest } from "@ottla/protocol";
import { bytesOf, errorName, GroupWorld } from "../testing/group-world.ts";

const day = 24 * 3600 * 1000;
const anyId = "AAAAAAAAAAAAAAAAAAAAAA" as never;

/** How a commit of t-0 was answered. */
function commit(on: GroupWorld, offset: number, fields = {}, apiVersion = 9): string {
  return errorName(
    on.commitOffset(offset, fields, apiVersion).answer.topics[0]?.partitions[0]?.errorCode ?? -2,
  );
}

/** Metadata of a consumer of one topic, version 0. */
function subscription(topic: string): Uint8Array {
  return new Uint8Array([0, 0, 0, 0, 0, 1, 0, topic.length, ...bytesOf(topic), 255, 255, 255, 255]);
}

/** A member of a stable group of one. */
function member(on: GroupWorld, metadata = subscription("t"), protocolType = "consumer"): string {
  const { memberId } = on.joinAnew({ protocolType, protocols: [{ name: "range", metadata }] });
  on.pass(3001);
  on.sync({ memberId, generationId: 1 });
  return memberId;
}

test("consumers without membership commit in groups without members, which their first commit makes", () => {
  const on = new GroupWorld();
  assert.equal(commit(on, 5, { generationIdOrMemberEpoch: 3, memberId: "m" }), "GROUP_ID_NOT_FOUND");
  assert.equal(commit(on, 5, { generationIdOrMemberEpoch: 3, memberId: "m" }, 8), "ILLEGAL_GENERATION");
  assert.equal(commit(on, 5), "NONE");
  assert.deepEqual(on.offsets(), { "t-0": 5 });
  assert.deepEqual(on.list(), ["g: Empty"]);
  assert.equal(commit(on, 6, { generationIdOrMemberEpoch: 3, memberId: "m" }), "UNKNOWN_MEMBER_ID");
  assert.deepEqual(
    on.records().map(({ kind }) => kind),
    ["offset-commit"],
  );
  on.restart();
  assert.deepEqual(on.offsets(), { "t-0": 5 });
  assert.deepEqual([on.describe().groupState, on.describe().protocolType], ["Empty", ""]);
});

test("members commit in their generation, others do not while there are members", () => {
  const on = new GroupWorld();
  const memberId = member(on);
  const by = { memberId, generationIdOrMemberEpoch: 1 };
  assert.equal(commit(on, 7, by), "NONE");
  assert.equal(commit(on, 8, { ...by, generationIdOrMemberEpoch: 2 }), "ILLEGAL_GENERATION");
  assert.equal(commit(on, 8, { ...by, memberId: "m" }), "UNKNOWN_MEMBER_ID");
  assert.equal(commit(on, 8, { ...by, groupInstanceId: "i" }), "UNKNOWN_MEMBER_ID");
  assert.equal(commit(on, 8), "UNKNOWN_MEMBER_ID");
  assert.deepEqual(on.offsets(), { "t-0": 7 });
  on.join({ memberId });
  assert.equal(commit(on, 8, by), "ILLEGAL_GENERATION");
  assert.equal(commit(on, 8, { ...by, generationIdOrMemberEpoch: 2 }), "REBALANCE_IN_PROGRESS");
});

test("a commit keeps its member's session", () => {
  const on = new GroupWorld();
  const memberId = member(on);
  for (let round = 0; round < 3; round++) {
    on.pass(6000);
    assert.equal(commit(on, round, { memberId, generationIdOrMemberEpoch: 1 }), "NONE");
  }
  assert.equal(on.heartbeat(memberId, 1), "NONE");
});

test("a commit of very many offsets is one batch or none, decided when its records are made", () => {
  const on = new GroupWorld();
  const count = 5000;
  const partitions = Array.from({ length: count }, (_, partitionIndex) => ({
    partitionIndex,
    committedOffset: BigInt(partitionIndex),
    committedLeaderEpoch: 1,
    committedMetadata: partitionIndex === 7 ? "m".repeat(5000) : "",
  }));
  const commitAll = (generationIdOrMemberEpoch: number): string[] => {
    const names = new Set<string>();
    const topics = [{ name: "t", topicId: anyId, partitions }];
    const request = makeOffsetCommitRequest({ groupId: "g", generationIdOrMemberEpoch, topics });
    let answered = 0;
    on.groups.commitOffsets({ ...on.context, apiVersion: 9 }, request, (response) => {
      for (const { errorCode } of response.topics[0]?.partitions ?? []) names.add(errorName(errorCode));
      answered += response.topics[0]?.partitions.length ?? 0;
    });
    on.pass(100);
    assert.equal(answered, count);
    return [...names];
  };
  assert.deepEqual(commitAll(3), ["GROUP_ID_NOT_FOUND"]);
  assert.equal(on.log.batches.length, 0);
  assert.deepEqual(commitAll(-1), ["NONE", "OFFSET_METADATA_TOO_LARGE"]);
  assert.equal(on.log.batches.length, 1);
  assert.equal(Object.keys(on.offsets()).length, count - 1);
  assert.equal(on.offsets()["t-4999"], 4999);
  on.restart();
  assert.equal(Object.keys(on.offsets()).length, count - 1);
});

test("an offset is there once it is committed, not before", () => {
  const on = new GroupWorld();
  commit(on, 1);
  on.commitsAtOnce = false;
  const waiting = on.commitOffset(2);
  assert.equal(waiting.isAnswered, false);
  assert.deepEqual(on.offsets(), { "t-0": 1 });
  const stable: object[] = [];
  const groups = [{ groupId: "g", memberId: null, memberEpoch: -1, topics: null }];
  on.groups.fetchOffsets(
    on.context,
    { groupId: "", topics: null, groups, requireStable: true },
    ({ groups: [group] }) => stable.push(group?.topics[0]?.partitions[0] ?? {}),
  );
  assert.equal(stable.length, 0);
  on.commit();
  assert.equal(waiting.answer.topics.length, 1);
  assert.equal((stable[0] as { committedOffset: bigint }).committedOffset, 2n);
  assert.deepEqual(on.offsets(), { "t-0": 2 });
});

test("an offset that cannot be written is not there, and its commit is answered so", () => {
  const on = new GroupWorld();
  commit(on, 1);
  on.log.refuseWith = errors.NOT_ENOUGH_REPLICAS;
  assert.equal(commit(on, 2), "COORDINATOR_NOT_AVAILABLE");
  on.log.refuseWith = null;
  assert.deepEqual(on.offsets("g", true), { "t-0": 1 });
});

test("metadata that is too long is refused for its partition alone, and so is an offset beyond what exists", () => {
  const on = new GroupWorld();
  const partition = {
    partitionIndex: 0,
    committedOffset: 1n,
    committedLeaderEpoch: -1,
    committedMetadata: null,
  };
  const partitions = [
    partition,
    { ...partition, partitionIndex: 1, committedMetadata: "x".repeat(4097) },
    { ...partition, partitionIndex: 2, committedMetadata: "x".repeat(4096) },
    { ...partition, partitionIndex: 3, committedOffset: 2n ** 60n },
  ];
  const request = makeOffsetCommitRequest({
    groupId: "g",
    topics: [{ name: "t", topicId: anyId, partitions }],
  });
  let codes: string[] = [];
  on.groups.commitOffsets(on.context, request, ({ topics }) => {
    codes = topics.flatMap((topic) => topic.partitions.map(({ errorCode }) => errorName(errorCode)));
  });
  on.settle();
  assert.deepEqual(codes, ["NONE", "OFFSET_METADATA_TOO_LARGE", "NONE", "INVALID_COMMIT_OFFSET_SIZE"]);
  assert.deepEqual(on.offsets(), { "t-0": 1, "t-2": 1 });
});

test("a commit for many partitions is one batch, and one that no batch can hold is refused", () => {
  const on = new GroupWorld();
  const partitionsOf = (count: number, metadata: string) =>
    Array.from({ length: count }, (_, partitionIndex) => ({
      partitionIndex,
      committedOffset: 1n,
      committedLeaderEpoch: -1,
      committedMetadata: metadata,
    }));
  const many = (count: number, metadata: string): string =>
    commit(on, 0, { topics: [{ name: "t", topicId: anyId, partitions: partitionsOf(count, metadata) }] });
  assert.equal(many(5000, ""), "NONE");
  assert.equal(on.log.batches.length, 1);
  assert.equal(many(1000, "x".repeat(2000)), "UNKNOWN_SERVER_ERROR");
  assert.equal(on.log.batches.length, 1);
});

test("the offsets of a group without members go when it has been empty for the retention time, and it with them", () => {
  const on = new GroupWorld();
  const memberId = member(on);
  commit(on, 7, { memberId, generationIdOrMemberEpoch: 1 });
  on.pass(20_000);
  assert.equal(on.heartbeat(memberId, 1), "UNKNOWN_MEMBER_ID");
  on.pass(3 * day);
  commit(on, 9);
  on.pass(3.9 * day);
  assert.deepEqual(on.offsets(), { "t-0": 9 });
  on.pass(0.2 * day);
  assert.deepEqual(on.offsets(), {});
  assert.deepEqual(on.list(), []);
  assert.deepEqual(
    on
      .records()
      .slice(-2)
      .map((record) => [record.kind, record.kind !== "foreign-group" && record.value]),
    [
      ["offset-commit", null],
      ["group-metadata", null],
    ],
  );
  assert.equal(on.groups.metrics.groups.offsetExpirations, 1);
});

test("offsets of simple consumers go by the time of their commit, or by the time they asked for", () => {
  const on = new GroupWorld();
  commit(on, 1);
  commit(on, 2, { groupId: "short", retentionTimeMs: BigInt(day) }, 4);
  on.pass(3 * day);
  assert.deepEqual(on.list(), ["g: Empty"]);
  commit(on, 3);
  on.pass(5 * day);
  assert.deepEqual(on.offsets(), { "t-0": 3 });
  on.restart();
  on.pass(2.1 * day);
  assert.deepEqual(on.list(), []);
});

test("a live group keeps the offsets of what it consumes, and loses others in time", () => {
  const on = new GroupWorld({ settings: { "group.max.session.timeout.ms": "2000000000" } });
  const join = {
    sessionTimeoutMs: 2_000_000_000,
    protocols: [{ name: "range", metadata: subscription("t") }],
  };
  const { memberId } = on.joinAnew(join);
  on.pass(3001);
  on.sync({ memberId, generationId: 1 });
  const by = { memberId, generationIdOrMemberEpoch: 1 };
  const partition = {
    partitionIndex: 0,
    committedOffset: 1n,
    committedLeaderEpoch: -1,
    committedMetadata: "",
  };
  const topics = ["t", "u"].map((name) => ({ name, topicId: anyId, partitions: [partition] }));
  commit(on, 1, { ...by, topics });
  assert.deepEqual(on.deleteOffsets("t", "u", "v"), ["GROUP_SUBSCRIBED_TO_TOPIC", "NONE", "NONE"]);
  assert.deepEqual(on.offsets(), { "t-0": 1 });
  commit(on, 1, { ...by, topics });
  on.pass(8 * day);
  assert.deepEqual(on.offsets(), { "t-0": 1 });
});

test("offsets of deleted topics go", () => {
  const on = new GroupWorld();
  commit(on, 1);
  on.groups.topicsDeleted(["u", "t"]);
  on.settle();
  assert.deepEqual(on.offsets(), {});
  assert.equal(on.groups.metrics.groups.offsetDeletions, 1);
});

test("offsets are deleted of groups that exist and, but for consumers, have no members", () => {
  const on = new GroupWorld();
  assert.deepEqual(on.deleteOffsets("t"), ["GROUP_ID_NOT_FOUND"]);
  commit(on, 1);
  assert.deepEqual(on.deleteOffsets("t", "u"), ["NONE", "NONE"]);
  assert.deepEqual(on.offsets(), {});
  member(on, subscription("t"), "connect");
  assert.deepEqual(on.deleteOffsets("t"), ["NON_EMPTY_GROUP"]);
});

test("groups without members are deleted with their offsets", () => {
  const on = new GroupWorld();
  commit(on, 1);
  commit(on, 2, { groupId: "h" });
  const memberId = member(on);
  assert.deepEqual(on.delete("g", "h", "nobody", "g"), ["NON_EMPTY_GROUP", "NONE", "GROUP_ID_NOT_FOUND"]);
  assert.deepEqual(on.list(), ["g: Stable"]);
  on.leave([{ memberId }]);
  assert.deepEqual(on.delete("g"), ["NONE"]);
  assert.deepEqual([on.list(), on.offsets(), on.offsets("h")], [[], {}, {}]);
  on.restart();
  assert.deepEqual(on.list(), []);
  assert.equal(errorName(on.join({ memberId }).answer.errorCode), "UNKNOWN_MEMBER_ID");
});

test("groups are listed by state and kind, and described as they are", () => {
  const on = new GroupWorld();
  const memberId = member(on);
  commit(on, 1, { groupId: "simple" });
  assert.deepEqual(on.list(), ["g: Stable", "simple: Empty"]);
  assert.deepEqual(on.list({ statesFilter: ["sTable", "Dead"] }), ["g: Stable"]);
  assert.deepEqual(on.list({ typesFilter: ["CLASSIC"] }), ["g: Stable", "simple: Empty"]);
  assert.deepEqual(on.list({ typesFilter: ["consumer", "nonsense"] }), []);
  const { groupState, protocolType, protocolData, members } = on.describe();
  assert.deepEqual([groupState, protocolType, protocolData], ["Stable", "consumer", "range"]);
  assert.deepEqual(
    members.map((described) => [described.memberId, described.clientHost, described.memberMetadata.length]),
    [[memberId, "/10.0.0.1", subscription("t").length]],
  );
  on.join({
    memberId: on.join({}).answer.memberId,
    protocols: [{ name: "range", metadata: subscription("t") }],
  });
  assert.equal(on.describe().groupState, "PreparingRebalance");
  assert.equal(on.describe().members[0]?.memberMetadata.length, 0);
  const missing = on.describe("nobody");
  assert.deepEqual([missing.groupState, errorName(missing.errorCode)], ["Dead", "GROUP_ID_NOT_FOUND"]);
  assert.equal(missing.errorMessage, "Group nobody not found.");
  assert.deepEqual([on.describe("nobody", 5).groupState, on.describe("nobody", 5).errorCode], ["Dead", 0]);
});
