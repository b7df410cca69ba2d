// Access control entries as committed, by id. Immutable. Not here: evaluation (package security).
import type { Uuid } from "@ottla/protocol";
import { type MetadataRecord, metadataRecord } from "../records/metadata-record.ts";
import { PersistentMap } from "./persistent-map.ts";

/** One entry; the numbers are Kafka's ids of resource type, pattern type, operation and permission. */
export interface AccessControlEntry {
  readonly id: Uuid;
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

/** All access control entries. */
export class AclsImage {
  static readonly empty: AclsImage = new AclsImage(PersistentMap.empty());

  readonly #entries: PersistentMap<Uuid, AccessControlEntry>;

  private constructor(entries: PersistentMap<Uuid, AccessControlEntry>) {
    this.#entries = entries;
  }

  get entries(): ReadonlyMap<Uuid, AccessControlEntry> {
    return this.#entries;
  }

  with(entry: AccessControlEntry): AclsImage {
    const { id, resourceType, resourceName, patternType, principal, host, operation, permissionType } = entry;
    const kept = { id, resourceType, resourceName, patternType, principal, host, operation, permissionType };
    return new AclsImage(this.#entries.with(id, kept));
  }

  without(id: Uuid): AclsImage {
    return new AclsImage(this.#entries.without(id));
  }

  /** Records that make these entries from nothing. */
  *records(): Iterable<MetadataRecord> {
    for (const entry of this.#entries.values())
      yield metadataRecord("AccessControlEntryRecord", 0, { ...entry });
  }
}
