// What an option table says of words it does not understand, in the words that scripts know.
import { JavaException } from "./java-exception.ts";

/** The words do not fit the table. Each tool has its own way to print it. */
export class OptionError extends JavaException {
  override readonly name: string = "OptionError";
}

export function unrecognizedOption(name: string): OptionError {
  return new OptionError("joptsimple.UnrecognizedOptionException", `${name} is not a recognized option`);
}

export function missingArgument(name: string): OptionError {
  const message = `Option ${name} requires an argument`;
  return new OptionError("joptsimple.OptionMissingRequiredArgumentException", message);
}

export function multipleArguments(name: string): OptionError {
  const message = `Found multiple arguments for option ${name}, but you asked for only one`;
  return new OptionError("joptsimple.MultipleArgumentsForOptionException", message);
}

export function missingOptions(names: readonly string[]): OptionError {
  const message = `Missing required option(s) [${names.join(", ")}]`;
  return new OptionError("joptsimple.MissingRequiredOptionsException", message);
}

export function notConvertible(name: string, value: string): OptionError {
  const format = new JavaException("java.lang.NumberFormatException", `For input string: "${value}"`);
  const cause = new JavaException(
    "joptsimple.internal.ReflectionException",
    `java.lang.NumberFormatException: ${format.message}`,
    { cause: format },
  );
  const message = `Cannot parse argument '${value}' of option ${name}`;
  return new OptionError("joptsimple.OptionArgumentConversionException", message, { cause });
}

/** The options do not go together: the message and the table go to standard error, exit code 1. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}
