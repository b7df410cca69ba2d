// Keys of a server.properties that are not broker settings and are still right to have there: names of
// earlier Kafka versions, settings of plug-ins, client settings that users keep in the same file, and prefix
// namespaces. Anything else is unknown and stops the start.
import { BROKER_CONFIGS } from "./config-tables.ts";
import { editDistance } from "./nearest-key.ts";

/** Settings that Kafka 4 no longer reads; a file that has them starts, with a warning. */
const RETIRED_KEYS: ReadonlySet<string> = new Set([
  "advertised.host.name",
  "advertised.port",
  "auto.include.jmx.reporter",
  "broker.id.generation.enable",
  "control.plane.listener.name",
  "controlled.shutdown.max.retries",
  "controlled.shutdown.retry.backoff.ms",
  "inter.broker.protocol.version",
  "log.message.downconversion.enable",
  "log.message.format.version",
  "log.message.timestamp.difference.max.ms",
  "metadata.log.segment.min.bytes",
  "offsets.commit.required.acks",
  "replication.quota.window.size.ms",
  "reserved.broker.max.id",
]);

const RETIRED_PREFIXES: readonly string[] = ["zookeeper.", "password.encoder."];

/** Read by the authorizer, by log4j or by clients started from the same file. */
const FOREIGN_KEYS: ReadonlySet<string> = new Set([
  "allow.everyone.if.no.acl.found",
  "bootstrap.servers",
  "client.id",
  "metadata.max.age.ms",
  "security.protocol",
  "sasl.mechanism",
  "super.users",
]);

/** Namespaces handed to what they configure. */
const NAMESPACES: readonly string[] = ["config.providers.", "metric.reporters.", "metrics.context."];

/** What a key outside the broker's own settings is. */
export type ExtraKeyKind = "retired" | "foreign" | "listener" | "unknown";

/**
 * Classifies a key that is not a broker setting; `values` tells the prefixes of the remote storage plug-ins.
 */
export function extraKeyKind(key: string, values: ReadonlyMap<string, string>): ExtraKeyKind {
  if (RETIRED_KEYS.has(key) || RETIRED_PREFIXES.some((prefix) => key.startsWith(prefix))) return "retired";
  if (FOREIGN_KEYS.has(key) || NAMESPACES.some((prefix) => key.startsWith(prefix))) return "foreign";
  if (pluginPrefixes(values).some((prefix) => prefix !== "" && key.startsWith(prefix))) return "foreign";
  if (key.startsWith("listener.name.")) return isListenerKey(key) ? "listener" : "unknown";
  if (isSecurityExtension(key)) return "foreign";
  return "unknown";
}

/** The broker setting behind `listener.name.NAME.KEY` or `listener.name.NAME.MECHANISM.KEY`. */
export function listenerSetting(key: string): string | undefined {
  const parts = key.split(".");
  for (const from of [3, 4]) {
    const rest = parts.slice(from).join(".");
    if (BROKER_CONFIGS.has(rest)) return rest;
  }
  return undefined;
}

function isListenerKey(key: string): boolean {
  if (listenerSetting(key) !== undefined) return true;
  const rest = key.split(".").slice(3).join(".");
  return isSecurityExtension(rest) || isSecurityExtension(rest.slice(rest.indexOf(".") + 1));
}

/**
 * Login modules and engine factories define `ssl.` and `sasl.` keys of their own; a near miss is still a
 * typo.
 */
function isSecurityExtension(key: string): boolean {
  if (!/^(ssl|sasl)\../.test(key)) return false;
  for (const known of BROKER_CONFIGS.keys()) {
    if (editDistance(key, known, 4) < 4) return false;
  }
  return true;
}

function pluginPrefixes(values: ReadonlyMap<string, string>): string[] {
  return ["remote.log.metadata.manager.impl.prefix", "remote.log.storage.manager.impl.prefix"].map(
    (name) => values.get(name) ?? BROKER_CONFIGS.get(name)?.default ?? "",
  );
}
