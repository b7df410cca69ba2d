// Questions about very many groups: they take turns with everybody else's.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type DeleteGroupsResponse,
  type DescribeGroupsResponse,
  makeDeleteGroupsRequest,
  makeDescribeGroupsRequest,
  makeOffsetCommitRequest,
  type OffsetCommitResponse,
  ZERO_UUID,
} from "@ottla/protocol";
import { Asked, errorName, GroupWorld } from "../testing/group-world.ts";

const groupIds = Array.from({ length: 1200 }, (_, at) => `group-${at}`);

function worldOfGroups(): GroupWorld {
  const world = new GroupWorld();
  for (const groupId of groupIds) world.commitOffset(1, { groupId });
  return world;
}

test("very many groups are described and deleted over several turns, others are served in between", () => {
  const world = worldOfGroups();
  const described = new Asked<DescribeGroupsResponse>();
  world.groups.describeGroups(world.context, makeDescribeGroupsRequest({ groups: groupIds }), described.take);
  const deleted = new Asked<DeleteGroupsResponse>();
  world.groups.deleteGroups(
    world.context,
    makeDeleteGroupsRequest({ groupsNames: ["none", ...groupIds] }),
    deleted.take,
  );
  assert.deepEqual([described.isAnswered, deleted.isAnswered], [false, false]);
  const committed = new Asked<OffsetCommitResponse>();
  const topics = [
    { name: "t", topicId: ZERO_UUID, partitions: [{ partitionIndex: 0, committedOffset: 1n }] },
  ];
  world.groups.commitOffsets(
    world.context,
    makeOffsetCommitRequest({ groupId: "g", topics: topics as never }),
    committed.take,
  );
  world.world.run({ until: () => committed.isAnswered });
  assert.equal(deleted.isAnswered, false);
  world.pass(10_000);
  assert.deepEqual(
    described.answer.groups.map(({ groupId }) => groupId),
    groupIds,
  );
  assert.deepEqual(
    deleted.answer.results.map(({ groupId, errorCode }) => `${groupId} ${errorName(errorCode)}`),
    ["none GROUP_ID_NOT_FOUND", ...groupIds.map((groupId) => `${groupId} NONE`)],
  );
  assert.deepEqual(world.list(), ["g: Empty"]);
});

test("a coordinator that closes in the middle answers for every group all the same", () => {
  const world = worldOfGroups();
  const deleted = new Asked<DeleteGroupsResponse>();
  const request = makeDeleteGroupsRequest({ groupsNames: groupIds });
  world.groups.deleteGroups(world.context, request, deleted.take);
  world.groups.close();
  world.pass(10_000);
  const codes = new Set(deleted.answer.results.map(({ errorCode }) => errorName(errorCode)));
  assert.equal(deleted.answer.results.length, groupIds.length);
  assert.ok(codes.has("NOT_COORDINATOR"), [...codes].join());
});
