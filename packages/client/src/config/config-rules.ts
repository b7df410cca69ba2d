// Rules that values satisfy, with Apache Kafka's words for those that do not.
import type { ConfigRule, ConfigValue } from "./config-definition.ts";

function belowOf(value: ConfigValue, min: number): string | null {
  return typeof value === "number" && value < min ? `Value must be at least ${min}` : null;
}

function aboveOf(value: ConfigValue, max: number): string | null {
  return typeof value === "number" && value > max ? `Value must be no more than ${max}` : null;
}

export function atLeast(min: number): ConfigRule {
  return (value) => belowOf(value, min);
}

export function between(min: number, max: number): ConfigRule {
  return (value) => belowOf(value, min) ?? aboveOf(value, max);
}

/** −1 is the codec's own default. */
export const gzipLevel: ConfigRule = (value) => {
  if (value === -1) return null;
  return typeof value === "number" && (value < 1 || value > 9)
    ? "Value must be between 1 and 9 or equal to -1"
    : null;
};

export function oneOf(...values: readonly string[]): ConfigRule {
  return (value) =>
    typeof value === "string" && values.includes(value)
      ? null
      : `String must be one of: ${values.join(", ")}`;
}

export function oneOfAnyCase(...values: readonly string[]): ConfigRule {
  return (value) =>
    typeof value === "string" && values.includes(value.toUpperCase())
      ? null
      : `String must be one of (case insensitive): ${values.join(", ")}`;
}

export const nonEmpty: ConfigRule = (value) => (value === "" ? "String must be non-empty" : null);

export const nonEmptyList: ConfigRule = (value, key) =>
  Array.isArray(value) && value.length === 0
    ? `Configuration '${key}' must not be empty. Valid values include: any non-empty value`
    : null;

/** What is wrong with a list whatever its rule, or null. */
export function listProblem(value: ConfigValue, key: string): string | null {
  return Array.isArray(value) && value.includes("")
    ? `Configuration '${key}' values must not be empty.`
    : null;
}
