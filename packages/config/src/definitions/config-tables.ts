// Every setting that exists, by name, for each kind of resource: the generated facts with our own rows and
// defaults. Invariant: names are unique within a table, and every fallback a row names is a broker setting.
import { BROKER_CONFIG_FACTS } from "../generated/broker-configs.ts";
import { CLIENT_METRICS_CONFIG_FACTS } from "../generated/client-metrics-configs.ts";
import { GROUP_CONFIG_FACTS } from "../generated/group-configs.ts";
import { QUOTA_CONFIG_FACTS } from "../generated/quota-configs.ts";
import { TOPIC_CONFIG_FACTS } from "../generated/topic-configs.ts";
import type {
  BrokerConfigDef,
  ConfigDef,
  GroupConfigDef,
  QuotaEntityKind,
  TopicConfigDef,
} from "./config-def.ts";
import { CHANGED_BROKER_DEFAULTS, OTTLA_BROKER_CONFIGS, OTTLA_TOPIC_CONFIGS } from "./ottla-configs.ts";

export type ConfigTable<Def extends ConfigDef = ConfigDef> = ReadonlyMap<string, Def>;

function table<Def extends ConfigDef>(...lists: (readonly Def[])[]): ConfigTable<Def> {
  const rows = lists.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
  return new Map(rows.map((row) => [row.name, row]));
}

function withChangedDefault(def: BrokerConfigDef): BrokerConfigDef {
  const changed = CHANGED_BROKER_DEFAULTS.find(({ name }) => name === def.name);
  return changed === undefined ? def : { ...def, default: changed.default };
}

/** Settings of a broker or controller process. */
export const BROKER_CONFIGS: ConfigTable<BrokerConfigDef> = table(
  BROKER_CONFIG_FACTS.map(withChangedDefault),
  OTTLA_BROKER_CONFIGS,
);

/** Settings of a topic. */
export const TOPIC_CONFIGS: ConfigTable<TopicConfigDef> = table(TOPIC_CONFIG_FACTS, OTTLA_TOPIC_CONFIGS);

/** Settings of a consumer, share or streams group. */
export const GROUP_CONFIGS: ConfigTable<GroupConfigDef> = table(GROUP_CONFIG_FACTS);

/** Settings of a client metrics subscription (KIP-714). */
export const CLIENT_METRICS_CONFIGS: ConfigTable = table(CLIENT_METRICS_CONFIG_FACTS);

/** Quotas and credentials by whom they belong to. */
export const QUOTA_CONFIGS: Readonly<Record<QuotaEntityKind, ConfigTable>> = {
  broker: table(QUOTA_CONFIG_FACTS.broker),
  userAndClient: table(QUOTA_CONFIG_FACTS.userAndClient),
  user: table(QUOTA_CONFIG_FACTS.user),
  ip: table(QUOTA_CONFIG_FACTS.ip),
};
