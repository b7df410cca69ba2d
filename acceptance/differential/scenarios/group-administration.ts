// DescribeGroups, ListGroups, DeleteGroups and OffsetDelete: groups in their states, unknown ones, filters,
// and what members forbid.
import { apiKeys, type OffsetDeleteRequest, ZERO_UUID } from "@ottla/protocol";
import type { CreatedTopic, Exchange, RequestOf } from "../exchange.ts";
import { joinFields, newMemberId, readyGroup, stableGroup, subscriptionTo } from "../group-members.ts";
import { nullArray } from "../lying-array.ts";
import { type Scenario, scenariosOf } from "../scenario.ts";

type AnyGroupApi =
  | typeof apiKeys.DescribeGroups
  | typeof apiKeys.ListGroups
  | typeof apiKeys.DeleteGroups
  | typeof apiKeys.OffsetDelete;

const operationsFrom = 3;
const statesFrom = 4;
const typesFrom = 5;

/** A group that holds an offset and has no member. */
async function emptyGroup<Key extends AnyGroupApi>(
  x: Exchange<Key>,
  topic: CreatedTopic,
  label: string,
): Promise<string> {
  const groupId = await readyGroup(x, label);
  const partitions = [0, 1].map((partitionIndex) => ({
    partitionIndex,
    committedOffset: 1n,
    committedLeaderEpoch: -1,
    committedMetadata: "",
  }));
  await x.call(apiKeys.OffsetCommit, 8, {
    groupId,
    generationIdOrMemberEpoch: -1,
    topics: [{ name: topic.name, topicId: ZERO_UUID, partitions }],
  });
  return groupId;
}

/** A member has joined, its leader's assignment is missing. */
async function unsyncedGroup<Key extends AnyGroupApi>(x: Exchange<Key>, label: string): Promise<string> {
  const groupId = await readyGroup(x, label);
  const memberId = await newMemberId(x, groupId);
  await x.call(apiKeys.JoinGroup, 9, joinFields(groupId, memberId));
  return groupId;
}

async function lookAt<Key extends AnyGroupApi>(x: Exchange<Key>, groupId: string): Promise<void> {
  await x.look(apiKeys.DescribeGroups, 5, { groups: [groupId] }, "what is left");
  const group = { groupId, memberId: null, memberEpoch: -1, topics: null };
  await x.look(apiKeys.OffsetFetch, 8, { groups: [group] }, "what is left");
}

const describeScenarios = scenariosOf(apiKeys.DescribeGroups, {
  "groups in their states": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    const groups = [await emptyGroup(x, topic, "e"), await unsyncedGroup(x, "u"), await readyGroup(x, "s")];
    await stableGroup(x, groups[2] ?? "", 2, { instances: ["one", null] });
    for (const groupId of groups) await x.ask({ groups: [groupId] });
    await x.ask({ groups });
  },
  "another protocol type": async (x) => {
    const groupId = await readyGroup(x);
    await stableGroup(x, groupId, 1, { protocolType: "connect" });
    await x.ask({ groups: [groupId] });
  },
  "a member that has only an id": async (x) => {
    const groupId = await readyGroup(x);
    await newMemberId(x, groupId);
    await x.ask({ groups: [groupId] });
  },
  "groups that are not there, one twice": async (x) => {
    await readyGroup(x);
    await x.ask({ groups: [x.name("nobody")] });
    await x.ask({ groups: [""] });
    await x.ask({ groups: [x.name("nobody"), x.name("nobody"), "__proto__"] });
  },
  "what may be done with them": {
    from: operationsFrom,
    steps: async (x) => {
      const groupId = await readyGroup(x);
      await stableGroup(x, groupId, 1);
      await x.ask({ groups: [groupId, x.name("nobody")], includeAuthorizedOperations: true });
    },
  },
  "no groups, null ones": async (x) => {
    await x.ask({ groups: [] });
    await x.ask({ groups: nullArray() });
  },
});

/** Groups of other scenarios are listed too, in states that change with time. */
async function listOwn(
  x: Exchange<typeof apiKeys.ListGroups>,
  fields: Partial<RequestOf<typeof apiKeys.ListGroups>>,
): Promise<void> {
  await x.ask(fields, "", (answer) => ({
    ...answer,
    groups: answer.groups.filter(({ groupId }) => x.isOwn(groupId)),
  }));
}

