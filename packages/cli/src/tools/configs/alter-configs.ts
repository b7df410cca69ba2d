// kafka-configs --alter.
import { type Admin, type AlterConfigOp, alterConfigOperations } from "@ottla/client";
import { executionFailed, illegalArgument, JavaException } from "../../options/java-exception.ts";
import { notServed } from "../../options/kafka-words/not-served.ts";
import type { ToolHost } from "../../options/tool-host.ts";
import type { AskedEntities } from "./asked-entities.ts";
import { clientQuotas, ipQuotas, scramMechanisms } from "./configs-options.ts";
import { entityConfigs } from "./describe-resources.ts";
import { type ResourceEntityType, resources, singular } from "./entity-types.ts";

/** Settings to make and to take back. */
export interface ConfigChanges {
  readonly added: ReadonlyMap<string, string>;
  readonly deleted: readonly string[];
}

/** Makes the changes and tells so. Throws Kafka's texts. */
export async function alterConfigs(
  admin: Admin,
  { types, names }: AskedEntities,
  changes: ConfigChanges,
  host: ToolHost,
): Promise<void> {
  const [type] = types;
  const name = names[0] ?? "";
  switch (type) {
    case "users":
    case "clients":
      checkQuotas(types, changes);
      throw executionFailed(
        notServed(isScramOnly(changes) ? "ALTER_USER_SCRAM_CREDENTIALS" : "ALTER_CLIENT_QUOTAS"),
      );
    case "ips":
      checkKnown("Only connection quota configs", "'ips'", ipQuotas, changes);
      throw executionFailed(notServed("ALTER_CLIENT_QUOTAS"));
    case "broker-loggers":
      await checkLoggers(admin, name, changes);
      break;
    case "topics":
    case "brokers":
    case "client-metrics":
    case "groups":
      break;
  }
  await alterResource(admin, type, name, changes);
  host.out(
    name === ""
      ? `Completed updating default config for ${type} in the cluster.\n`
      : `Completed updating config for ${singular(type)} ${name}.\n`,
  );
}

async function alterResource(
  admin: Admin,
  type: ResourceEntityType,
  name: string,
  { added, deleted }: ConfigChanges,
): Promise<void> {
  const operations: AlterConfigOp[] = [
    ...[...added].map(([key, value]) => ({ name: key, value, operation: alterConfigOperations.set })),
    ...deleted.map((key) => ({ name: key, value: "", operation: alterConfigOperations.delete })),
  ];
  const resource = { type: resources[type].type, name };
  const results = await admin.incrementalAlterConfigs(new Map([[resource, operations]]));
  for (const result of results.values()) if (result !== null) throw executionFailed(result);
}

async function checkLoggers(admin: Admin, name: string, { added, deleted }: ConfigChanges): Promise<void> {
  const known = new Set(
    (await entityConfigs(admin, "broker-loggers", name, false)).map((entry) => entry.name),
  );
  const unknown = [...deleted, ...added.keys()].filter((logger) => !known.has(logger));
  if (unknown.length === 0) return;
  const message = `Invalid broker logger(s): ${unknown.join(",")}`;
  throw new JavaException("org.apache.kafka.common.errors.InvalidConfigurationException", message);
}

function checkQuotas(types: AskedEntities["types"], changes: ConfigChanges): void {
  if (types.length === 1 && types[0] === "users") {
    checkKnown(
      "Only quota and SCRAM credential configs",
      "'users'",
      [...clientQuotas, ...scramMechanisms],
      changes,
    );
  } else {
    const shown = types.length === 1 ? `'${types[0]}'` : "'users' and 'clients'";
    checkKnown("Only quota configs", shown, clientQuotas, changes);
  }
  for (const [name, value] of changes.added) {
    if (clientQuotas.includes(name) && !Number.isFinite(Number.parseFloat(value))) {
      throw illegalArgument(`Cannot parse quota configuration value for ${name}: ${value}`);
    }
  }
}

function checkKnown(
  what: string,
  types: string,
  known: readonly string[],
  { added, deleted }: ConfigChanges,
): void {
  for (const [verb, names] of [
    ["added", [...added.keys()]],
    ["deleted", deleted],
  ] as const) {
    const unexpected = names.filter((name) => !known.includes(name));
    if (unexpected.length === 0) continue;
    throw illegalArgument(
      `${what} can be ${verb} for ${types} using --bootstrap-server. ` +
        `Unexpected config names: Set(${unexpected.join(", ")})`,
    );
  }
}

function isScramOnly({ added, deleted }: ConfigChanges): boolean {
  return [...added.keys(), ...deleted].every((name) => scramMechanisms.includes(name));
}
