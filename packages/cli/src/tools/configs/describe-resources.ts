// kafka-configs --describe for topics, brokers, loggers, groups and client metrics.
import { type Admin, type ConfigEntry, configResourceTypes } from "@ottla/client";
import { executionFailed, illegalArgument } from "../../options/java-exception.ts";
import { javaNameOrder } from "../../options/kafka-words/java-hash-order.ts";
import type { ToolHost } from "../../options/tool-host.ts";
import {
  DEFAULT_BROKER_SOURCE,
  type ResourceEntityType,
  resources,
  singular,
  sourceNames,
} from "./entity-types.ts";

/** Null instead of a name: all entities of the kind. */
export async function describeResources(
  admin: Admin,
  type: ResourceEntityType,
  asked: { readonly name: string | null; readonly all: boolean },
  host: ToolHost,
): Promise<void> {
  const { name, all } = asked;
  const names = name === null || (name !== "" && !all) ? await existingNames(admin, type) : [];
  if (name !== null && name !== "" && !all && !names.includes(name)) {
    host.out(`The ${singular(type)} '${name}' doesn't exist and doesn't have dynamic config.\n`);
    return;
  }
  for (const entity of name === null ? names : [name]) {
    const kind = all ? "All" : "Dynamic";
    host.out(
      entity === ""
        ? `Default configs for ${type} in the cluster are:\n`
        : `${kind} configs for ${singular(type)} ${entity} are:\n`,
    );
    for (const entry of await entityConfigs(admin, type, entity, all)) host.out(entryLine(entry));
  }
}

async function existingNames(admin: Admin, type: ResourceEntityType): Promise<readonly string[]> {
  switch (type) {
    case "topics": {
      const topics = await admin.listTopics({ includeInternal: true });
      return javaNameOrder(topics.map(({ name }) => name));
    }
    case "brokers":
    case "broker-loggers": {
      const { nodes } = await admin.describeCluster();
      return [...nodes.map(({ id }) => String(id)), ""];
    }
    case "client-metrics":
      return configuredNames(admin, configResourceTypes.clientMetrics);
    case "groups": {
      const groups = await admin.listGroups();
      const configured = await configuredNames(admin, configResourceTypes.group);
      return [...new Set([...groups.map(({ groupId }) => groupId), ...configured])];
    }
  }
}

async function configuredNames(admin: Admin, type: number): Promise<readonly string[]> {
  return (await admin.listConfigResources([type])).map(({ name }) => name);
}

/** Sorted by name; those that somebody set, or all. */
export async function entityConfigs(
  admin: Admin,
  type: ResourceEntityType,
  name: string,
  all: boolean,
): Promise<readonly ConfigEntry[]> {
  const { type: resourceType, ownSource } = resources[type];
  const results = await admin.describeConfigs([{ type: resourceType, name }], { includeSynonyms: true });
  const [result] = results.values();
  if (result === undefined) throw illegalArgument(`no answer for ${singular(type)} ${name}`);
  if (result instanceof Error) throw executionFailed(result);
  const source = type === "brokers" && name === "" ? DEFAULT_BROKER_SOURCE : ownSource;
  return result
    .filter((entry) => all || source === null || entry.source === source)
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function entryLine({ name, value, isSensitive, synonyms }: ConfigEntry): string {
  const from = synonyms.map(
    (synonym) => `${sourceNames.get(synonym.source) ?? "UNKNOWN"}:${synonym.name}=${synonym.value}`,
  );
  return `  ${name}=${value} sensitive=${isSensitive} synonyms={${from.join(", ")}}\n`;
}
