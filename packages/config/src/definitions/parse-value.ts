// One setting's text against its definition: the canonical text (what DescribeConfigs answers) or Kafka's
// error text. Pure and total: bad input is an answer, never a throw. Not here: rules between settings
// (broker/check-rules.ts).

import { VALUE_CHARS_MAX } from "../limits.ts";
import type { ConfigDef, ConfigType } from "./config-def.ts";
import { formatJavaDouble, parseJavaDouble } from "./java-double.ts";
import { type TypedValue, violatedRule } from "./violated-rule.ts";

/** `text` is canonical: numbers without sign or blanks, lists without blanks around their entries. */
export type ParsedConfig =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string };

/** Checks type and rule of one written value. */
export function parseConfigValue(def: ConfigDef, written: string): ParsedConfig {
  if (written.length > VALUE_CHARS_MAX) {
    return invalid(
      def.name,
      `${written.slice(0, 32)}…`,
      `Value is longer than ${VALUE_CHARS_MAX} characters`,
    );
  }
  const typed = typedValue(def.type, written.trim());
  if (typed === undefined) return invalid(def.name, shown(def, written), typeComplaint(def.type, written));
  const complaint = def.rule === undefined ? undefined : violatedRule(def.name, def.rule, typed);
  if (complaint !== undefined) {
    return complaint.whole
      ? { ok: false, message: complaint.text }
      : invalid(def.name, def.type === "password" ? "[hidden]" : complaint.value, complaint.text);
  }
  return { ok: true, text: canonicalText(def, typed) };
}

/** The entries of a list setting's text. */
export function listEntries(text: string): readonly string[] {
  return text === "" ? [] : text.split(",").map((entry) => entry.trim());
}

function invalid(name: string, value: string, reason: string): ParsedConfig {
  return { ok: false, message: `Invalid value ${value} for configuration ${name}: ${reason}` };
}

function shown(def: ConfigDef, written: string): string {
  return def.type === "password" ? "[hidden]" : written;
}

function typedValue(type: ConfigType, text: string): TypedValue | undefined {
  switch (type) {
    case "boolean":
      return /^(true|false)$/i.test(text) ? text.toLowerCase() === "true" : undefined;
    case "short":
      return wholeNumber(text, 15n);
    case "int":
      return wholeNumber(text, 31n);
    case "long":
      return wholeNumber(text, 63n);
    case "double":
      return parseJavaDouble(text);
    case "list":
      return listEntries(text);
    case "class":
      // No class but Kafka's own can be meant: for those the broker has a counterpart or refuses by name.
      return text.startsWith("org.apache.kafka.") ? text : undefined;
    case "string":
    case "password":
      return text;
  }
}

/** Decimal digits only: BigInt alone would also take `0x10` and the empty text. */
function wholeNumber(text: string, bits: bigint): bigint | undefined {
  // 64 characters hold every 64-bit number, with leading zeros, and bound the work on a hostile text.
  if (!/^[+-]?\d{1,64}$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ""));
  return value >= -(1n << bits) && value < 1n << bits ? value : undefined;
}

function typeComplaint(type: ConfigType, written: string): string {
  if (type === "boolean") return "Expected value to be either true or false";
  if (type === "class") return `Class ${written.trim()} could not be found.`;
  return `Not a number of type ${type.toUpperCase()}`;
}

function canonicalText(def: ConfigDef, typed: TypedValue): string {
  if (typeof typed === "string") return typed;
  if (typeof typed === "number") return formatJavaDouble(typed);
  if (typeof typed === "object") {
    // Kafka drops repeated entries of lists it knows the meaning of.
    return (def.rule?.kind === "list" ? [...new Set(typed)] : typed).join(",");
  }
  return String(typed);
}
