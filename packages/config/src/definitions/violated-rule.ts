// Whether a typed value satisfies its rule, in Kafka's words when it does not.
// Not here: types (parse-value.ts), rules between settings (broker/check-rules.ts).
import type { ConfigRule } from "./config-def.ts";

export type TypedValue = boolean | bigint | number | string | readonly string[];

/**
 * `value` is the offending part as Kafka prints it; a `whole` text stands alone, without the usual opening
 * words.
 */
export interface RuleComplaint {
  readonly value: string;
  readonly text: string;
  readonly whole: boolean;
}

const REPLICA_LIST = "[partitionId]:[brokerId],[partitionId]:[brokerId],...";

/** ISO-8601 durations as Java's Duration takes them: days, then hours, minutes and seconds. */
const DURATION =
  /^[+-]?P(?=[+-]?\d|T[+-]?\d)([+-]?\d+D)?(T([+-]?\d+H)?([+-]?\d+M)?([+-]?\d+(\.\d{0,9})?S)?)?$/i;

/** The complaint about a value, or undefined when the rule holds. */
export function violatedRule(name: string, rule: ConfigRule, value: TypedValue): RuleComplaint | undefined {
  switch (rule.kind) {
    case "range":
      return rangeComplaint(rule, value);
    case "one-of":
      return oneOfComplaint(rule, String(value));
    case "list":
      return listComplaint(name, rule, value as readonly string[]);
    case "non-empty":
      return value === "" ? complaint(value, "String must be non-empty") : undefined;
    case "gzip-level":
      return value === -1n || ((value as bigint) >= 1n && (value as bigint) <= 9n)
        ? undefined
        : complaint(value, "Value must be between 1 and 9 or equal to -1");
    case "throttled-replicas":
      return throttledReplicasComplaint(name, value as readonly string[]);
    case "share-offset-reset":
      return offsetResetComplaint(String(value));
  }
}

function complaint(value: TypedValue, text: string): RuleComplaint {
  return { value: typeof value === "object" ? `[${value.join(", ")}]` : String(value), text, whole: false };
}

function rangeComplaint(rule: { min: number; max?: number }, value: TypedValue): RuleComplaint | undefined {
  if (typeof value !== "bigint" && typeof value !== "number") return undefined;
  if (value < rule.min) return complaint(value, `Value must be at least ${rule.min}`);
  if (rule.max !== undefined && value > rule.max) {
    return complaint(value, `Value must be no more than ${rule.max}`);
  }
  return undefined;
}

function oneOfComplaint(
  rule: { values: readonly string[]; ignoreCase?: true },
  value: string,
): RuleComplaint | undefined {
  const found = rule.ignoreCase ? rule.values.includes(value.toUpperCase()) : rule.values.includes(value);
  if (found) return undefined;
  const how = rule.ignoreCase ? " (case insensitive)" : "";
  return complaint(value, `String must be one of${how}: ${rule.values.join(", ")}`);
}

function listComplaint(
  name: string,
  rule: { values?: readonly string[]; emptyAllowed: boolean },
  entries: readonly string[],
): RuleComplaint | undefined {
  const whole = (text: string): RuleComplaint => ({ value: entries.join(","), text, whole: true });
  if (entries.length === 0 && !rule.emptyAllowed) {
    const valid = rule.values ? `[${rule.values.join(", ")}]` : "any non-empty value";
    return whole(`Configuration '${name}' must not be empty. Valid values include: ${valid}`);
  }
  if (entries.includes("")) return whole(`Configuration '${name}' values must not be empty.`);
  const strange = rule.values && entries.find((entry) => !rule.values?.includes(entry));
  if (strange === undefined) return undefined;
  return complaint(strange, `String must be one of: ${rule.values?.join(", ")}`);
}

function throttledReplicasComplaint(name: string, entries: readonly string[]): RuleComplaint | undefined {
  const all = entries.length === 1 && entries[0] === "*";
  if (all || entries.every((entry) => /^\d{1,10}:\d{1,10}$/.test(entry))) return undefined;
  return complaint(
    entries,
    `${name} must be the literal '*' or a list of replicas in the following format: ${REPLICA_LIST}`,
  );
}

function offsetResetComplaint(value: string): RuleComplaint | undefined {
  if (value === "latest" || value === "earliest") return undefined;
  const duration = /^by_duration:(.+)$/.exec(value)?.[1];
  if (duration !== undefined && DURATION.test(duration) && !duration.includes("-")) return undefined;
  return complaint(
    value,
    `Invalid value \`${value}\` for configuration share.auto.offset.reset. ` +
      "The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.",
  );
}
