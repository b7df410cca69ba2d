import assert from "node:assert/strict";
import { test } from "node:test";
import { errors, makeDescribeGroupsRequest, makeJoinGroupRequest } from "@ottla/protocol";
import {
  GROUP_BYTES_MAX,
  GROUP_OVERHEAD_BYTES,
  MEMBER_BYTES_MAX,
  MEMBER_OVERHEAD_BYTES,
  PENDING_MEMBERS_MAX,
} from "../limits.ts";
import { bytesOf, errorName, GroupWorld, textOf } from "../testing/group-world.ts";

/**
 * A group of dynamic members in generation 1, the first of them leading, each with its name as its
 * assignment.
 */
function stableGroup(on: GroupWorld, names: readonly string[], fields = {}): string[] {
  const joins = names.map((name) =>
    on.joinAnew({ ...fields, protocols: [{ name: "range", metadata: bytesOf(name) }] }),
  );
  on.pass(6100);
  const memberIds = joins.map(({ memberId }) => memberId);
  const assignments = memberIds.map((memberId, index) => ({
    memberId,
    assignment: bytesOf(names[index] ?? ""),
  }));
  const generationId = joins[0]?.joined.answer.generationId ?? 0;
  const syncs = memberIds
    .toReversed()
    .map((memberId, index) =>
      on.sync({ memberId, generationId, assignments: index === names.length - 1 ? assignments : [] }),
    );
  assert.deepEqual(
    syncs.map(({ answer }) => textOf(answer.assignment)),
    names.toReversed(),
  );
  return memberIds;
}

