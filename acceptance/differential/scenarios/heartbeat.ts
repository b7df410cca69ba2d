// Heartbeat: of members at rest and in a rebalance, and everything that a member may have got wrong.
import { apiKeys } from "@ottla/protocol";
import type { Exchange, RequestOf } from "../exchange.ts";
import { joinFields, newMemberId, readyGroup, stableGroup } from "../group-members.ts";
import { scenariosOf } from "../scenario.ts";

type Key = typeof apiKeys.Heartbeat;
type X = Exchange<Key>;
const staticFrom = 3;

/** What the version can say of it. */
async function beat(x: X, fields: Partial<RequestOf<Key>>): Promise<void> {
  const { groupInstanceId, ...rest } = fields;
  await x.ask({
    ...rest,
    ...(x.version >= staticFrom && groupInstanceId !== undefined ? { groupInstanceId } : {}),
  });
}

export const heartbeatScenarios = scenariosOf(apiKeys.Heartbeat, {
  "members at rest": async (x) => {
    const groupId = await readyGroup(x);
    for (const { generationId, memberId } of await stableGroup(x, groupId, 2))
      await beat(x, { groupId, generationId, memberId });
  },
  "a member that joined and has not synced": async (x) => {
    const groupId = await readyGroup(x);
    const memberId = await newMemberId(x, groupId);
    await beat(x, { groupId, generationId: 0, memberId });
    const { generationId } = await x.call(apiKeys.JoinGroup, 9, joinFields(groupId, memberId));
    await beat(x, { groupId, generationId, memberId });
    await beat(x, { groupId, generationId: generationId + 1, memberId });
  },
  "a rebalance": async (x) => {
    const groupId = await readyGroup(x);
    const [leader, follower] = await stableGroup(x, groupId, 2);
    if (leader === undefined || follower === undefined) return;
    const { generationId, memberId } = follower;
    await x.call(apiKeys.LeaveGroup, 5, {
      groupId,
      members: [{ memberId: leader.memberId, groupInstanceId: null, reason: null }],
    });
    await beat(x, { groupId, generationId, memberId });
    await beat(x, { groupId, generationId, memberId: leader.memberId });
  },
  "wrong generations, members and groups": async (x) => {
    const groupId = await readyGroup(x);
    const [member] = await stableGroup(x, groupId, 1);
    const memberId = member?.memberId ?? "";
    for (const generationId of [0, 2, -1]) await beat(x, { groupId, generationId, memberId });
    await beat(x, { groupId, generationId: 1, memberId: "stranger" });
    await beat(x, { groupId, generationId: 1, memberId: "" });
    await beat(x, { groupId: x.name("nobody"), generationId: 1, memberId });
    await beat(x, { groupId: "", generationId: 1, memberId });
  },
  "static members": {
    from: staticFrom,
    steps: async (x) => {
      const groupId = await readyGroup(x);
      const [member] = await stableGroup(x, groupId, 1, { instances: ["one"] });
      const right = { groupId, generationId: 1, memberId: member?.memberId ?? "", groupInstanceId: "one" };
      await beat(x, right);
      await beat(x, { ...right, memberId: "stranger" });
      await beat(x, { ...right, groupInstanceId: "two" });
      await beat(x, { ...right, groupInstanceId: null });
      await beat(x, { ...right, generationId: 9 });
    },
  },
});
