// The kinds of things that have configs, as kafka-configs names them.
import { configResourceTypes } from "@ottla/client";

/** Kinds in the order in which Kafka lists them. */
export const entityTypes = [
  "topics",
  "clients",
  "users",
  "brokers",
  "ips",
  "client-metrics",
  "groups",
  "broker-loggers",
] as const;

/** A kind of entity. */
export type EntityType = (typeof entityTypes)[number];

/** Kinds whose configs are those of a resource. */
export type ResourceEntityType = Exclude<EntityType, "clients" | "users" | "ips">;

/** Where a config of its own comes from, by kind; null: every value counts as its own. */
export const resources: Readonly<
  Record<ResourceEntityType, { readonly type: number; readonly ownSource: number | null }>
> = {
  topics: { type: configResourceTypes.topic, ownSource: 1 },
  brokers: { type: configResourceTypes.broker, ownSource: 2 },
  "client-metrics": { type: configResourceTypes.clientMetrics, ownSource: 7 },
  groups: { type: configResourceTypes.group, ownSource: 8 },
  "broker-loggers": { type: configResourceTypes.brokerLogger, ownSource: null },
};

/** What the defaults of all brokers come from. */
export const DEFAULT_BROKER_SOURCE = 3;

/** Names of sources by code. */
export const sourceNames: ReadonlyMap<number, string> = new Map([
  [0, "UNKNOWN"],
  [1, "DYNAMIC_TOPIC_CONFIG"],
  [2, "DYNAMIC_BROKER_CONFIG"],
  [3, "DYNAMIC_DEFAULT_BROKER_CONFIG"],
  [4, "STATIC_BROKER_CONFIG"],
  [5, "DEFAULT_CONFIG"],
  [6, "DYNAMIC_BROKER_LOGGER_CONFIG"],
  [7, "DYNAMIC_CLIENT_METRICS_CONFIG"],
  [8, "DYNAMIC_GROUP_CONFIG"],
]);

/** Options that name one entity of a kind. */
export const entityOptions: readonly (readonly [option: string, type: EntityType])[] = [
  ["topic", "topics"],
  ["client", "clients"],
  ["user", "users"],
  ["broker", "brokers"],
  ["broker-logger", "broker-loggers"],
  ["ip", "ips"],
  ["client-metrics", "client-metrics"],
  ["group", "groups"],
];

/** Options that name the defaults of a kind. */
export const defaultsOptions: readonly (readonly [option: string, type: EntityType])[] = [
  ["client-defaults", "clients"],
  ["user-defaults", "users"],
  ["broker-defaults", "brokers"],
  ["ip-defaults", "ips"],
];

/** `topics` as `topic`. */
export function singular(type: EntityType): string {
  return type.slice(0, -1);
}
