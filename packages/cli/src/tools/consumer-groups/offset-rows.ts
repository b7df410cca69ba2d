// The partitions of a group with what was committed, where the log ends, and who reads them.
import type { Admin, CallOptions, GroupDescription, MemberDescription, TopicPartition } from "@ottla/client";
import { committedOffsets, endOffsets, type FoundOffsets } from "./group-offsets.ts";

/** A partition that a group has offsets of, or that a member is assigned. */
export interface OffsetRow extends TopicPartition {
  readonly member: MemberDescription | null;
  readonly committed: number | null;
  readonly leaderEpoch: number | null;
  readonly end: number | null;
}

/** Sorted by topic and partition. */
export async function offsetRows(
  admin: Admin,
  group: GroupDescription,
  options: CallOptions,
): Promise<readonly OffsetRow[]> {
  const committed = await committedOffsets(admin, group.groupId, options);
  const owners = group.members.flatMap((member) =>
    member.assignment.map((partition) => [`${partition.topic}-${partition.partition}`, member] as const),
  );
  const ownerOf = new Map<string, MemberDescription>(owners);
  const partitions = new Map<string, TopicPartition>();
  for (const { assignment } of group.members) {
    for (const partition of assignment)
      partitions.set(`${partition.topic}-${partition.partition}`, partition);
  }
  for (const [partition, offset] of committed) {
    if (offset !== null) partitions.set(`${partition.topic}-${partition.partition}`, partition);
  }
  const ends: FoundOffsets =
    partitions.size === 0 ? new Map() : await endOffsets(admin, [...partitions.values()], options);
  const rows = [...partitions].map(([key, partition]): OffsetRow => {
    const offset = committed.get(partition) ?? null;
    return {
      ...partition,
      member: ownerOf.get(key) ?? null,
      committed: offset?.offset ?? null,
      leaderEpoch: offset?.leaderEpoch ?? null,
      end: ends.get(key) ?? null,
    };
  });
  return rows.toSorted((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  );
}
