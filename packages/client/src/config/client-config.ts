// The settings of one client, resolved: user's values over defaults, typed, each checked by its rule. A key
// that no client knows is kept out and reported by `unknownKeys`, as Apache Kafka's clients do.
import type { ConfigDefinition, ConfigType, ConfigValue } from "./config-definition.ts";
import { ConfigError, invalidValue } from "./config-error.ts";
import { listProblem } from "./config-rules.ts";

/** Settings by Kafka's own names; texts as in a properties file, or values of their type. */
export type ClientSettings = Readonly<Record<string, string | number | boolean>>;

/** Resolved settings of one client. */
export class ClientConfig {
  readonly unknownKeys: readonly string[];
  readonly #values = new Map<string, ConfigValue>();
  readonly #given = new Set<string>();

  /** Throws `ConfigError` with Kafka's texts. */
  constructor(definitions: readonly ConfigDefinition[], settings: ClientSettings) {
    const given = new Map(Object.entries(settings));
    for (const definition of definitions) {
      const { name, rule } = definition;
      const raw = given.get(name);
      if (raw === undefined && definition.required === true) {
        throw new ConfigError(name, `Missing required configuration "${name}" which has no default value.`);
      }
      const value = raw === undefined ? definition.default : parseValue(definition, raw);
      const wrong = raw === undefined ? null : (listProblem(value, name) ?? rule?.(value, name) ?? null);
      if (wrong !== null) {
        throw wrong.startsWith("Configuration '")
          ? new ConfigError(name, wrong)
          : invalidValue(name, raw, wrong);
      }
      this.#values.set(name, value);
      if (given.delete(name)) this.#given.add(name);
    }
    this.unknownKeys = [...given.keys()];
    // A reconnect back-off that the user set alone does not grow (KIP-144).
    if (this.isGiven("reconnect.backoff.ms") && !this.isGiven("reconnect.backoff.max.ms")) {
      this.override("reconnect.backoff.max.ms", this.number("reconnect.backoff.ms"));
    }
  }

  /** Whether the user set it. */
  isGiven(name: string): boolean {
    return this.#given.has(name);
  }

  /** Replaces a resolved value, where one setting decides another. */
  override(name: string, value: ConfigValue): void {
    this.#values.set(name, value);
  }

  number(name: string): number {
    return this.#value(name) as number;
  }

  text(name: string): string {
    return this.#value(name) as string;
  }

  textOrNull(name: string): string | null {
    return this.#value(name) as string | null;
  }

  boolean(name: string): boolean {
    return this.#value(name) as boolean;
  }

  list(name: string): readonly string[] {
    return (this.#value(name) ?? []) as readonly string[];
  }

  #value(name: string): ConfigValue {
    const value = this.#values.get(name);
    if (value === undefined) throw new Error(`no client has a setting ${name}`);
    return value;
  }
}

const INTEGER_BOUNDS: Partial<Record<ConfigType, readonly [min: number, max: number]>> = {
  short: [-0x8000, 0x7fff],
  int: [-0x80000000, 0x7fffffff],
  long: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

function parseValue(definition: ConfigDefinition, raw: string | number | boolean): ConfigValue {
  const { name, type } = definition;
  const text = String(raw).trim();
  switch (type) {
    case "boolean": {
      const lower = text.toLowerCase();
      if (lower === "true" || lower === "false") return lower === "true";
      throw invalidValue(name, raw, "Expected value to be either true or false");
    }
    case "short":
    case "int":
    case "long":
      return parseInteger(name, type, text);
    case "double": {
      const value = Number(text);
      if (text !== "" && Number.isFinite(value)) return value;
      throw invalidValue(name, raw, "Not a number of type DOUBLE");
    }
    case "list":
      return text === "" ? [] : text.split(/\s*,\s*/);
    case "string":
    case "class":
    case "password":
      return text;
  }
}

function parseInteger(name: string, type: "short" | "int" | "long", text: string): number {
  const value = Number(text);
  const [min, max] = INTEGER_BOUNDS[type] as readonly [number, number];
  if (!/^[+-]?\d+$/.test(text) || value < min || value > max) {
    throw invalidValue(name, text, `Not a number of type ${type.toUpperCase()}`);
  }
  return value;
}
