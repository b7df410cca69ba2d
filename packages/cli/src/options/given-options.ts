// The options of one command line. Values are converted when they are asked for, as Kafka's parser does, so
// that a tool reports its problems in Kafka's order.
import type { Option } from "./option.ts";
import { multipleArguments, notConvertible, UsageError } from "./option-error.ts";

const INTEGER_MAX = 2n ** 31n - 1n;
const LONG_MAX = 2n ** 63n - 1n;

/** What was given, by name of option. */
export class GivenOptions {
  readonly #options: ReadonlyMap<string, Option>;
  readonly #values: ReadonlyMap<string, readonly string[]>;
  /** Words that belong to no option, in order. */
  readonly words: readonly string[];
  /** Names of options in the order they were given, repeated as often as they were. */
  readonly order: readonly string[];

  constructor(
    options: ReadonlyMap<string, Option>,
    values: ReadonlyMap<string, readonly string[]>,
    words: readonly string[],
    order: readonly string[],
  ) {
    this.#options = options;
    this.#values = values;
    this.words = words;
    this.order = order;
  }

  /** Whether the option was given, with or without a value. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Every value in order; none for a switch. */
  values(name: string): readonly string[] {
    const separator = this.#options.get(name)?.separator;
    const values = this.#values.get(name) ?? [];
    return separator === undefined ? values : values.flatMap((value) => value.split(separator));
  }

  /** The one value, or null. Throws `OptionError` when several were given. */
  value(name: string): string | null {
    const values = this.values(name);
    if (values.length > 1) throw multipleArguments(name);
    return values[0] ?? null;
  }

  /** The one value, or the default of the table. */
  valueOr(name: string, otherwise: string = this.#options.get(name)?.default ?? ""): string {
    return this.value(name) ?? otherwise;
  }

  /** The one value as a number by its type in the table, or null. Throws `OptionError`. */
  number(name: string): number | null {
    const value = this.value(name) ?? this.#options.get(name)?.default ?? null;
    return value === null ? null : this.#convert(name, value);
  }

  /** Every value as a number. */
  numbers(name: string): readonly number[] {
    return this.values(name).map((value) => this.#convert(name, value));
  }

  #convert(name: string, value: string): number {
    const type = this.#options.get(name)?.type ?? "String";
    const number = parseJavaNumber(
      type === "Double" ? "Double" : type === "Long" ? "Long" : "Integer",
      value,
    );
    if (number === null) throw notConvertible(name, value);
    return number;
  }

  /** Fails when one of `names` is missing. */
  require(...names: readonly string[]): void {
    for (const name of names) {
      if (!this.has(name)) throw new UsageError(`Missing required argument "[${name}]"`);
    }
  }

  /** Fails when `name` is given together with one of `others`. */
  forbid(name: string, others: readonly string[]): void {
    if (!this.has(name)) return;
    const other = others.find((candidate) => this.has(candidate));
    if (other !== undefined) {
      throw new UsageError(`Option "[${name}]" can't be used with option "[${other}]"`);
    }
  }
}

/** Text as Java's parsers take it; null when they do not. Beyond 2⁵³ the nearest double. */
export function parseJavaNumber(type: "Integer" | "Long" | "Double", text: string): number | null {
  if (type === "Double") {
    return /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?\s*$/.test(text) ? Number.parseFloat(text) : null;
  }
  if (!/^[+-]?\d+$/.test(text)) return null;
  const value = BigInt(text.replace(/^\+/, ""));
  const max = type === "Integer" ? INTEGER_MAX : LONG_MAX;
  return value > max || value < -max - 1n ? null : Number(value);
}
