// Client quotas as committed: by entity (user, client id, ip and their defaults) and quota name. Immutable.
import { type MetadataRecord, metadataRecord } from "../records/metadata-record.ts";
import { PersistentMap } from "./persistent-map.ts";

/** One part of an entity; a null name stands for the default of its type. */
export interface QuotaEntityPart {
  readonly entityType: string;
  readonly entityName: string | null;
}

/** The quotas of one entity. */
export interface ClientQuota {
  readonly entity: readonly QuotaEntityPart[];
  readonly values: ReadonlyMap<string, number>;
}

/** All client quotas. */
export class ClientQuotasImage {
  static readonly empty: ClientQuotasImage = new ClientQuotasImage(PersistentMap.empty());

  readonly #quotas: PersistentMap<string, ClientQuota>;

  private constructor(quotas: PersistentMap<string, ClientQuota>) {
    this.#quotas = quotas;
  }

  of(entity: readonly QuotaEntityPart[]): ReadonlyMap<string, number> {
    return this.#quotas.get(keyOf(sorted(entity)))?.values ?? new Map();
  }

  quotas(): Iterable<ClientQuota> {
    return this.#quotas.values();
  }

  /** A null value removes the quota. */
  with(entity: readonly QuotaEntityPart[], quota: string, value: number | null): ClientQuotasImage {
    const parts = sorted(entity);
    const key = keyOf(parts);
    const values = new Map(this.#quotas.get(key)?.values);
    if (value === null) values.delete(quota);
    else values.set(quota, value);
    if (values.size === 0) return new ClientQuotasImage(this.#quotas.without(key));
    return new ClientQuotasImage(this.#quotas.with(key, { entity: parts, values }));
  }

  /** Records that make these quotas from nothing. */
  *records(): Iterable<MetadataRecord> {
    for (const { entity, values } of this.#quotas.values()) {
      for (const [key, value] of values) {
        const parts = entity.map((part) => ({ ...part }));
        yield metadataRecord("ClientQuotaRecord", 0, { entity: parts, key, value, remove: false });
      }
    }
  }
}

function sorted(entity: readonly QuotaEntityPart[]): QuotaEntityPart[] {
  return entity
    .map(({ entityType, entityName }) => ({ entityType, entityName }))
    .sort((left, right) =>
      left.entityType < right.entityType ? -1 : left.entityType > right.entityType ? 1 : 0,
    );
}

function keyOf(entity: readonly QuotaEntityPart[]): string {
  return JSON.stringify(entity.map((part) => [part.entityType, part.entityName]));
}