const listScenarios = scenariosOf(apiKeys.ListGroups, {
  "groups in their states": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    await emptyGroup(x, topic, "e");
    await unsyncedGroup(x, "u");
    await stableGroup(x, await readyGroup(x, "s"), 1, { protocolType: "connect" });
    await listOwn(x, {});
  },
  "by state": {
    from: statesFrom,
    steps: async (x) => {
      await stableGroup(x, await readyGroup(x), 1);
      for (const statesFilter of [["Stable"], ["stable"], ["Empty", "Stable"], ["Nonsense"], [""], ["Dead"]])
        await listOwn(x, { statesFilter });
    },
  },
  "by type": {
    from: typesFrom,
    steps: async (x) => {
      await stableGroup(x, await readyGroup(x), 1);
      for (const typesFilter of [["classic"], ["Classic"], ["consumer"], ["nonsense"], ["classic", "share"]])
        await listOwn(x, { typesFilter });
      await listOwn(x, { statesFilter: ["Stable"], typesFilter: ["classic"] });
    },
  },
  "null filters": {
    from: statesFrom,
    steps: async (x) => void (await x.ask({ statesFilter: nullArray() })),
  },
});

const deleteScenarios = scenariosOf(apiKeys.DeleteGroups, {
  "a group without members": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    const groupId = await emptyGroup(x, topic, "e");
    await x.ask({ groupsNames: [groupId] });
    await lookAt(x, groupId);
    await x.ask({ groupsNames: [groupId] });
  },
  "groups with members": async (x) => {
    const groupId = await readyGroup(x);
    await stableGroup(x, groupId, 1);
    await x.ask({ groupsNames: [groupId, await unsyncedGroup(x, "u")] });
    await lookAt(x, groupId);
  },
  "a group whose member left": async (x) => {
    const groupId = await readyGroup(x);
    const [member] = await stableGroup(x, groupId, 1);
    const members = [{ memberId: member?.memberId ?? "", groupInstanceId: null, reason: null }];
    await x.call(apiKeys.LeaveGroup, 5, { groupId, members });
    await x.ask({ groupsNames: [groupId] });
    await lookAt(x, groupId);
  },
  "a member that has only an id": async (x) => {
    const groupId = await readyGroup(x);
    await newMemberId(x, groupId);
    await x.ask({ groupsNames: [groupId] });
  },
  "groups that are not there, one twice": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    const groupId = await emptyGroup(x, topic, "e");
    await x.ask({ groupsNames: [x.name("nobody")] });
    await x.ask({ groupsNames: [""] });
    await x.ask({ groupsNames: [x.name("nobody"), groupId, groupId] });
    await lookAt(x, groupId);
  },
  "no groups, null ones": async (x) => {
    await x.ask({ groupsNames: [] });
    await x.ask({ groupsNames: nullArray() });
  },
});

function partitionsOf(name: string, ...indexes: number[]): OffsetDeleteRequest.OffsetDeleteRequestTopic {
  return { name, partitions: indexes.map((partitionIndex) => ({ partitionIndex })) };
}

const offsetDeleteScenarios = scenariosOf(apiKeys.OffsetDelete, {
  "offsets of a group without members": async (x) => {
    const topic = await x.create("t", { partitions: 3 });
    const groupId = await emptyGroup(x, topic, "e");
    await x.ask({ groupId, topics: [partitionsOf(topic.name, 0, 2)] });
    await lookAt(x, groupId);
    await x.ask({ groupId, topics: [partitionsOf(topic.name, 0, 1, 1)] });
    await lookAt(x, groupId);
  },
  "topics and partitions that are not there": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    const groupId = await emptyGroup(x, topic, "e");
    await x.ask({ groupId, topics: [partitionsOf("d-nobody-made-this", 0), partitionsOf(topic.name, 0, 7)] });
    await x.ask({ groupId, topics: [partitionsOf("", 0)] });
    await lookAt(x, groupId);
  },
  "groups that are not there": async (x) => {
    const topic = await x.create();
    await readyGroup(x);
    await x.ask({ groupId: x.name("nobody"), topics: [partitionsOf(topic.name, 0)] });
    await x.ask({ groupId: "", topics: [partitionsOf(topic.name, 0)] });
  },
  "topics that members subscribe to": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    const other = await x.create("other");
    const groupId = await emptyGroup(x, topic, "e");
    await stableGroup(x, groupId, 1, { metadata: subscriptionTo(topic.name) });
    await x.ask({ groupId, topics: [partitionsOf(topic.name, 0), partitionsOf(other.name, 0)] });
    await lookAt(x, groupId);
  },
  "members that say nothing a consumer would": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    const groupId = await readyGroup(x);
    await stableGroup(x, groupId, 1);
    await x.ask({ groupId, topics: [partitionsOf(topic.name, 0)] });
    const connect = await readyGroup(x, "c");
    await stableGroup(x, connect, 1, { protocolType: "connect" });
    await x.ask({ groupId: connect, topics: [partitionsOf(topic.name, 0)] });
  },
  "no topics, no partitions, null ones": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    const groupId = await emptyGroup(x, topic, "e");
    await x.ask({ groupId, topics: [] });
    await x.ask({ groupId, topics: [partitionsOf(topic.name)] });
    await x.ask({ groupId, topics: nullArray() });
  },
});

export const groupAdministrationScenarios: readonly Scenario[] = [
  ...describeScenarios,
  ...listScenarios,
  ...deleteScenarios,
  ...offsetDeleteScenarios,
];
