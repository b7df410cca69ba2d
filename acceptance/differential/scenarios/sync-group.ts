// SyncGroup: leader and follower, once and again, and everything that a member may have got wrong.
import { apiKeys, type SyncGroupRequest } from "@ottla/protocol";
import type { Exchange, RequestOf } from "../exchange.ts";
import {
  type GroupMember,
  joinFields,
  newMemberId,
  opaque,
  readyGroup,
  stableGroup,
} from "../group-members.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type Key = typeof apiKeys.SyncGroup;
type X = Exchange<Key>;
type Assignment = SyncGroupRequest.SyncGroupRequestAssignment;

const staticFrom = 3;
const protocolFrom = 5;

interface Fields extends Partial<RequestOf<Key>> {
  readonly groupId: string;
}

/** What the version can say of it. */
async function sync(x: X, fields: Fields): Promise<void> {
  const { groupInstanceId, protocolType, protocolName, ...rest } = fields;
  await x.ask({
    ...rest,
    ...(x.version >= staticFrom && groupInstanceId !== undefined ? { groupInstanceId } : {}),
    ...(x.version >= protocolFrom
      ? { protocolType: protocolType ?? "consumer", protocolName: protocolName ?? "range" }
      : {}),
  });
}

function fieldsOf(groupId: string, member: GroupMember<Key>, assignments: Assignment[] = []): Fields {
  const { generationId, memberId, groupInstanceId } = member;
  return { groupId, generationId, memberId, groupInstanceId, assignments };
}

/** A member that joined and has not synced. */
async function joinedOnly(x: X, groupId: string): Promise<GroupMember<Key>> {
  const memberId = await newMemberId(x, groupId);
  const { generationId } = await x.call(apiKeys.JoinGroup, 9, joinFields(groupId, memberId));
  x.peer.symbols.member(memberId);
  return { party: x, memberId, generationId, groupInstanceId: null };
}

async function lookAt(x: X, groupId: string): Promise<void> {
  await x.look(apiKeys.DescribeGroups, 5, { groups: [groupId] }, "what came of it");
}

export const syncGroupScenarios = scenariosOf(apiKeys.SyncGroup, {
  "a leader assigns, and asks again": async (x) => {
    const groupId = await readyGroup(x);
    const member = await joinedOnly(x, groupId);
    const { memberId } = member;
    await sync(x, fieldsOf(groupId, member, [{ memberId, assignment: opaque("all") }]));
    await sync(x, fieldsOf(groupId, member));
    await sync(x, fieldsOf(groupId, member, [{ memberId, assignment: opaque("else") }]));
    await lookAt(x, groupId);
  },
  "members of a group at rest ask again": async (x) => {
    const groupId = await readyGroup(x);
    for (const member of await stableGroup(x, groupId, 2)) await sync(x, fieldsOf(groupId, member));
    await lookAt(x, groupId);
  },
  "an assignment that forgets, repeats and invents members": async (x) => {
    const groupId = await readyGroup(x);
    const member = await joinedOnly(x, groupId);
    await sync(x, fieldsOf(groupId, member, [{ memberId: "stranger", assignment: opaque("all") }]));
    await lookAt(x, groupId);
    const other = await readyGroup(x, "h");
    const repeated = await joinedOnly(x, other);
    const { memberId } = repeated;
    const assignments = ["first", "second"].map((text) => ({ memberId, assignment: opaque(text) }));
    await sync(x, fieldsOf(other, repeated, assignments));
    await lookAt(x, other);
  },
  "wrong generations, members and groups": async (x) => {
    const groupId = await readyGroup(x);
    const [member] = await stableGroup(x, groupId, 1);
    if (member === undefined) return;
    const right = fieldsOf(groupId, member);
    for (const generationId of [0, 2, -1]) await sync(x, { ...right, generationId });
    await sync(x, { ...right, memberId: "stranger" });
    await sync(x, { ...right, memberId: "" });
    await sync(x, { ...right, groupId: x.name("nobody") });
    await sync(x, { ...right, groupId: "" });
  },
  "a member that has only an id": async (x) => {
    const groupId = await readyGroup(x);
    const memberId = await newMemberId(x, groupId);
    await sync(x, { groupId, memberId, generationId: 0, assignments: [] });
  },
  "null assignments": async (x) => {
    const groupId = await readyGroup(x);
    await sync(x, { groupId, memberId: "m", generationId: 1, assignments: nullArray() });
  },
  "static members": {
    from: staticFrom,
    steps: async (x) => {
      const groupId = await readyGroup(x);
      const [member] = await stableGroup(x, groupId, 1, { instances: ["one"] });
      if (member === undefined) return;
      const right = fieldsOf(groupId, member);
      await sync(x, right);
      await sync(x, { ...right, memberId: "stranger" });
      await sync(x, { ...right, memberId: "" });
      await sync(x, { ...right, groupInstanceId: "two" });
      await sync(x, { ...right, groupInstanceId: null });
    },
  },
  "another protocol than the group's": {
    from: protocolFrom,
    steps: async (x) => {
      const groupId = await readyGroup(x);
      const [member] = await stableGroup(x, groupId, 1);
      if (member === undefined) return;
      const right = fieldsOf(groupId, member);
      await sync(x, { ...right, protocolType: "connect" });
      await sync(x, { ...right, protocolName: "else" });
      await x.ask({ ...right, protocolType: null, protocolName: null });
      await x.ask({ ...right, protocolType: "consumer", protocolName: null });
    },
  },
});
