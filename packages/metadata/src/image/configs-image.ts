// Settings stored in the metadata log, as committed: texts by resource. Immutable. What a setting means, its
// default and its checks are the business of @ottla/config.
import { type MetadataRecord, metadataRecord } from "../records/metadata-record.ts";
import { PersistentMap } from "./persistent-map.ts";

/** Kafka's ConfigResource.Type. */
export const configResourceTypes = {
  TOPIC: 2,
  BROKER: 4,
  BROKER_LOGGER: 8,
  CLIENT_METRICS: 16,
  GROUP: 32,
} as const;

/** A resource with settings of its own. A broker's name is its id; an empty one stands for all brokers. */
export interface ConfigResource {
  readonly type: number;
  readonly name: string;
}

interface ResourceConfigs extends ConfigResource {
  readonly entries: ReadonlyMap<string, string>;
}

const noEntries: ReadonlyMap<string, string> = new Map();

/** A Map key for a resource. */
export function configResourceKey(type: number, name: string): string {
  return `${type}:${name}`;
}

/** All stored settings. */
export class ConfigsImage {
  static readonly empty: ConfigsImage = new ConfigsImage(PersistentMap.empty());

  readonly #resources: PersistentMap<string, ResourceConfigs>;

  private constructor(resources: PersistentMap<string, ResourceConfigs>) {
    this.#resources = resources;
  }

  /** The settings of one resource; empty when it has none. */
  of(type: number, name: string): ReadonlyMap<string, string> {
    return this.#resources.get(configResourceKey(type, name))?.entries ?? noEntries;
  }

  /** Every resource that has settings. */
  resources(): Iterable<ConfigResource> {
    return this.#resources.values();
  }

  /** A null value removes the setting. */
  with(type: number, name: string, setting: string, value: string | null): ConfigsImage {
    const entries = new Map(this.of(type, name));
    if (value === null) entries.delete(setting);
    else entries.set(setting, value);
    const key = configResourceKey(type, name);
    if (entries.size === 0) return new ConfigsImage(this.#resources.without(key));
    return new ConfigsImage(this.#resources.with(key, { type, name, entries }));
  }

  withoutResource(type: number, name: string): ConfigsImage {
    return new ConfigsImage(this.#resources.without(configResourceKey(type, name)));
  }

  /** Records that make these settings from nothing. */
  *records(): Iterable<MetadataRecord> {
    for (const { type, name, entries } of this.#resources.values()) {
      for (const [setting, value] of entries) {
        yield metadataRecord("ConfigRecord", 0, {
          resourceType: type,
          resourceName: name,
          name: setting,
          value,
        });
      }
    }
  }
}
