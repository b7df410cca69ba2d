// From the entries of server.properties and the command line to one frozen BrokerConfig, or to the list of
// everything that is wrong with them. Total: bad input is an answer. Unknown keys stop a start here; Apache
// Kafka ignores them. Not here: reading files and printing (cli), changing settings of a running broker.

import { checkBrokerRules, type RuleViolation } from "./broker/check-rules.ts";
import { isViolation, resolveIdentity } from "./broker/identity.ts";
import { adoptOldNames } from "./broker/old-names.ts";
import { parseHostAndPort, parsePerIpOverrides } from "./broker/quorum-addresses.ts";
import {
  controllerConfig,
  dataPlaneConfig,
  groupCoordinatorConfig,
  logDirsConfig,
  networkConfig,
  ottlaConfig,
} from "./broker/typed-sections.ts";
import type { BrokerConfig, ConfigOrigin, OttlaConfig } from "./broker-config.ts";
import { ConfigReader } from "./definitions/config-reader.ts";
import { BROKER_CONFIGS } from "./definitions/config-tables.ts";
import { extraKeyKind, listenerSetting } from "./definitions/extra-keys.ts";
import { nearestKey } from "./definitions/nearest-key.ts";
import { parseConfigValue } from "./definitions/parse-value.ts";
import type { PropertyEntry } from "./parse-properties.ts";
import { resolveLogDefaults } from "./resolve-log-config.ts";

/** Something wrong with a setting; `origin` is null for a setting that was not written. */
export interface ConfigProblem {
  readonly key: string;
  readonly origin: ConfigOrigin | null;
  /** A sentence; Kafka's where Kafka has one. */
  readonly reason: string;
  /** The known key an unknown one most likely means. */
  readonly nearest?: string;
}

export type ResolvedBrokerConfig =
  | { readonly ok: true; readonly config: BrokerConfig; readonly warnings: readonly ConfigProblem[] }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

type Written = Map<string, PropertyEntry>;

/** Resolves a process's settings; later entries win, so overrides go last. */
export function resolveBrokerConfig(entries: readonly PropertyEntry[]): ResolvedBrokerConfig {
  const written: Written = new Map(entries.map((entry) => [entry.key, entry]));
  adoptOldNames(written);
  const keys = checkKeys(written);
  const { values, problems } = parseValues(written);
  const all = [...keys.problems, ...problems];
  if (all.length > 0) return { ok: false, problems: all };

  const read = new ConfigReader(values);
  const identity = resolveIdentity({ read, isWritten: (key) => written.has(key) });
  const violations = [...checkBrokerRules(read), ...checkAddresses(read)];
  if (isViolation(identity) || violations.length > 0) {
    const broken = isViolation(identity) ? [identity, ...violations] : violations;
    return { ok: false, problems: broken.map((violation) => problemOf(violation, written)) };
  }
  const config: BrokerConfig = Object.freeze({
    ...identity,
    ...networkConfig(read),
    ...dataPlaneConfig(read),
    ...logDirsConfig(read),
    ...controllerConfig(read),
    ...groupCoordinatorConfig(read),
    ...(ottlaConfig(read) satisfies OttlaConfig),
    logDefaults: resolveLogDefaults(values),
    written: new Map([...written].map(([key, { value }]) => [key, value])),
    values,
  });
  return { ok: true, config, warnings: [...keys.warnings, ...heartbeatWarning(config, written)] };
}

/**
 * A configuration from settings that are known to be right, in tests and in programs; throws with every
 * problem.
 */
export function brokerConfigOf(settings: Readonly<Record<string, string>>): BrokerConfig {
  const origin: ConfigOrigin = { file: "settings", line: 0 };
  const entries = Object.entries(settings).map(([key, value]) => ({ key, value, origin }));
  const resolved = resolveBrokerConfig(entries);
  if (!resolved.ok) throw new Error(resolved.problems.map(formatConfigProblem).join("\n"));
  return resolved.config;
}

/** One line for a terminal: where, which key, what is wrong, and what was probably meant. */
export function formatConfigProblem(problem: ConfigProblem): string {
  const { key, origin, reason, nearest } = problem;
  const where =
    origin === null ? "" : origin.line === 0 ? `${origin.file}: ` : `${origin.file}:${origin.line}: `;
  return `${where}${key}: ${reason}${nearest === undefined ? "" : ` (did you mean ${nearest}?)`}`;
}

