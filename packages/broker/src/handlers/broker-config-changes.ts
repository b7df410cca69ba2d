// Which settings of brokers may change while they run, and to which values: checked by the broker that is
// asked, as it alone knows itself. Not here: what all resources share (config-changes.ts), settings that
// depend on the cluster's metadata (the controller).
import { BROKER_CONFIGS, type BrokerConfigDef, parseConfigValue } from "@ottla/config";
import { endsPiece, type Pieces } from "@ottla/ports";

/** A setting that would get a value. */
export interface NewSetting {
  readonly name: string;
  readonly value: string;
}

/**
 * Why broker `nodeId` refuses to change settings of the broker resource `name` (empty: defaults of all
 * brokers), in Kafka's words; null when it does not. Settings that nobody knows pass, as in Apache Kafka:
 * plug-ins may know them. A few settings a piece.
 */
export function* brokerConfigProblem(
  nodeId: number,
  name: string,
  settings: readonly NewSetting[],
): Pieces<string | null> {
  const isPerBroker = name !== "";
  if (isPerBroker) {
    if (!/^[+-]?\d{1,10}$/.test(name)) return `Node id must be an integer, but it is: ${name}`;
    if (Number(name) !== nodeId)
      return `Unexpected broker id, expected ${nodeId}, but received ${Number(name)}`;
  }
  const readOnly: string[] = [];
  const needListener: string[] = [];
  const ofOneBroker: string[] = [];
  let badValue: string | null = null;
  let checked = 0;
  for (const setting of settings) {
    if (isReadOnly(setting.name)) readOnly.push(setting.name);
    if (needsListener(setting.name)) needListener.push(setting.name);
    if (isOfOneBroker(setting.name)) ofOneBroker.push(setting.name);
    badValue ??= valueProblem(setting);
    if (endsPiece(++checked)) yield;
  }
  return (
    named("Cannot update these configs dynamically", readOnly) ??
    named(
      "These security configs can be dynamically updated only per-listener using the listener prefix",
      needListener,
    ) ??
    badValue ??
    (isPerBroker
      ? null
      : named(
          "Cannot update these configs at default cluster level, broker id must be specified",
          ofOneBroker,
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

function valueProblem({ name, value }: NewSetting): string | null {
  const def = definitionOf(name);
  const parsed = def === undefined ? null : parseConfigValue(def, value);
  return parsed?.ok === false ? parsed.message : null;
}

const LISTENER_PREFIX = "listener.name.";

/** Of a setting, or of the one behind `listener.name.NAME.SETTING`. */
function definitionOf(name: string): BrokerConfigDef | undefined {
  if (!name.startsWith(LISTENER_PREFIX)) return BROKER_CONFIGS.get(name);
  return BROKER_CONFIGS.get(name.split(".").slice(3).join("."));
}
