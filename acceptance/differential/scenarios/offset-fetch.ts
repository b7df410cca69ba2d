// OffsetFetch: committed and other partitions, all of them, several groups, members, ids of topics.
import { apiKeys, type OffsetFetchRequest, type Uuid, ZERO_UUID } from "@ottla/protocol";
import type { CreatedTopic, Exchange } from "../exchange.ts";
import { readyGroup, stableGroup, until } from "../group-members.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.OffsetFetch>;
type Group = OffsetFetchRequest.OffsetFetchRequestGroup;
type Wanted = readonly (readonly [Pick<CreatedTopic, "name" | "id">, readonly number[]])[] | null;

const allFrom = 2;
const stableFrom = 7;
const groupsFrom = 8;
const membersFrom = 9;
const topicIdsFrom = 10;
const unknown = { name: "d-nobody-made-this", id: "bm8tc3VjaC10b3BpYy0wMQ" as Uuid };

function groupOf(x: X, groupId: string, wanted: Wanted, member: Partial<Group> = {}): Group {
  const topics = wanted?.map(([{ name, id }, partitionIndexes]) => ({
    name: x.version >= topicIdsFrom ? "" : name,
    topicId: x.version >= topicIdsFrom ? id : ZERO_UUID,
    partitionIndexes: [...partitionIndexes],
  }));
  return { groupId, memberId: null, memberEpoch: -1, topics: topics ?? null, ...member };
}

/** One group, as the version asks for it. */
async function fetch(x: X, groupId: string, wanted: Wanted, requireStable = false): Promise<void> {
  const stable = x.version >= stableFrom ? { requireStable } : {};
  if (x.version >= groupsFrom) {
    await x.ask({ ...stable, groups: [groupOf(x, groupId, wanted)] });
    return;
  }
  const topics = wanted?.map(([{ name }, partitionIndexes]) => ({
    name,
    partitionIndexes: [...partitionIndexes],
  }));
  await x.ask({ ...stable, groupId, topics: topics ?? null });
}

/** Commits offset 5 with metadata for partition 0, and 0 without for partition 1. */
async function committed(x: X, label = "g"): Promise<{ topic: CreatedTopic; groupId: string }> {
  const topic = await x.create(`${label}-t`, { partitions: 3 });
  const groupId = await readyGroup(x, label);
  const partitions = [
    { partitionIndex: 0, committedOffset: 5n, committedLeaderEpoch: 3, committedMetadata: "here" },
    { partitionIndex: 1, committedOffset: 0n, committedLeaderEpoch: -1, committedMetadata: null },
  ];
  const { topics } = await x.call(apiKeys.OffsetCommit, 8, {
    groupId,
    generationIdOrMemberEpoch: -1,
    topics: [{ name: topic.name, topicId: ZERO_UUID, partitions }],
  });
  if (topics[0]?.partitions.some(({ errorCode }) => errorCode !== 0) !== false)
    throw new Error("preparation: a commit failed");
  return { topic, groupId };
}

export const offsetFetchScenarios = scenariosOf(apiKeys.OffsetFetch, {
  "committed and other partitions": async (x) => {
    const { topic, groupId } = await committed(x);
    await fetch(x, groupId, [[topic, [0, 1, 2, 3, -1]]]);
    await fetch(x, groupId, [
      [unknown, [0]],
      [topic, [0]],
    ]);
    await fetch(x, groupId, [[topic, [0, 0]]]);
    await fetch(x, groupId, [
      [topic, [0]],
      [topic, [1]],
    ]);
  },
  "all partitions of a group": {
    from: allFrom,
    steps: async (x) => {
      const { groupId } = await committed(x);
      await fetch(x, groupId, null);
      await fetch(x, x.name("nobody"), null);
    },
  },
  "groups that are not there": async (x) => {
    const { topic } = await committed(x);
    await fetch(x, x.name("nobody"), [[topic, [0]]]);
    await fetch(x, "", [[topic, [0]]]);
  },
  "stable offsets only": {
    from: stableFrom,
    steps: async (x) => {
      const { topic, groupId } = await committed(x);
      await fetch(x, groupId, [[topic, [0, 2]]], true);
      await fetch(x, groupId, null, true);
    },
  },
  "after the topic was deleted": async (x) => {
    const { topic, groupId } = await committed(x);
    await x.call(apiKeys.DeleteTopics, 5, { topicNames: [topic.name], timeoutMs: 30_000 });
    const group = { groupId, memberId: null, memberEpoch: -1, topics: null };
    await until(
      () => x.call(apiKeys.OffsetFetch, 8, { groups: [group] }),
      ({ groups }) => groups[0]?.topics.length === 0,
      `the offsets of ${topic.name} stay`,
    );
    await fetch(x, groupId, [[topic, [0]]]);
    if (x.version >= allFrom) await fetch(x, groupId, null);
  },
  "no topics, no partitions, null ones": async (x) => {
    const { topic, groupId } = await committed(x);
    await fetch(x, groupId, []);
    await fetch(x, groupId, [[topic, []]]);
    if (x.version >= groupsFrom) await x.ask({ groups: nullArray() });
  },
  "several groups, one twice": {
    from: groupsFrom,
    steps: async (x) => {
      const first = await committed(x);
      const second = await committed(x, "h");
      await x.ask({
        groups: [
          groupOf(x, first.groupId, null),
          groupOf(x, x.name("nobody"), [[first.topic, [0]]]),
          groupOf(x, second.groupId, [[second.topic, [1]]]),
        ],
      });
      await x.ask({ groups: [groupOf(x, first.groupId, null), groupOf(x, first.groupId, [])] });
      await x.ask({ groups: [] });
    },
  },
  "members and epochs": {
    from: membersFrom,
    steps: async (x) => {
      const { topic, groupId } = await committed(x);
      const [member] = await stableGroup(x, groupId, 1);
      for (const [memberId, memberEpoch] of [
        [member?.memberId ?? "", 1],
        [member?.memberId ?? "", 0],
        ["stranger", 1],
        [null, 1],
        ["", -1],
      ] as const)
        await x.ask({ groups: [groupOf(x, groupId, [[topic, [0]]], { memberId, memberEpoch })] });
    },
  },
  "ids of topics that are none": {
    from: topicIdsFrom,
    steps: async (x) => {
      const { topic, groupId } = await committed(x);
      await fetch(x, groupId, [[{ name: "", id: ZERO_UUID }, [0]]]);
      await fetch(x, groupId, [
        [unknown, [0, 1]],
        [topic, [0]],
        [unknown, [2]],
      ]);
    },
  },
});