function checkKeys(written: Written): { problems: ConfigProblem[]; warnings: ConfigProblem[] } {
  const texts = new Map([...written].map(([key, { value }]) => [key, value]));
  const problems: ConfigProblem[] = [];
  const warnings: ConfigProblem[] = [];
  for (const [key, { value, origin }] of written) {
    if (BROKER_CONFIGS.has(key) || key === "port" || key === "host.name") continue;
    switch (extraKeyKind(key, texts)) {
      case "retired":
        warnings.push({ key, origin, reason: "Has no effect since Apache Kafka 4.0; remove it" });
        break;
      case "foreign":
        break;
      case "listener":
        problems.push(...listenerKeyProblems(key, value, origin));
        break;
      case "unknown": {
        const nearest = nearestKey(key, BROKER_CONFIGS.keys());
        problems.push({ key, origin, reason: "Unknown configuration key", ...(nearest ? { nearest } : {}) });
      }
    }
  }
  return { problems, warnings };
}

function listenerKeyProblems(key: string, value: string, origin: ConfigOrigin): ConfigProblem[] {
  const def = BROKER_CONFIGS.get(listenerSetting(key) ?? "");
  if (def === undefined) return [];
  const parsed = parseConfigValue({ ...def, name: key }, value);
  return parsed.ok ? [] : [{ key, origin, reason: parsed.message }];
}

/** Canonical texts of every known setting, defaults included. */
function parseValues(written: Written): {
  values: ReadonlyMap<string, string | null>;
  problems: ConfigProblem[];
} {
  const values = new Map<string, string | null>();
  const problems: ConfigProblem[] = [];
  for (const def of BROKER_CONFIGS.values()) {
    const entry = written.get(def.name);
    values.set(def.name, def.default);
    if (entry === undefined) {
      if (!def.required) continue;
      const reason = `Missing required configuration "${def.name}" which has no default value.`;
      problems.push({ key: def.name, origin: null, reason });
      continue;
    }
    const parsed = parseConfigValue(def, entry.value);
    if (parsed.ok) values.set(def.name, parsed.text);
    else if (!isReportedUnderOldName(def.name, entry)) {
      problems.push({ key: entry.key, origin: entry.origin, reason: parsed.message });
    }
  }
  if (values.get("node.id") !== values.get("broker.id") && problems.length === 0) {
    const reason = "You must set `node.id` to the same value as `broker.id`.";
    problems.push({ key: "node.id", origin: written.get("node.id")?.origin ?? null, reason });
  }
  return { values, problems };
}

/** An entry adopted from an old name is told once, unless only the new name refuses it. */
function isReportedUnderOldName(name: string, entry: PropertyEntry): boolean {
  const old = entry.key === name ? undefined : BROKER_CONFIGS.get(entry.key);
  return old !== undefined && !parseConfigValue(old, entry.value).ok;
}

function checkAddresses(read: ConfigReader): RuleViolation[] {
  const violations: RuleViolation[] = [];
  const overrides = parsePerIpOverrides(read.text("max.connections.per.ip.overrides"));
  if (!overrides.ok) violations.push({ key: "max.connections.per.ip.overrides", message: overrides.message });
  const metrics = read.optional("ottla.metrics.listener");
  if (metrics && parseHostAndPort(metrics) === undefined) {
    const message = `Invalid value ${metrics} for configuration ottla.metrics.listener: Not of the form host:port`;
    violations.push({ key: "ottla.metrics.listener", message });
  }
  return violations;
}

function problemOf({ key, message }: RuleViolation, written: Written): ConfigProblem {
  return { key, origin: written.get(key)?.origin ?? null, reason: message };
}

/** Kafka logs this as an error and starts all the same. */
function heartbeatWarning(config: BrokerConfig, written: Written): ConfigProblem[] {
  if (config.brokerHeartbeatIntervalMs * 2 <= config.brokerSessionTimeoutMs) return [];
  const key = "broker.heartbeat.interval.ms";
  const message = `${key} (${config.brokerHeartbeatIntervalMs} ms) must be less than or equal to half of the broker.session.timeout.ms (${config.brokerSessionTimeoutMs} ms).`;
  return [problemOf({ key, message }, written)];
}
