import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf, errorName, GroupWorld, textOf } from "../testing/group-world.ts";

test("a new member is given an id first, joins with it, leads, and gets what it assigns itself", () => {
  const on = new GroupWorld();
  const first = on.join({}).answer;
  assert.equal(errorName(first.errorCode), "MEMBER_ID_REQUIRED");
  assert.match(first.memberId, /^c-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const memberId = first.memberId;
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
