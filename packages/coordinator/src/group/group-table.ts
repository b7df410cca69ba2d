// The groups of one coordinator partition. `durable` is what the log says, changed by replay alone; `live`
// holds the soft state of classic groups that have had members since the load, made on demand from the
// durable one.
import type { GroupMetadataValue } from "@ottla/protocol";
import { type SnapshotRegistry, TimelineMap } from "@ottla/timeline";
import type { ClassicGroup } from "../classic/classic-group.ts";
import type { ForeignGroupType, GroupRecord } from "./group-record.ts";

/** A group in the log. A classic one without a record of its own has offsets only: a simple consumer's. */
export type DurableGroup =
  | { readonly type: "Classic"; readonly metadata: Readonly<GroupMetadataValue> | null }
  | { readonly type: ForeignGroupType; readonly keys: TimelineMap<string, Uint8Array> };

const SIMPLE: DurableGroup = { type: "Classic", metadata: null };

/** Bytes as text, one character each: so that they can be the key of a map. */
const keyText = new TextDecoder("latin1");

export class GroupTable {
  readonly #registry: SnapshotRegistry;
  readonly durable: TimelineMap<string, DurableGroup>;
  readonly live: Map<string, ClassicGroup> = new Map();

  constructor(registry: SnapshotRegistry) {
    this.#registry = registry;
    this.durable = new TimelineMap(registry);
  }

  replay(record: GroupRecord): void {
    switch (record.kind) {
      case "group-metadata": {
        const { groupId, value } = record;
        if (value !== null) this.durable.set(groupId, { type: "Classic", metadata: value });
        else if (this.durable.get(groupId)?.type === "Classic") this.durable.delete(groupId);
        return;
      }
      case "offset-commit": {
        // Offsets without a group make one: its consumers do not use membership.
        const groupId = record.key.group;
        if (record.value !== null && !this.durable.has(groupId)) this.durable.set(groupId, SIMPLE);
        return;
      }
      case "foreign-group":
        return this.#replayForeign(record);
    }
  }

  /** Keeps the keys of what the log holds of the group, for the day it is to go. */
  #replayForeign({ type, groupId, key, isGroup, exists }: GroupRecord & { kind: "foreign-group" }): void {
    let group = this.durable.get(groupId);
    if (!exists) {
      if (group === undefined || group.type !== type || !("keys" in group)) return;
      group.keys.delete(keyText.decode(key));
      if (isGroup || group.keys.size === 0) this.durable.delete(groupId);
      return;
    }
    if (group === undefined || group.type !== type || !("keys" in group)) {
      group = { type, keys: new TimelineMap(this.#registry) };
      this.durable.set(groupId, group);
    }
    group.keys.set(keyText.decode(key), key);
  }
}
