// Groups of kinds whose protocol is not spoken here, as another broker has left them in the log. Nobody keeps
// their members' sessions, so they count as groups without members: they can be deleted, and a consumer group
// can become a classic one.
import type { ForeignGroupType, GroupRecord } from "./group-record.ts";
import type { DurableGroup } from "./group-table.ts";

/** Removes whatever the log holds of the group; nothing for a classic one. */
export function foreignTombstones(groupId: string, group: DurableGroup | undefined): GroupRecord[] {
  if (group === undefined || !("keys" in group)) return [];
  const type: ForeignGroupType = group.type;
  return Array.from(group.keys.values(), (key) => {
    return { kind: "foreign-group", type, groupId, key, isGroup: false, exists: false };
  });
}
