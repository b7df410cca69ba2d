// What the broker adds to the group coordinator's answers in the APIs of membership and of lists: forms of
// versions, permissions, hidden groups.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apiKeys,
  type DeleteGroupsResponse,
  type DescribeGroupsResponse,
  errors,
  type JoinGroupResponse,
  type LeaveGroupResponse,
  type ListGroupsResponse,
  makeDeleteGroupsResponse,
  makeDescribeGroupsResponse,
  makeDescribeGroupsResponseDescribedGroup,
  makeLeaveGroupRequestMemberIdentity,
  makeLeaveGroupResponse,
  makeListGroupsResponse,
  makeListGroupsResponseListedGroup,
  makeSyncGroupResponse,
  type SyncGroupResponse,
} from "@ottla/protocol";
import type { Authorizer } from "../authorizer/authorizer.ts";
import { ask } from "../testing/ask.ts";
import { controlPlaneBroker } from "../testing/control-plane-broker.ts";
import type { GroupAnswers } from "../testing/scripted-group-coordinator.ts";

const { GROUP_AUTHORIZATION_FAILED, GROUP_ID_NOT_FOUND } = errors;
const hides: Authorizer = {
  isAllowed: ({ resourceType, name }) => resourceType === "GROUP" && name !== "hidden",
};

const answers: GroupAnswers = {
  syncGroup: () => makeSyncGroupResponse({ protocolType: "consumer", protocolName: "range" }),
  leaveGroup: ({ members }) =>
    makeLeaveGroupResponse({
      members: members.map(({ memberId, groupInstanceId }) => ({
        memberId,
        groupInstanceId,
        errorCode: memberId === "m" ? 0 : errors.UNKNOWN_MEMBER_ID.code,
      })),
    }),
  describeGroups: ({ groups }) =>
    makeDescribeGroupsResponse({
      groups: groups.map((groupId) =>
        makeDescribeGroupsResponseDescribedGroup({
          groupId,
          errorCode: groupId === "none" ? GROUP_ID_NOT_FOUND.code : 0,
        }),
      ),
    }),
  listGroups: () =>
    makeListGroupsResponse({
      groups: ["hidden", "seen"].map((groupId) => makeListGroupsResponseListedGroup({ groupId })),
    }),
  deleteGroups: ({ groupsNames }) =>
    makeDeleteGroupsResponse({
      results: groupsNames.map((groupId) => ({ groupId, errorCode: 0, errorMessage: null })),
    }),
};

function setUp(authorizer: Authorizer = hides) {
  const { askedGroups, broker } = controlPlaneBroker({ groups: answers, authorizer });
  const to =
    <Response>(key: number) =>
    (version: number, fields: Readonly<Record<string, unknown>>): Response =>
      ask(broker, key, version, fields) as Response;
  return {
    askedGroups,
    join: to<JoinGroupResponse>(apiKeys.JoinGroup),
    sync: to<SyncGroupResponse>(apiKeys.SyncGroup),
    leave: to<LeaveGroupResponse>(apiKeys.LeaveGroup),
    describe: to<DescribeGroupsResponse>(apiKeys.DescribeGroups),
    list: to<ListGroupsResponse>(apiKeys.ListGroups),
    remove: to<DeleteGroupsResponse>(apiKeys.DeleteGroups),
  };
}

test("JoinGroup: who may not hears no protocol name: null from version 7, empty before", () => {
  const { join } = setUp();
  assert.equal(join(6, { groupId: "hidden" }).protocolName, "");
  assert.equal(join(7, { groupId: "hidden" }).protocolName, null);
  assert.equal(join(9, { groupId: "hidden" }).errorCode, GROUP_AUTHORIZATION_FAILED.code);
});

test("SyncGroup: from version 5 the protocol is mandatory", () => {
  const { askedGroups, sync } = setUp();
  const { errorCode } = sync(5, { groupId: "g", protocolType: "consumer", protocolName: null });
  assert.equal(errorCode, errors.INCONSISTENT_GROUP_PROTOCOL.code);
  assert.equal(askedGroups.length, 0);
  assert.equal(sync(4, { groupId: "g" }).errorCode, 0);
  assert.equal(
    sync(5, { groupId: "g", protocolType: "consumer", protocolName: "range" }).protocolName,
    "range",
  );
});

test("LeaveGroup: before version 3 the outcome of the one member is the answer's", () => {
  const { leave } = setUp();
  assert.equal(leave(2, { groupId: "g", memberId: "m" }).errorCode, 0);
  assert.equal(leave(0, { groupId: "g", memberId: "x" }).errorCode, errors.UNKNOWN_MEMBER_ID.code);
  const members = [makeLeaveGroupRequestMemberIdentity({ memberId: "x", groupInstanceId: "i" })];
  const { errorCode, members: answered } = leave(5, { groupId: "g", members });
  assert.deepEqual(
    [errorCode, answered[0]?.groupInstanceId, answered[0]?.errorCode],
    [0, "i", errors.UNKNOWN_MEMBER_ID.code],
  );
});

test("DescribeGroups: refused groups come first; permitted operations are told of groups that exist", () => {
  const { describe } = setUp();
  const { groups } = describe(6, { groups: ["seen", "hidden", "none"], includeAuthorizedOperations: true });
  assert.deepEqual(
    groups.map(({ groupId, errorCode, authorizedOperations }) => [groupId, errorCode, authorizedOperations]),
    [
      ["hidden", GROUP_AUTHORIZATION_FAILED.code, -2147483648],
      ["seen", 0, 3400],
      ["none", GROUP_ID_NOT_FOUND.code, -2147483648],
    ],
  );
});

test("ListGroups: hidden groups are left out unless the client may describe the cluster", () => {
  const names = ({ list }: ReturnType<typeof setUp>): string[] =>
    list(5, {}).groups.map(({ groupId }) => groupId);
  assert.deepEqual(names(setUp()), ["seen"]);
  const clusterWide = setUp({ isAllowed: ({ resourceType }) => resourceType === "CLUSTER" });
  assert.deepEqual(names(clusterWide), ["hidden", "seen"]);
});

test("DeleteGroups: a group named twice is answered once, refused ones come last", () => {
  const { remove } = setUp();
  const { results } = remove(2, { groupsNames: ["hidden", "a", "b", "a"] });
  assert.deepEqual(
    results.map(({ groupId, errorCode }) => [groupId, errorCode]),
    [
      ["a", 0],
      ["b", 0],
      ["hidden", GROUP_AUTHORIZATION_FAILED.code],
    ],
  );
});
