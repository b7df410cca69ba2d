// Which settings of brokers may change while they run, and to which values: checked by the broker that is
// asked, as it alone knows itself. Not here: what all resources share (config-changes.ts), settings that
// depend on the cluster's metadata (the controller).
import { BROKER_CONFIGS, type BrokerConfigDef, parseConfigValue } from "@ottla/config";

/** A setting that would get a value. */
export interface NewSetting {
  readonly name: string;
  readonly value: string;
}

/**
 * Why broker `nodeId` refuses to change settings of the broker resource `name` (empty: defaults of all
 * brokers), in Kafka's words; null when it does not. Settings that nobody knows pass, as in Apache Kafka:
 * plug-ins may know them.
 */
export function brokerConfigProblem(
  nodeId: number,
  name: string,
  settings: readonly NewSetting[],
): string | null {
  const isPerBroker = name !== "";
  if (isPerBroker) {
    if (!/^[+-]?\d{1,10}$/.test(name)) return `Node id must be an integer, but it is: ${name}`;
    if (Number(name) !== nodeId)
      return `Unexpected broker id, expected ${nodeId}, but received ${Number(name)}`;
  }
  const names = settings.map((setting) => setting.name);
  return (
    named("Cannot update these configs dynamically", names.filter(isReadOnly)) ??
    named(
      "These security configs can be dynamically updated only per-listener using the listener prefix",
      names.filter(needsListener),
    ) ??
    valueProblem(settings) ??
    (isPerBroker
      ? null
      : named(
          "Cannot update these configs at default cluster level, broker id must be specified",
          names.filter(isOfOneBroker),
        ))
  );
}

function named(problem: string, names: readonly string[]): string | null {
  return names.length === 0 ? null : `${problem}: [${names.join(", ")}]`;
}

function isReadOnly(name: string): boolean {
  return BROKER_CONFIGS.get(name)?.update === "read-only";
}

/** Keys and certificates belong to a listener. */
function needsListener(name: string): boolean {
  return name.startsWith("ssl.") && BROKER_CONFIGS.has(name);
}

function isOfOneBroker(name: string): boolean {
  return name.startsWith(LISTENER_PREFIX) || BROKER_CONFIGS.get(name)?.update === "per-broker";
}

function valueProblem(settings: readonly NewSetting[]): string | null {
  for (const { name, value } of settings) {
    const def = definitionOf(name);
    const parsed = def === undefined ? null : parseConfigValue(def, value);
    if (parsed?.ok === false) return parsed.message;
  }
  return null;
}

const LISTENER_PREFIX = "listener.name.";

/** Of a setting, or of the one behind `listener.name.NAME.SETTING`. */
function definitionOf(name: string): BrokerConfigDef | undefined {
  if (!name.startsWith(LISTENER_PREFIX)) return BROKER_CONFIGS.get(name);
  return BROKER_CONFIGS.get(name.split(".").slice(3).join("."));
}
