// LeaveGroup: one and several members, static ones by instance id, strangers. What is left is looked at.
import { apiKeys, type LeaveGroupRequest } from "@ottla/protocol";
import type { Exchange } from "../exchange.ts";
import { newMemberId, readyGroup, stableGroup } from "../group-members.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.LeaveGroup>;
type Identity = LeaveGroupRequest.MemberIdentity;
const severalFrom = 3;
const reasonFrom = 5;

function named(memberId: string, groupInstanceId: string | null = null): Identity {
  return { memberId, groupInstanceId, reason: null };
}

/** Before version 3 one request for each. */
async function leave(x: X, groupId: string, members: readonly Identity[]): Promise<void> {
  if (x.version >= severalFrom) await x.ask({ groupId, members: [...members] });
  else for (const { memberId } of members) await x.ask({ groupId, memberId });
}

async function lookAt(x: X, groupId: string): Promise<void> {
  await x.look(apiKeys.DescribeGroups, 5, { groups: [groupId] }, "what is left");
}

export const leaveGroupScenarios = scenariosOf(apiKeys.LeaveGroup, {
  "the only member, twice": async (x) => {
    const groupId = await readyGroup(x);
    const [member] = await stableGroup(x, groupId, 1);
    for (let times = 0; times < 2; times += 1) {
      await leave(x, groupId, [named(member?.memberId ?? "")]);
      await lookAt(x, groupId);
    }
  },
  "one of two": async (x) => {
    const groupId = await readyGroup(x);
    const [leader] = await stableGroup(x, groupId, 2);
    await leave(x, groupId, [named(leader?.memberId ?? "")]);
    await lookAt(x, groupId);
  },
  "a member that has only an id": async (x) => {
    const groupId = await readyGroup(x);
    await leave(x, groupId, [named(await newMemberId(x, groupId))]);
    await lookAt(x, groupId);
  },
  "strangers, and groups that are not there": async (x) => {
    const groupId = await readyGroup(x);
    await stableGroup(x, groupId, 1);
    await leave(x, groupId, [named("stranger")]);
    await leave(x, groupId, [named("")]);
    await leave(x, x.name("nobody"), [named("stranger")]);
    await leave(x, "", [named("stranger")]);
    await lookAt(x, groupId);
  },
  "several at once, one twice, one unknown": {
    from: severalFrom,
    steps: async (x) => {
      const groupId = await readyGroup(x);
      const [leader, follower] = await stableGroup(x, groupId, 2);
      const ids = [leader?.memberId, "stranger", follower?.memberId, leader?.memberId];
      await leave(
        x,
        groupId,
        ids.map((id) => named(id ?? "")),
      );
      await lookAt(x, groupId);
    },
  },
  "static members": {
    from: severalFrom,
    steps: async (x) => {
      const groupId = await readyGroup(x);
      const [first, second] = await stableGroup(x, groupId, 2, { instances: ["one", "two"] });
      await leave(x, groupId, [named("stranger", "one")]);
      await leave(x, groupId, [named("", "three")]);
      await leave(x, groupId, [named(second?.memberId ?? "", "one")]);
      await leave(x, groupId, [named("", "one")]);
      await leave(x, groupId, [named(first?.memberId ?? "", "one")]);
      await leave(x, groupId, [named(second?.memberId ?? "", "two")]);
      await lookAt(x, groupId);
    },
  },
  "a reason": {
    from: reasonFrom,
    steps: async (x) => {
      const groupId = await readyGroup(x);
      const [member] = await stableGroup(x, groupId, 1);
      await leave(x, groupId, [{ ...named(member?.memberId ?? ""), reason: "x".repeat(1000) }]);
      await lookAt(x, groupId);
    },
  },
  "no members, null ones": {
    from: severalFrom,
    steps: async (x) => {
      const groupId = await readyGroup(x);
      await stableGroup(x, groupId, 1);
      await x.ask({ groupId, members: [] });
      await x.ask({ groupId: x.name("nobody"), members: [] });
      await x.ask({ groupId, members: nullArray() });
    },
  },
});
