// One row of an option table, as data. Names and placeholders are Kafka's, sentences our own.

/** How a text value is understood; `String` when left out. */
export type OptionType = "String" | "Integer" | "Long" | "Double" | "Boolean";

/** One option of a tool. */
export interface Option {
  /** Without dashes. */
  readonly name: string;
  /** None for a switch; optional values are taken when the next word is no option. */
  readonly argument: "none" | "optional" | "required";
  readonly type?: OptionType;
  /** What the table shows behind the type. */
  readonly placeholder?: string;
  readonly meaning: string;
  /** The parser itself demands it, and the table marks it with a star. */
  readonly isRequired?: true;
  /** Shown in the table; tools read it by `valueOr`. */
  readonly default?: string;
  /** One word holds several values, split by this. */
  readonly separator?: string;
}

/** A switch. */
export function flag(name: string, meaning: string): Option {
  return { name, argument: "none", meaning };
}

/** An option that takes one value of any text; null for a type without placeholder. */
export function valued(name: string, placeholder: string | null, meaning: string): Option {
  return { name, argument: "required", meaning, ...(placeholder === null ? {} : { placeholder }) };
}
