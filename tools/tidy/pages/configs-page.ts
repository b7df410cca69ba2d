// docs/configs.md: every setting, from the tables in package config.
import {
  BROKER_CONFIGS,
  type BrokerConfigDef,
  CHANGED_BROKER_DEFAULTS,
  CLIENT_METRICS_CONFIGS,
  type ConfigDef,
  type ConfigRule,
  GROUP_CONFIGS,
  QUOTA_CONFIGS,
  TOPIC_CONFIGS,
  type TopicConfigDef,
} from "@ottla/config";
import { code, markdownTable, opening, type Page } from "./page.ts";

export const configsPage: Page = {
  path: "docs/configs.md",
  async render() {
    const intro =
      "Names, types, defaults and ranges are Apache Kafka's, except for the two tables at the top. " +
      "An unknown or bad key stops a start and is told with file, line and the nearest known key.";
    return [
      opening("Settings", intro),
      "## Settings of Ottla alone",
      ownTable(),
      "## Defaults that differ from Apache Kafka's",
      markdownTable(
        ["setting", "default", "why"],
        CHANGED_BROKER_DEFAULTS.map((row) => [code(row.name), code(row.default), row.why]),
      ),
      "## Broker and controller",
      "Update: how a running broker takes a new value. Synonyms stand in order of precedence.",
      brokerTable(),
      "## Topic",
      "A topic without the setting has the broker's value.",
      topicTable(),
      "## Group",
      groupTable(),
      "## Client metrics subscription",
      plainTable([...CLIENT_METRICS_CONFIGS.values()]),
      ...Object.entries(QUOTA_CONFIGS).flatMap(([kind, table]) => [
        `## Quotas and credentials: ${QUOTA_TITLES[kind] ?? kind}`,
        plainTable([...table.values()]),
      ]),
      "",
    ].join("\n\n");
  },
};

const QUOTA_TITLES: Readonly<Record<string, string>> = {
  broker: "broker",
  userAndClient: "user with client id, or client id",
  user: "user",
  ip: "address",
};

function ownTable(): string {
  const rows = [
    ...[...BROKER_CONFIGS.values()].map((def) => ({ def, where: "broker" })),
    ...[...TOPIC_CONFIGS.values()].map((def) => ({ def, where: "topic" })),
  ].filter(({ def }) => def.meaning !== undefined);
  return markdownTable(
    ["setting", "of", "type", "default", "valid", "meaning"],
    rows.map(({ def, where }) => [code(def.name), where, ...typeDefaultValid(def), def.meaning ?? ""]),
  );
}

function brokerTable(): string {
  const synonyms = (def: BrokerConfigDef): string => (def.synonyms ?? []).map(code).join(" ");
  return markdownTable(
    ["setting", "type", "default", "valid", "importance", "update", "synonyms"],
    shown(BROKER_CONFIGS).map((def) => [
      code(def.name),
      ...typeDefaultValid(def),
      def.importance,
      def.update,
      synonyms(def),
    ]),
  );
}

function topicTable(): string {
  const fallbacks = (def: TopicConfigDef): string =>
    def.synonyms
      .map(({ name, multiplier }) => (multiplier === 1 ? code(name) : `${code(name)} × ${multiplier}`))
      .join(", ");
  return markdownTable(
    ["setting", "type", "default", "valid", "broker's setting"],
    shown(TOPIC_CONFIGS).map((def) => [code(def.name), ...typeDefaultValid(def), fallbacks(def)]),
  );
}

function groupTable(): string {
  return markdownTable(
    ["setting", "type", "default", "valid", "broker's setting"],
    shown(GROUP_CONFIGS).map((def) => [
      code(def.name),
      ...typeDefaultValid(def),
      code(def.brokerDefault ?? ""),
    ]),
  );
}

function plainTable(defs: readonly ConfigDef[]): string {
  return markdownTable(
    ["setting", "type", "default", "valid"],
    defs.map((def) => [code(def.name), ...typeDefaultValid(def)]),
  );
}

/** Internal settings are for tests. */
function shown<Def extends ConfigDef>(table: ReadonlyMap<string, Def>): readonly Def[] {
  return [...table.values()].filter((def) => def.internal !== true);
}

function typeDefaultValid(def: ConfigDef): [string, string, string] {
  const value = def.required ? "required" : def.default === null ? "none" : def.default || "empty";
  return [def.type, code(value), def.rule === undefined ? "" : validText(def.rule)];
}

function validText(rule: ConfigRule): string {
  switch (rule.kind) {
    case "range":
      return rule.max === undefined ? `≥ ${rule.min}` : `${rule.min} to ${rule.max}`;
    case "one-of":
      return rule.values.map(code).join(", ");
    case "list":
      return [rule.values?.map(code).join(", "), rule.emptyAllowed ? "" : "not empty"]
        .filter(Boolean)
        .join("; ");
    case "non-empty":
      return "not empty";
    case "gzip-level":
      return "1 to 9, or -1";
    case "throttled-replicas":
      return "`PARTITION:BROKER,…` or `*` alone";
    case "share-offset-reset":
      return "`latest`, `earliest`, `by_duration:PnDTnHnMn.nS`";
  }
}
