// Refusing bad settings of client metrics subscriptions (KIP-714) before they become metadata, in Kafka's
// words and with its two kinds of error. Pure.
import { CLIENT_METRICS_CONFIGS } from "../definitions/config-tables.ts";
import { listEntries, parseConfigValue } from "../definitions/parse-value.ts";
import { isJavaPattern } from "./java-pattern.ts";

const INTERVAL_MS_MIN = 100;
const INTERVAL_MS_MAX = 3_600_000;

/** Of a client, what a subscription may choose by. */
const CLIENT_PARAMETERS: ReadonlySet<string> = new Set([
  "client_instance_id",
  "client_id",
  "client_software_name",
  "client_software_version",
  "client_source_address",
  "client_source_port",
]);

/** Why a subscription is refused: as a request that makes no sense, or for the value of a setting. */
export interface ClientMetricsProblem {
  readonly error: "INVALID_REQUEST" | "INVALID_CONFIG";
  readonly message: string;
}

/** All settings a subscription would have. The first thing wrong, undefined when all is well. */
export function validateClientMetricsConfigs(
  settings: ReadonlyMap<string, string>,
): ClientMetricsProblem | undefined {
  const unknown = [...settings.keys()].find((name) => !CLIENT_METRICS_CONFIGS.has(name));
  if (unknown !== undefined)
    return { error: "INVALID_REQUEST", message: `Unknown client metrics configuration: ${unknown}` };
  const texts = new Map<string, string>();
  for (const [name, written] of settings) {
    const def = CLIENT_METRICS_CONFIGS.get(name);
    const parsed = def === undefined ? undefined : parseConfigValue(def, written);
    if (parsed?.ok === false) return { error: "INVALID_CONFIG", message: parsed.message };
    if (parsed !== undefined) texts.set(name, parsed.text);
  }
  return intervalProblem(texts.get("interval.ms")) ?? matchProblem(texts.get("match"));
}

function intervalProblem(text: string | undefined): ClientMetricsProblem | undefined {
  if (text === undefined || (Number(text) >= INTERVAL_MS_MIN && Number(text) <= INTERVAL_MS_MAX))
    return undefined;
  const bounds = `interval must be between ${INTERVAL_MS_MIN} and ${INTERVAL_MS_MAX} (1 hour)`;
  return { error: "INVALID_REQUEST", message: `Invalid value ${text} for interval.ms, ${bounds}` };
}

function matchProblem(text: string | undefined): ClientMetricsProblem | undefined {
  const illegal = listEntries(text ?? "").find((entry) => !isMatchingPattern(entry));
  if (illegal === undefined) return undefined;
  return { error: "INVALID_CONFIG", message: `Illegal client matching pattern: ${illegal}` };
}

/** `parameter=pattern`; equals signs at the end count for nothing. */
function isMatchingPattern(entry: string): boolean {
  const parts = entry.replace(/=+$/, "").split("=");
  const [parameter = "", pattern = ""] = parts;
  return parts.length === 2 && CLIENT_PARAMETERS.has(parameter.trim()) && isJavaPattern(pattern.trim());
}
