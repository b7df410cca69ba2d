// Typed reading of canonical setting texts, for the code that makes BrokerConfig and LogConfig.
// A key that is not in the table, or a text that its definition would refuse, is a bug here, not bad input.
import { listEntries } from "./parse-value.ts";

export class ConfigReader {
  readonly #values: ReadonlyMap<string, string | null>;

  constructor(values: ReadonlyMap<string, string | null>) {
    this.#values = values;
  }

  /** The text, or null where the setting has no value. */
  optional(name: string): string | null {
    const value = this.#values.get(name);
    if (value === undefined) throw new Error(`no such setting: ${name}`);
    return value;
  }

  text(name: string): string {
    const value = this.optional(name);
    if (value === null) throw new Error(`setting without a value: ${name}`);
    return value;
  }

  /** Whole numbers beyond 2^53-1 come clamped to Number.MAX_SAFE_INTEGER. */
  number(name: string): number {
    return clampedNumber(this.text(name));
  }

  optionalNumber(name: string): number | null {
    const value = this.optional(name);
    return value === null ? null : clampedNumber(value);
  }

  boolean(name: string): boolean {
    return this.text(name) === "true";
  }

  list(name: string): readonly string[] {
    return listEntries(this.optional(name) ?? "");
  }
}

function clampedNumber(text: string): number {
  const value = Number(text);
  if (Number.isNaN(value)) throw new Error(`not a number: ${text}`);
  if (!Number.isInteger(value)) return value;
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
}
