// `ottla cluster …` and `ottla configs …`: brokers, what they serve, their settings.

import { alterConfigOperations } from "@ottla/client";
import { type ApiFact, apiFacts } from "@ottla/protocol";
import { illegalArgument } from "../../../options/java-exception.ts";
import { flag } from "../../../options/option.ts";
import { parseConfigList } from "../../configs/added-configs.ts";
import { entityConfigs } from "../../configs/describe-resources.ts";
import { type ResourceEntityType, resources, sourceNames } from "../../configs/entity-types.ts";
import type { Command, Operand } from "../command.ts";
import { clusterOptions } from "../command.ts";

const describe: Command = {
  name: "cluster describe",
  summary: "Show the id of the cluster, its brokers and its controller.",
  operands: [],
  options: clusterOptions,
  printsData: true,
  async run({ admin, print }) {
    const { clusterId, controller, nodes } = await admin().describeCluster({ includeFencedBrokers: true });
    const brokers = nodes.map(({ id, host, port, rack, isFenced }) => ({
      id,
      host,
      port,
      rack,
      state: isFenced ? "fenced" : "unfenced",
      controller: id === controller?.id,
    }));
    if (print.isJson) print.object({ clusterId, controller: controller?.id ?? null, brokers });
    else {
      print.object({ cluster: clusterId, controller: controller?.id ?? null });
      print.rows(["id", "host", "port", "rack", "state"], brokers);
    }
    return 0;
  },
};

const apis: Command = {
  name: "cluster apis",
  summary: "Show which APIs in which versions each broker serves.",
  operands: [],
  options: clusterOptions,
  printsData: true,
  async run({ admin, print }) {
    const { nodes } = await admin().describeCluster();
    const names = new Map(Object.values(apiFacts).map((fact: ApiFact) => [fact.key as number, fact.name]));
    const rows: { broker: number; key: number; api: string; min: number; max: number }[] = [];
    for (const { id } of nodes) {
      for (const { apiKey: key, minVersion: min, maxVersion: max } of (await admin().apiVersions(id)).apis) {
        rows.push({ broker: id, key, api: names.get(key) ?? "unknown", min, max });
      }
    }
    print.rows(["broker", "key", "api", "min", "max"], rows);
    return 0;
  },
};

const kinds: ReadonlyMap<string, ResourceEntityType> = new Map([
  ["topic", "topics"],
  ["broker", "brokers"],
  ["logger", "broker-loggers"],
  ["group", "groups"],
  ["client-metrics", "client-metrics"],
]);
const kind: Operand = { name: "KIND", completes: [...kinds.keys()] };
const entity: Operand = { name: "NAME" };

/** `brokers` stands for the defaults of all. */
function entityOf(operands: readonly string[]): { readonly type: ResourceEntityType; readonly name: string } {
  const [word = "", name = ""] = operands;
  const type = kinds.get(word);
  if (type === undefined)
    throw illegalArgument(`A kind is one of ${[...kinds.keys()].join(", ")}, not ${word}`);
  return { type, name: type === "brokers" && name === "default" ? "" : name };
}

const showConfigs: Command = {
  name: "configs describe",
  summary: "Show the settings of a topic, broker (or `broker default`), logger, group or client-metrics.",
  operands: [kind, entity],
  options: [flag("all", "Show every setting, also those that nobody set."), ...clusterOptions],
  printsData: true,
  async run({ given, operands, admin, print }) {
    const { type, name } = entityOf(operands);
    const entries = await entityConfigs(admin(), type, name, given.has("all"));
    const rows = entries.map((entry) => ({
      name: entry.name,
      value: entry.value,
      source: sourceNames.get(entry.source) ?? "UNKNOWN",
      readOnly: entry.isReadOnly,
      sensitive: entry.isSensitive,
    }));
    print.rows(["name", "value", "source"], rows);
    return 0;
  },
};

const setConfigs: Command = {
  name: "configs set",
  summary: "Change settings: NAME=VALUE sets one, NAME= takes it back.",
  operands: [kind, entity, { name: "NAME=VALUE", isRepeated: true }],
  options: clusterOptions,
  printsData: true,
  async run({ operands, admin, print }) {
    const { type, name } = entityOf(operands);
    const changes = operands.slice(2).flatMap((pair) =>
      [...parseConfigList(pair)].map(([config, value]) => ({
        name: config,
        value: value === "" ? null : value,
        operation: value === "" ? alterConfigOperations.delete : alterConfigOperations.set,
      })),
    );
    const resource = { type: resources[type].type, name };
    for (const error of (await admin().incrementalAlterConfigs(new Map([[resource, changes]]))).values()) {
      if (error !== null) throw error;
    }
    const shown = changes.map((change) => change.name);
    const result = { kind: operands[0] ?? "", name: operands[1] ?? "", changed: shown };
    print.done([{ sentence: `Changed ${shown.join(", ")}.`, result }]);
    return 0;
  },
};

export const clusterCommands: readonly Command[] = [describe, apis, showConfigs, setConfigs];