test("a new member is given an id first, joins with it, leads, and gets what it assigns itself", () => {
  const on = new GroupWorld();
  const first = on.join({}).answer;
  assert.equal(errorName(first.errorCode), "MEMBER_ID_REQUIRED");
  assert.match(first.memberId, /^c-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const { memberId } = first;
  const join = on.join({ memberId });
  on.pass(2990);
  assert.equal(join.isAnswered, false);
  on.pass(20);
  assert.deepEqual(
    [join.answer.generationId, join.answer.leader, join.answer.protocolName, join.answer.protocolType],
    [1, memberId, "range", "consumer"],
  );
  assert.deepEqual(
    join.answer.members.map((member) => [member.memberId, textOf(member.metadata)]),
    [[memberId, "meta"]],
  );
  const assignments = [{ memberId, assignment: bytesOf("all") }];
  const sync = on.sync({ memberId, generationId: 1, assignments });
  assert.equal(textOf(sync.answer.assignment), "all");
  assert.equal(on.heartbeat(memberId, 1), "NONE");
});

test("the log holds the new group, its generation, and the empty one after the last member, as Kafka writes them", () => {
  const on = new GroupWorld();
  const [memberId] = stableGroup(on, ["a"]);
  on.leave([{ memberId: memberId ?? "" }]);
  const values = on.records().map((record) => (record.kind === "group-metadata" ? record.value : null));
  assert.deepEqual(
    values.map((value) => [
      value?.protocolType,
      value?.generation,
      value?.protocol,
      value?.leader,
      value?.members.length,
    ]),
    [
      ["", 0, null, null, 0],
      ["consumer", 1, "range", memberId, 1],
      ["consumer", 2, null, null, 0],
    ],
  );
  const member = values[1]?.members[0];
  assert.deepEqual(
    [member?.clientId, member?.clientHost, member?.sessionTimeout, member?.rebalanceTimeout],
    ["c", "/10.0.0.1", 10_000, 60_000],
  );
});

test("a client before version 4 becomes a member at once; before version 7 no protocol is an empty name", () => {
  const on = new GroupWorld();
  const joined = on.join({}, 0);
  on.pass(3001);
  assert.deepEqual([joined.answer.errorCode, joined.answer.generationId], [0, 1]);
  assert.equal(on.join({ memberId: "nobody" }, 6).answer.protocolName, "");
  assert.equal(on.join({ memberId: "nobody" }, 7).answer.protocolName, null);
});

test("members that come while the first are waited for are waited for, too", () => {
  const on = new GroupWorld();
  const first = on.joinAnew();
  on.pass(2000);
  const second = on.joinAnew();
  on.pass(2000);
  assert.equal(first.joined.isAnswered, false);
  on.pass(2100);
  assert.deepEqual([first.joined.answer.generationId, second.joined.answer.generationId], [1, 1]);
  assert.deepEqual([first.joined.answer.members.length, second.joined.answer.members.length], [2, 0]);
});

test("a member that comes later makes the others rejoin; who does not is out after the rebalance timeout", () => {
  const on = new GroupWorld();
  const [a, b] = stableGroup(on, ["a", "b"], { rebalanceTimeoutMs: 5000 }) as [string, string];
  const third = on.joinAnew({ rebalanceTimeoutMs: 5000 });
  assert.equal(on.heartbeat(a, 1), "REBALANCE_IN_PROGRESS");
  const again = on.join({ memberId: a, rebalanceTimeoutMs: 5000 });
  on.pass(4000);
  assert.equal(on.heartbeat(b, 1), "REBALANCE_IN_PROGRESS");
  on.pass(1100);
  assert.equal(again.answer.generationId, 2);
  assert.equal(third.joined.answer.leader, a);
  assert.equal(again.answer.members.length, 2);
  assert.equal(on.heartbeat(b, 1), "UNKNOWN_MEMBER_ID");
});

test("the leader rebalances by joining again, a follower only with other metadata", () => {
  const on = new GroupWorld();
  const [leader, follower] = stableGroup(on, ["a", "b"]) as [string, string];
  const same = on.join({ memberId: follower, protocols: [{ name: "range", metadata: bytesOf("b") }] });
  assert.deepEqual([same.answer.generationId, same.answer.leader, same.answer.members], [1, leader, []]);
  assert.equal(on.heartbeat(leader, 1), "NONE");
  const changed = on.join({ memberId: follower, protocols: [{ name: "range", metadata: bytesOf("c") }] });
  assert.equal(on.heartbeat(leader, 1), "REBALANCE_IN_PROGRESS");
  const led = on.join({ memberId: leader });
  assert.deepEqual([changed.answer.generationId, led.answer.generationId], [2, 2]);
});

test("a member whose session ends is removed, and the others go on without it", () => {
  const on = new GroupWorld();
  const [a, b] = stableGroup(on, ["a", "b"]) as [string, string];
  for (let round = 0; round < 3; round++) {
    on.pass(4000);
    on.heartbeat(a, 1);
  }
  assert.equal(on.heartbeat(a, 1), "REBALANCE_IN_PROGRESS");
  assert.equal(on.heartbeat(b, 1), "UNKNOWN_MEMBER_ID");
  assert.equal(on.join({ memberId: a }).answer.generationId, 2);
});

test("members that do not ask for their assignment in time are removed", () => {
  const on = new GroupWorld();
  const a = on.joinAnew({ rebalanceTimeoutMs: 4000, sessionTimeoutMs: 20_000 });
  const b = on.joinAnew({ rebalanceTimeoutMs: 4000, sessionTimeoutMs: 20_000 });
  on.pass(4100);
  const waiting = on.sync({ memberId: b.memberId, generationId: 1 });
  on.pass(3900);
  assert.equal(errorName(waiting.answer.errorCode), "REBALANCE_IN_PROGRESS");
  assert.equal(on.heartbeat(a.memberId, 1), "UNKNOWN_MEMBER_ID");
  assert.equal(on.join({ memberId: b.memberId }).answer.leader, b.memberId);
});

test("a protocol that all support and most prefer is chosen; who supports none is refused", () => {
  const on = new GroupWorld();
  const protocols = (...names: string[]) => names.map((name) => ({ name, metadata: bytesOf(name) }));
  const a = on.joinAnew({ protocols: protocols("x", "range", "sticky") });
  on.joinAnew({ protocols: protocols("sticky", "range") });
  on.joinAnew({ protocols: protocols("sticky", "range", "range") });
  assert.equal(
    errorName(on.join({ protocols: protocols("x") }).answer.errorCode),
    "INCONSISTENT_GROUP_PROTOCOL",
  );
  const other = on.join({ protocolType: "connect", protocols: protocols("range") });
  assert.equal(errorName(other.answer.errorCode), "INCONSISTENT_GROUP_PROTOCOL");
  assert.equal(
    errorName(on.join({ groupId: "new", protocols: [] }).answer.errorCode),
    "INCONSISTENT_GROUP_PROTOCOL",
  );
  on.pass(6100);
  assert.equal(a.joined.answer.protocolName, "sticky");
});

test("bad requests are told apart", () => {
  const on = new GroupWorld();
  const code = (fields: object): string => errorName(on.join(fields).answer.errorCode);
  assert.equal(code({ groupId: "" }), "INVALID_GROUP_ID");
  assert.equal(code({ sessionTimeoutMs: 5999 }), "INVALID_SESSION_TIMEOUT");
  assert.equal(code({ sessionTimeoutMs: 1_800_001 }), "INVALID_SESSION_TIMEOUT");
  assert.equal(code({ memberId: "nobody" }), "UNKNOWN_MEMBER_ID");
  const [memberId] = stableGroup(on, ["a"]) as [string];
  assert.equal(code({ memberId: "nobody" }), "UNKNOWN_MEMBER_ID");
  assert.equal(code({ memberId, groupInstanceId: "i" }), "UNKNOWN_MEMBER_ID");
  const sync = (fields: object): string =>
    errorName(on.sync({ memberId, generationId: 1, ...fields }).answer.errorCode);
  assert.equal(sync({ groupId: "" }), "INVALID_GROUP_ID");
  assert.equal(sync({ groupId: "other" }), "UNKNOWN_MEMBER_ID");
  assert.equal(sync({ memberId: "nobody" }), "UNKNOWN_MEMBER_ID");
  assert.equal(sync({ generationId: 2 }), "ILLEGAL_GENERATION");
  assert.equal(sync({ protocolName: "sticky" }), "INCONSISTENT_GROUP_PROTOCOL");
  assert.equal(sync({ protocolType: "consumer", protocolName: "range" }), "NONE");
  assert.equal(on.heartbeat(memberId, 7), "ILLEGAL_GENERATION");
  assert.equal(on.heartbeat("nobody", 1), "UNKNOWN_MEMBER_ID");
});

test("an id that a client was given is forgotten after its session timeout, and is not good for a static member", () => {
  const on = new GroupWorld();
  const { memberId } = on.join({}).answer;
  assert.equal(
    errorName(on.join({ memberId, groupInstanceId: "i" }).answer.errorCode),
    "UNKNOWN_SERVER_ERROR",
  );
  on.pass(10_001);
  assert.equal(errorName(on.join({ memberId }).answer.errorCode), "UNKNOWN_MEMBER_ID");
});

test("a group has no more members than it may", () => {
  const on = new GroupWorld({ settings: { "group.max.size": "2" } });
  on.joinAnew();
  on.joinAnew();
  const third = on.joinAnew();
  assert.equal(errorName(third.joined.answer.errorCode), "GROUP_MAX_SIZE_REACHED");
  assert.equal(third.joined.answer.memberId, "");
});

test("a join that is repeated takes the place of the one that waits", () => {
  const on = new GroupWorld();
  const { memberId, joined } = on.joinAnew();
  const again = on.join({ memberId });
  assert.equal(errorName(joined.answer.errorCode), "REBALANCE_IN_PROGRESS");
  on.pass(3001);
  assert.equal(again.answer.generationId, 1);
  const waiting = on.joinAnew();
  const repeated = on.join({ memberId });
  assert.equal(repeated.answer.generationId, 2);
  assert.equal(waiting.joined.answer.generationId, 2);
});

test("members live on through a restart of the broker, with their assignments", () => {
  const on = new GroupWorld();
  const [a, b] = stableGroup(on, ["a", "b"]) as [string, string];
  on.restart();
  assert.deepEqual([on.heartbeat(a, 1), on.heartbeat(b, 1)], ["NONE", "NONE"]);
  assert.equal(textOf(on.sync({ memberId: b, generationId: 1 }).answer.assignment), "b");
  on.pass(8000);
  assert.equal(on.heartbeat(a, 1), "NONE");
  on.pass(3000);
  assert.deepEqual([on.heartbeat(a, 1), on.heartbeat(b, 1)], ["REBALANCE_IN_PROGRESS", "UNKNOWN_MEMBER_ID"]);
});

test("a group that is too large after a restart is made smaller by a rebalance", () => {
  const on = new GroupWorld();
  const [a, b] = stableGroup(on, ["a", "b"]) as [string, string];
  const smaller = new GroupWorld({ log: on.log, settings: { "group.max.size": "1" } });
  assert.equal(smaller.heartbeat(a, 1), "REBALANCE_IN_PROGRESS");
  const last = smaller.join({ memberId: b });
  assert.equal(errorName(smaller.join({ memberId: a }).answer.errorCode), "GROUP_MAX_SIZE_REACHED");
  assert.equal(last.answer.leader, b);
});

test("assignments that cannot be written make the members rejoin", () => {
  const on = new GroupWorld();
  const [memberId] = stableGroup(on, ["a"]) as [string];
  const joined = on.join({ memberId });
  assert.equal(joined.answer.generationId, 2);
  on.log.refuseWith = errors.NOT_ENOUGH_REPLICAS;
  const sync = on.sync({ memberId, generationId: 2 });
  assert.equal(errorName(sync.answer.errorCode), "COORDINATOR_NOT_AVAILABLE");
  on.log.refuseWith = null;
  assert.equal(on.heartbeat(memberId, 2), "REBALANCE_IN_PROGRESS");
  assert.equal(on.join({ memberId }).answer.generationId, 3);
});

test("a group that cannot be written does not exist", () => {
  const on = new GroupWorld();
  on.log.refuseWith = errors.KAFKA_STORAGE_ERROR;
  const joined = on.join({}, 3);
  assert.equal(errorName(joined.answer.errorCode), "NOT_COORDINATOR");
  on.log.refuseWith = null;
  assert.deepEqual(on.list(), []);
  assert.equal(on.joinAnew().joined.isAnswered, false);
});

test("who waits when the partition goes elsewhere is told so", () => {
  const on = new GroupWorld();
  const joining = on.joinAnew();
  on.groups.unload(0, 0);
  on.settle();
  assert.equal(errorName(joining.joined.answer.errorCode), "NOT_COORDINATOR");
  assert.equal(on.heartbeat("m", 1), "NOT_COORDINATOR");
  on.groups.load(0, 1, on.log);
  const request = on.join({}).answer;
  assert.ok(["COORDINATOR_LOAD_IN_PROGRESS", "MEMBER_ID_REQUIRED"].includes(errorName(request.errorCode)));
});

test("members count for the memory they hold until they go", () => {
  const on = new GroupWorld();
  const memberIds = stableGroup(on, ["a", "b", "c"]);
  assert.ok(on.groups.metrics.memberBytes > 3 * 2048);
  on.leave(memberIds.map((memberId) => ({ memberId })));
  // The group itself stays, empty.
  assert.equal(on.groups.metrics.memberBytes, GROUP_OVERHEAD_BYTES);
});

test("the members of one group hold so much, those of all groups and the groups themselves so much more", () => {
  const on = new GroupWorld();
  const metadata = new Uint8Array(4 * 1024 * 1024);
  const request = (groupId: string, memberMetadata: Uint8Array) =>
    makeJoinGroupRequest({
      groupId,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      protocolType: "consumer",
      protocols: [{ name: "range", metadata: memberMetadata }],
    });
  const refusals: string[] = [];
  const join = (groupId: string, memberMetadata: Uint8Array): void => {
    const context = { ...on.context, apiVersion: 3 };
    on.groups.joinGroup(context, request(groupId, memberMetadata), ({ errorCode }) =>
      refusals.push(errorName(errorCode)),
    );
  };
  const perGroup = Math.floor(GROUP_BYTES_MAX / (metadata.length + MEMBER_OVERHEAD_BYTES));
  for (let count = 0; count < perGroup; count++) join("heavy", metadata);
  assert.deepEqual(refusals, []);
  join("heavy", metadata);
  assert.deepEqual(refusals, ["GROUP_MAX_SIZE_REACHED"]);
  for (let count = 0; count < 2 * perGroup; count++) join("other", metadata);
  assert.ok(on.groups.metrics.memberBytes <= MEMBER_BYTES_MAX);
  assert.ok(on.groups.metrics.memberBytes > MEMBER_BYTES_MAX - 2 * metadata.length);
  const before = refusals.length;
  for (let count = 0; count < (2 * metadata.length) / GROUP_OVERHEAD_BYTES; count++)
    join(`g${count}`, new Uint8Array(0));
  assert.ok(refusals.length > before);
  assert.ok(on.groups.metrics.memberBytes <= MEMBER_BYTES_MAX);
});

test("so many ids are given out to clients that do not come back, and no more", () => {
  const on = new GroupWorld();
  const request = makeJoinGroupRequest({
    groupId: "g",
    sessionTimeoutMs: 10_000,
    protocolType: "consumer",
    protocols: [{ name: "range", metadata: bytesOf("") }],
  });
  const codes = new Map<string, number>();
  for (let count = 0; count < PENDING_MEMBERS_MAX + 5; count++) {
    on.groups.joinGroup({ ...on.context, apiVersion: 9 }, request, ({ errorCode }) => {
      codes.set(errorName(errorCode), (codes.get(errorName(errorCode)) ?? 0) + 1);
    });
  }
  on.settle();
  assert.deepEqual(
    [...codes].sort(([left], [right]) => (left < right ? 1 : -1)),
    [
      ["MEMBER_ID_REQUIRED", PENDING_MEMBERS_MAX],
      ["GROUP_MAX_SIZE_REACHED", 5],
    ],
  );
  on.pass(10_100);
  assert.equal(errorName(on.join({}).answer.errorCode), "MEMBER_ID_REQUIRED");
});

test("the first member of a group is answered once whoever asks next finds the group", () => {
  const on = new GroupWorld();
  const request = makeJoinGroupRequest({
    groupId: "g",
    sessionTimeoutMs: 10_000,
    protocolType: "consumer",
    protocols: [{ name: "range", metadata: bytesOf("") }],
  });
  const answered: string[] = [];
  on.groups.joinGroup({ ...on.context, apiVersion: 9 }, request, ({ errorCode }) => {
    on.groups.describeGroups(on.context, makeDescribeGroupsRequest({ groups: ["g"] }), ({ groups }) => {
      answered.push(errorName(errorCode), groups[0]?.groupState ?? "");
    });
  });
  assert.deepEqual(answered, []);
  on.settle();
  assert.deepEqual(answered, ["MEMBER_ID_REQUIRED", "Empty"]);
});
