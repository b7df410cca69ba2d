import assert from "node:assert/strict";
import { test } from "node:test";
import { errors } from "@ottla/protocol";
import { bytesOf, errorName, GroupWorld, textOf } from "../testing/group-world.ts";

const groupInstanceId = "i1";
const meta = [{ name: "range", metadata: bytesOf("meta") }];

/** A stable group of the static member i1, who leads, and the dynamic member it returns second. */
function staticGroup(on: GroupWorld): { leader: string; follower: string } {
  const first = on.join({ groupInstanceId });
  const second = on.joinAnew();
  on.pass(6100);
  const [leader, follower] = [first.answer.leader, second.memberId];
  assert.match(leader, /^i1-/);
  const assignments = [leader, follower].map((memberId) => ({ memberId, assignment: bytesOf(memberId) }));
  on.sync({ memberId: leader, groupInstanceId, generationId: 1, assignments });
  on.sync({ memberId: follower, generationId: 1 });
  return { leader, follower };
}

test("a static member that comes back gets a new id and its assignment, without a rebalance", () => {
  const on = new GroupWorld();
  const { leader, follower } = staticGroup(on);
  const back = on.join({ groupInstanceId }).answer;
  assert.notEqual(back.memberId, leader);
  assert.deepEqual([back.errorCode, back.generationId, back.leader], [0, 1, back.memberId]);
  assert.deepEqual([back.skipAssignment, back.members.length], [true, 2]);
  assert.equal(on.heartbeat(follower, 1), "NONE");
  const sync = on.sync({ memberId: back.memberId, groupInstanceId, generationId: 1 });
  assert.equal(textOf(sync.answer.assignment), leader);
  assert.equal(on.heartbeat(leader, 1, groupInstanceId), "FENCED_INSTANCE_ID");
  assert.equal(on.heartbeat(leader, 1), "UNKNOWN_MEMBER_ID");
  assert.equal(
    errorName(on.join({ memberId: leader, groupInstanceId }).answer.errorCode),
    "FENCED_INSTANCE_ID",
  );
  on.restart();
  assert.equal(on.heartbeat(back.memberId, 1, groupInstanceId), "NONE");
});

test("before version 9 a leader that comes back is told its former id, so that it does not assign anew", () => {
  const on = new GroupWorld();
  const { leader } = staticGroup(on);
  const back = on.join({ groupInstanceId }, 8).answer;
  assert.deepEqual([back.leader, back.skipAssignment, back.members], [leader, false, []]);
});

test("a static member that comes back with other protocols rebalances the group where that changes the choice", () => {
  const on = new GroupWorld();
  const protocols = [...meta, { name: "sticky", metadata: bytesOf("s") }];
  const first = on.join({ groupInstanceId, protocols });
  on.pass(3001);
  on.sync({ memberId: first.answer.memberId, groupInstanceId, generationId: 1 });
  const changed = on.join({ groupInstanceId, protocols: protocols.slice(1) });
  assert.deepEqual([changed.answer.generationId, changed.answer.protocolName], [2, "sticky"]);
});

test("a static member that does not rejoin stays in the group until its session ends", () => {
  const on = new GroupWorld();
  const { leader, follower } = staticGroup(on);
  on.pass(9000);
  assert.equal(on.heartbeat(leader, 1, groupInstanceId), "NONE");
  assert.equal(on.heartbeat(follower, 1), "NONE");
  const third = on.joinAnew({ rebalanceTimeoutMs: 5000 });
  const rejoined = on.join({ memberId: follower, rebalanceTimeoutMs: 5000 });
  for (let second = 0; second < 10; second++) on.pass(1000);
  // Its rebalance timeout is a minute; its session ends first, and with it the wait.
  assert.equal(rejoined.answer.generationId, 2);
  assert.equal(third.joined.answer.generationId, 2);
  assert.equal(on.heartbeat(leader, 1, groupInstanceId), "UNKNOWN_MEMBER_ID");
});

test("who waits under the id of a static member is fenced when that comes back", () => {
  const on = new GroupWorld();
  const waiting = on.join({ groupInstanceId });
  const back = on.join({ groupInstanceId });
  assert.equal(errorName(waiting.answer.errorCode), "FENCED_INSTANCE_ID");
  on.pass(6100);
  assert.equal(back.answer.generationId, 1);
  assert.equal(back.answer.members.length, 1);
});

test("a static member that comes back while the others wait for their assignment makes them rejoin", () => {
  const on = new GroupWorld();
  const first = on.join({ groupInstanceId });
  const second = on.joinAnew();
  on.pass(6100);
  const waiting = on.sync({ memberId: second.memberId, generationId: 1 });
  const back = on.join({ groupInstanceId });
  assert.equal(errorName(waiting.answer.errorCode), "REBALANCE_IN_PROGRESS");
  on.join({ memberId: second.memberId });
  assert.equal(back.answer.generationId, 2);
  assert.notEqual(back.answer.memberId, first.answer.memberId);
});

test("a static member whose return cannot be written keeps its former id", () => {
  const on = new GroupWorld();
  const { leader, follower } = staticGroup(on);
  on.log.refuseWith = errors.NOT_ENOUGH_REPLICAS;
  const back = on.join({ groupInstanceId }).answer;
  assert.equal(errorName(back.errorCode), "COORDINATOR_NOT_AVAILABLE");
  on.log.refuseWith = null;
  assert.equal(on.heartbeat(leader, 1, groupInstanceId), "NONE");
  assert.equal(on.heartbeat(follower, 1), "NONE");
});

test("an administrator removes static members by their instance ids, several at once", () => {
  const on = new GroupWorld();
  const { leader, follower } = staticGroup(on);
  assert.deepEqual(
    on.leave([
      { memberId: "", groupInstanceId },
      { memberId: "", groupInstanceId: "nobody" },
      { memberId: "" },
      { memberId: follower, groupInstanceId: "i1" },
      { memberId: "nobody" },
    ]),
    ["NONE", "UNKNOWN_MEMBER_ID", "UNKNOWN_MEMBER_ID", "UNKNOWN_MEMBER_ID", "UNKNOWN_MEMBER_ID"],
  );
  assert.equal(on.heartbeat(leader, 1, groupInstanceId), "UNKNOWN_MEMBER_ID");
  assert.equal(on.heartbeat(follower, 1), "REBALANCE_IN_PROGRESS");
});

test("a member that leaves while others wait for it lets them go on", () => {
  const on = new GroupWorld();
  const { leader, follower } = staticGroup(on);
  const third = on.joinAnew();
  on.join({ memberId: follower });
  assert.equal(third.joined.isAnswered, false);
  assert.deepEqual(on.leave([{ memberId: leader, groupInstanceId }]), ["NONE"]);
  assert.equal(third.joined.answer.generationId, 2);
  const waiting = on.joinAnew();
  assert.deepEqual(on.leave([{ memberId: waiting.memberId }]), ["NONE"]);
  assert.equal(errorName(waiting.joined.answer.errorCode), "UNKNOWN_MEMBER_ID");
  const pending = on.join({}).answer.memberId;
  assert.deepEqual(on.leave([{ memberId: pending }]), ["NONE"]);
  assert.deepEqual(on.leave([{ memberId: pending }]), ["UNKNOWN_MEMBER_ID"]);
});
