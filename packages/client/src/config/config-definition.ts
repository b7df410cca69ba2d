// One setting as data. Tables of these say what each client knows; client-config.ts reads values by them.

export type ConfigType =
  | "boolean"
  | "string"
  | "int"
  | "short"
  | "long"
  | "double"
  | "list"
  | "class"
  | "password";

/** A value as the client works with it. */
export type ConfigValue = string | number | boolean | readonly string[] | null;

/** What is wrong with a well-typed value, in Kafka's words, or null. */
export type ConfigRule = (value: ConfigValue, key: string) => string | null;

/** Name, type, default and rule of one setting. */
export interface ConfigDefinition {
  readonly name: string;
  readonly type: ConfigType;
  readonly default: ConfigValue;
  readonly rule?: ConfigRule;
  readonly required?: true;
}
