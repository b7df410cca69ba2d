// JoinGroup: first and second members, members without id, static ones, what cannot join, and who is dropped.
// The groups are looked at afterwards.
import { apiKeys, errors, type JoinGroupResponse } from "@ottla/protocol";
import type { Exchange, RequestOf } from "../exchange.ts";
import { joinFields, newMemberId, readyGroup, stableGroup, subscriptionTo, until } from "../group-members.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.JoinGroup>;
type Fields = Partial<RequestOf<typeof apiKeys.JoinGroup>>;

/** A busy machine must not take longer between two requests. */
const dropTimeoutMs = 2_000;
const rebalanceTimeoutFrom = 1;
const memberIdRequiredFrom = 4;
const staticFrom = 5;
const reasonFrom = 8;

/** What the version can say of it. */
async function join(x: X, fields: Fields): Promise<JoinGroupResponse | null> {
  const { rebalanceTimeoutMs, groupInstanceId, reason, ...rest } = fields;
  return await x.ask({
    ...rest,
    ...(x.version >= rebalanceTimeoutFrom && rebalanceTimeoutMs !== undefined ? { rebalanceTimeoutMs } : {}),
    ...(x.version >= staticFrom && groupInstanceId !== undefined ? { groupInstanceId } : {}),
    ...(x.version >= reasonFrom && reason !== undefined ? { reason } : {}),
  });
}

async function lookAt(x: X, ...groups: string[]): Promise<void> {
  await x.look(apiKeys.DescribeGroups, 5, { groups }, "what came of it");
}

/**
 * A member joins a group whose only member, at rest, never hears of it. Both peers wait the rebalance time;
 * the new member then has that long until it must have synced, and is looked at before.
 */
async function dropSilentMember(x: X): Promise<void> {
  const groupId = await readyGroup(x);
  await stableGroup(x, groupId, 1, { rebalanceTimeoutMs: dropTimeoutMs });
  const memberId = x.version >= memberIdRequiredFrom ? await newMemberId(x, groupId) : "";
  await join(x, { ...joinFields(groupId, memberId), rebalanceTimeoutMs: dropTimeoutMs });
  await lookAt(x, groupId);
}

async function joinWith(x: X, groupId: string, metadata: Uint8Array): Promise<void> {
  const memberId = x.version >= memberIdRequiredFrom ? await newMemberId(x, groupId, { metadata }) : "";
  await join(x, joinFields(groupId, memberId, { metadata }));
  await lookAt(x, groupId);
}

/** Until the member is to join again. */
async function untilRebalance(x: X, groupId: string, memberId: string, generationId: number): Promise<void> {
  await until(
    () => x.call(apiKeys.Heartbeat, 4, { groupId, memberId, generationId }),
    ({ errorCode }) => errorCode === errors.REBALANCE_IN_PROGRESS.code,
    "no rebalance begins",
  );
}

