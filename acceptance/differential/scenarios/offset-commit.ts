// OffsetCommit: without members and of a member, topics that are not there, metadata, and who may not commit.
// What was kept is looked at.
import { apiKeys, type OffsetCommitRequest, type Uuid, ZERO_UUID } from "@ottla/protocol";
import type { CreatedTopic, Exchange } from "../exchange.ts";
import { readyGroup, stableGroup } from "../group-members.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.OffsetCommit>;
type Partition = OffsetCommitRequest.OffsetCommitRequestPartition;
type Named = Pick<CreatedTopic, "name" | "id">;

const epochFrom = 6;
const staticFrom = 7;
const topicIdsFrom = 10;
const unknownId = "bm8tc3VjaC10b3BpYy0wMQ" as Uuid;
const unknown: Named = { name: "d-nobody-made-this", id: unknownId };

function at(offset: bigint, fields: Partial<Partition> = {}): Partition {
  return {
    partitionIndex: 0,
    committedOffset: offset,
    committedLeaderEpoch: -1,
    committedMetadata: null,
    ...fields,
  };
}

interface Committer {
  readonly generationId?: number;
  readonly memberId?: string;
  readonly groupInstanceId?: string | null;
}

/** Names and fields as the version has them. */
async function commit(
  x: X,
  groupId: string,
  topics: readonly (readonly [Named, readonly Partition[]])[],
  { generationId = -1, memberId = "", groupInstanceId = null }: Committer = {},
): Promise<void> {
  await x.ask({
    groupId,
    generationIdOrMemberEpoch: generationId,
    memberId,
    ...(x.version >= staticFrom ? { groupInstanceId } : {}),
    topics: topics.map(([topic, partitions]) => ({
      name: x.version >= topicIdsFrom ? "" : topic.name,
      topicId: x.version >= topicIdsFrom ? topic.id : ZERO_UUID,
      partitions: partitions.map((partition) =>
        x.version >= epochFrom ? partition : { ...partition, committedLeaderEpoch: -1 },
      ),
    })),
  });
}

async function lookAt(x: X, groupId: string): Promise<void> {
  await x.look(
    apiKeys.OffsetFetch,
    8,
    { groups: [{ groupId, memberId: null, memberEpoch: -1, topics: null }] },
    "what was kept",
  );
}

export const offsetCommitScenarios = scenariosOf(apiKeys.OffsetCommit, {
  "without members, and again": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    const groupId = await readyGroup(x);
    await commit(x, groupId, [
      [topic, [at(5n, { committedMetadata: "here" }), at(0n, { partitionIndex: 1 })]],
    ]);
    await lookAt(x, groupId);
    await commit(x, groupId, [[topic, [at(3n, { committedLeaderEpoch: 7 })]]]);
    await lookAt(x, groupId);
  },
  "topics and partitions that are not there": async (x) => {
    const topic = await x.create();
    const groupId = await readyGroup(x);
    await commit(x, groupId, [[unknown, [at(1n)]]]);
    await commit(x, groupId, [
      [unknown, [at(1n)]],
      [topic, [at(2n), at(3n, { partitionIndex: 1 }), at(4n, { partitionIndex: -1 })]],
    ]);
    await lookAt(x, groupId);
    await commit(x, groupId, [[{ name: "", id: ZERO_UUID }, [at(1n)]]]);
    await commit(x, groupId, [[{ name: "a/b", id: ZERO_UUID }, [at(1n)]]]);
  },
  "offsets and epochs that are odd": async (x) => {
    const topic = await x.create();
    const groupId = await readyGroup(x);
    for (const offset of [-1n, -2n, 9007199254740991n]) {
      await commit(x, groupId, [[topic, [at(offset)]]]);
      await lookAt(x, groupId);
    }
    await commit(x, groupId, [[topic, [at(1n, { committedLeaderEpoch: 2147483647 })]]]);
    await lookAt(x, groupId);
  },
  metadata: async (x) => {
    const topic = await x.create();
    const groupId = await readyGroup(x);
    for (const committedMetadata of ["", null, "ü".repeat(2048), "x".repeat(4096), "x".repeat(4097)]) {
      await commit(x, groupId, [[topic, [at(1n, { committedMetadata })]]]);
      await lookAt(x, groupId);
    }
  },
  "a partition and a topic twice": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    const groupId = await readyGroup(x);
    await commit(x, groupId, [[topic, [at(1n), at(2n)]]]);
    await lookAt(x, groupId);
    await commit(x, groupId, [
      [topic, [at(3n)]],
      [topic, [at(4n, { partitionIndex: 1 })]],
    ]);
    await lookAt(x, groupId);
  },
  "of a member, and of those that are none": async (x) => {
    const topic = await x.create();
    const groupId = await readyGroup(x);
    const [member] = await stableGroup(x, groupId, 1);
    const memberId = member?.memberId ?? "";
    const asked = [[topic, [at(1n)]]] as const;
    for (const generationId of [1, 0, 2, -1]) await commit(x, groupId, asked, { generationId, memberId });
    await commit(x, groupId, asked, { generationId: 1, memberId: "stranger" });
    await commit(x, groupId, asked, { generationId: 1, memberId: "" });
    await commit(x, groupId, asked);
    await lookAt(x, groupId);
  },
  "with a generation and no such group": async (x) => {
    const topic = await x.create();
    await readyGroup(x);
    await commit(x, x.name("nobody"), [[topic, [at(1n)]]], { generationId: 3, memberId: "m" });
    await commit(x, x.name("nobody"), [[topic, [at(1n)]]], { generationId: 0, memberId: "" });
    await commit(x, "", [[topic, [at(1n)]]]);
    await lookAt(x, "");
  },
  "of a member in a rebalance": async (x) => {
    const topic = await x.create();
    const groupId = await readyGroup(x);
    const [leader, follower] = await stableGroup(x, groupId, 2);
    const members = [{ memberId: leader?.memberId ?? "", groupInstanceId: null, reason: null }];
    await x.call(apiKeys.LeaveGroup, 5, { groupId, members });
    await commit(x, groupId, [[topic, [at(1n)]]], {
      generationId: follower?.generationId ?? 0,
      memberId: follower?.memberId ?? "",
    });
    await lookAt(x, groupId);
  },
  "static members": {
    from: staticFrom,
    steps: async (x) => {
      const topic = await x.create();
      const groupId = await readyGroup(x);
      const [member] = await stableGroup(x, groupId, 1, { instances: ["one"] });
      const right = { generationId: 1, memberId: member?.memberId ?? "", groupInstanceId: "one" };
      const asked = [[topic, [at(1n)]]] as const;
      await commit(x, groupId, asked, right);
      await commit(x, groupId, asked, { ...right, memberId: "stranger" });
      await commit(x, groupId, asked, { ...right, groupInstanceId: "two" });
      await commit(x, groupId, asked, { ...right, groupInstanceId: null });
    },
  },
  "no topics, no partitions, null ones": async (x) => {
    const topic = await x.create();
    const groupId = await readyGroup(x);
    await commit(x, groupId, []);
    await commit(x, groupId, [[topic, []]]);
    await x.ask({ groupId, generationIdOrMemberEpoch: -1, topics: nullArray() });
    await lookAt(x, groupId);
  },
});
