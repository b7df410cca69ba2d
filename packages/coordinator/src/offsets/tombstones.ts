// Records that remove offsets.
import type { GroupRecord } from "../group/group-record.ts";
import type { GroupServices } from "../group/group-services.ts";

export function offsetTombstone(group: string, topic: string, partition: number): GroupRecord {
  return { kind: "offset-commit", key: { group, topic, partition }, value: null };
}

/** Removes all offsets of a group, pending ones included, each once. */
export function allOffsetTombstones({ offsets }: GroupServices, groupId: string): GroupRecord[] {
  const records: GroupRecord[] = [];
  for (const { topic, partitions } of offsets.committed.topics(groupId)) {
    for (const [partition] of partitions) records.push(offsetTombstone(groupId, topic, partition));
  }
  const seen = new Set<string>();
  for (const pending of offsets.pendingTables(groupId)) {
    for (const { topic, partitions } of pending.topics(groupId)) {
      for (const [partition] of partitions) {
        const key = `${partition}:${topic}`;
        if (seen.has(key) || offsets.committed.get(groupId, topic, partition) !== undefined) continue;
        seen.add(key);
        records.push(offsetTombstone(groupId, topic, partition));
      }
    }
  }
  return records;
}