export const joinGroupScenarios = scenariosOf(apiKeys.JoinGroup, {
  "a first member, with an id and without one": async (x) => {
    const groupId = await readyGroup(x);
    const first = await join(x, joinFields(groupId, ""));
    if (x.version >= memberIdRequiredFrom) await join(x, joinFields(groupId, first?.memberId ?? ""));
    await lookAt(x, groupId);
  },
  "a second member moves the group on": async (x) => {
    const groupId = await readyGroup(x);
    const [leader] = await stableGroup(x, groupId, 1);
    if (leader === undefined) return;
    const second = x.party();
    const memberId = x.version >= memberIdRequiredFrom ? await newMemberId(second, groupId) : "";
    const joining = join(second, joinFields(groupId, memberId, { metadata: subscriptionTo("other") }));
    await untilRebalance(leader.party, groupId, leader.memberId, leader.generationId);
    await Promise.all([joining, join(leader.party, joinFields(groupId, leader.memberId))]);
    await lookAt(x, groupId);
  },
  "members of a group at rest join again": async (x) => {
    const groupId = await readyGroup(x);
    const [leader, follower] = await stableGroup(x, groupId, 2);
    if (leader === undefined || follower === undefined) return;
    await join(follower.party, joinFields(groupId, follower.memberId));
    const leading = join(leader.party, joinFields(groupId, leader.memberId));
    await untilRebalance(follower.party, groupId, follower.memberId, follower.generationId);
    await Promise.all([leading, join(follower.party, joinFields(groupId, follower.memberId))]);
    await lookAt(x, groupId);
  },
  "a member with news makes the others join again": async (x) => {
    const groupId = await readyGroup(x);
    const [leader, follower] = await stableGroup(x, groupId, 2);
    if (leader === undefined || follower === undefined) return;
    const news = joinFields(groupId, follower.memberId, { metadata: subscriptionTo("news") });
    const joining = join(follower.party, news);
    await untilRebalance(leader.party, groupId, leader.memberId, leader.generationId);
    await Promise.all([joining, join(leader.party, joinFields(groupId, leader.memberId))]);
    await lookAt(x, groupId);
  },
  "who does not come back in time is dropped, in the first version": {
    from: rebalanceTimeoutFrom,
    to: rebalanceTimeoutFrom,
    steps: dropSilentMember,
  },
  "who does not come back in time is dropped, in the newest version": {
    from: 9,
    steps: dropSilentMember,
  },
  "no group id, and odd ones": async (x) => {
    await readyGroup(x);
    await join(x, joinFields("", ""));
    if (x.version >= memberIdRequiredFrom) await join(x, joinFields(x.name("ü"), ""));
  },
  "session timeouts out of range": async (x) => {
    const groupId = await readyGroup(x);
    for (const sessionTimeoutMs of [0, -1, 5999, 1_800_001, 2147483647])
      await join(x, { ...joinFields(groupId, ""), sessionTimeoutMs });
    await lookAt(x, groupId);
  },
  "an id that nobody gave out": async (x) => {
    const groupId = await readyGroup(x);
    await join(x, joinFields(groupId, "stranger"));
    await stableGroup(x, groupId, 1);
    await join(x, joinFields(groupId, "stranger"));
    await lookAt(x, groupId);
  },
  "no protocols, no protocol type": async (x) => {
    const groupId = await readyGroup(x);
    await join(x, { ...joinFields(groupId, ""), protocols: [] });
    await join(x, { ...joinFields(groupId, ""), protocolType: "" });
    await join(x, { ...joinFields(groupId, ""), protocols: nullArray() });
    await lookAt(x, groupId);
  },
  "protocols that the group does not have": async (x) => {
    const groupId = await readyGroup(x);
    await stableGroup(x, groupId, 1);
    await join(x, { ...joinFields(groupId, ""), protocolType: "connect" });
    await join(x, {
      ...joinFields(groupId, ""),
      protocols: [{ name: "else", metadata: subscriptionTo("t") }],
    });
    await join(x, { ...joinFields(groupId, ""), protocols: [] });
    await lookAt(x, groupId);
  },
  "a protocol named twice": async (x) => {
    const groupId = await readyGroup(x);
    const protocols = ["a", "b", "a"].map((name) => ({ name, metadata: subscriptionTo(name) }));
    const first = await join(x, { ...joinFields(groupId, ""), protocols });
    if (x.version >= memberIdRequiredFrom)
      await join(x, { ...joinFields(groupId, first?.memberId ?? ""), protocols });
    await lookAt(x, groupId);
  },
  "subscriptions that are none, and of versions to come": async (x) => {
    const texts = ["", "000000", "000900000000ffffffff", "ffff00000000ffffffff", "00000000000000000000ffff"];
    for (const [index, text] of texts.entries())
      await joinWith(x, await readyGroup(x, `g${index}`), Buffer.from(text, "hex"));
  },
  "a subscription that ends too early": async (x) => {
    const groupId = await readyGroup(x);
    // Nine topics are promised, one is there.
    const metadata = Buffer.from("000000000009000161", "hex");
    const memberId = x.version >= memberIdRequiredFrom ? await newMemberId(x, groupId, { metadata }) : "";
    x.expectSilence();
    await join(x, joinFields(groupId, memberId, { metadata }));
    await lookAt(x, x.name("another"));
  },
  "static members": {
    from: staticFrom,
    steps: async (x) => {
      const groupId = await readyGroup(x);
      const fields = joinFields(groupId, "", { groupInstanceId: "one" });
      const first = await join(x, fields);
      const party = x.party();
      const again = await join(party, fields);
      await join(x, { ...fields, memberId: first?.memberId ?? "" });
      await join(x, { ...fields, memberId: "stranger" });
      await join(x, { ...fields, memberId: again?.memberId ?? "", groupInstanceId: "two" });
      await lookAt(x, groupId);
    },
  },
  "a static member comes back to a group at rest": {
    from: staticFrom,
    steps: async (x) => {
      const groupId = await readyGroup(x);
      const [, follower] = await stableGroup(x, groupId, 2, { instances: ["one", "two"] });
      if (follower === undefined) return;
      await join(x, joinFields(groupId, "", { groupInstanceId: "two" }));
      await join(follower.party, joinFields(groupId, follower.memberId, { groupInstanceId: "two" }));
      await join(x, joinFields(groupId, "", { groupInstanceId: "one" }));
      await lookAt(x, groupId);
    },
  },
  "an instance id that is empty": {
    from: staticFrom,
    steps: async (x) => {
      const groupId = await readyGroup(x);
      await join(x, joinFields(groupId, "", { groupInstanceId: "" }));
      await lookAt(x, groupId);
    },
  },
  "a reason": {
    from: reasonFrom,
    steps: async (x) => {
      const groupId = await readyGroup(x);
      await join(x, { ...joinFields(groupId, ""), reason: "why not" });
      await join(x, { ...joinFields(groupId, ""), reason: "x".repeat(1000) });
    },
  },
});
