// Options of tools with sub-commands, and of those that look like them: `--long VALUE`, `--long=VALUE`,
// `--lon VALUE`, `-s VALUE`, `-sVALUE`. Texts of errors are those that scripts know. Not here: what the
// options mean.
import { parseJavaNumber } from "./given-options.ts";
import { justifiedLines } from "./layout/text-lines.ts";

const WIDTH = 75;
const HELP_COLUMN = 25;
/** Stands for an end of line where blanks are cut off. */
const END_OF_LINE = "\u0000";

/** One option. */
export interface Argument {
  readonly long: string;
  /** Empty when there is none. */
  readonly short: string;
  /** Null for a switch. */
  readonly placeholder: string | null;
  readonly isRequired?: true;
  /** May be given several times; each adds its values. */
  readonly isRepeatable?: true;
  /** Takes every word up to the next option, at least one. */
  readonly takesMany?: true;
  readonly type?: "Integer" | "Long" | "Double";
  readonly choices?: readonly string[];
  /** At most one option of a group may be given. */
  readonly group?: number;
  /** Exactly one option of its group must be given. */
  readonly isGroupRequired?: true;
  readonly meaning: string;
}

/** A sub-command, or a whole tool without any: its name, its synopsis (as wrapped lines) and its options. */
export interface ArgumentCommand {
  readonly name: string;
  readonly usage: string;
  readonly meaning: string;
  readonly options: readonly Argument[];
}

/** Given options by long name: the values in order; one empty text for a switch. */
export type GivenArguments = ReadonlyMap<string, readonly string[]>;

export type ParsedArguments =
  | { readonly kind: "given"; readonly options: GivenArguments }
  | { readonly kind: "help" }
  | { readonly kind: "error"; readonly message: string };

const help: Argument = {
  long: "--help",
  short: "-h",
  placeholder: null,
  meaning: "show this help message and exit",
};

class ArgumentError extends Error {}

function shownNames(option: Argument): string {
  return option.short === "" ? option.long : `${option.long}/${option.short}`;
}

/** Parses what follows the name of the tool or of the sub-command. */
export function parseArguments(command: ArgumentCommand, words: readonly string[]): ParsedArguments {
  const given = new Map<string, string[]>();
  try {
    for (let index = 0; index < words.length; ) {
      const found = findArgument([help, ...command.options], words[index] ?? "");
      if (found === null) throw new ArgumentError(`unrecognized arguments: '${words[index]}'`);
      if (found.option === help) return { kind: "help" };
      const values = valuesOf(command, found, words.slice(index + 1));
      index += 1 + (found.value === null ? values.length : 0);
      checkGroup(command, found.option, given);
      const earlier = found.option.isRepeatable ? (given.get(found.option.long) ?? []) : [];
      const isSwitch = found.option.placeholder === null;
      given.set(found.option.long, isSwitch ? [""] : [...earlier, ...values]);
    }
    checkMissing(command, given);
  } catch (error) {
    if (error instanceof ArgumentError) return { kind: "error", message: error.message };
    throw error;
  }
  return { kind: "given", options: given };
}

interface FoundArgument {
  readonly option: Argument;
  readonly value: string | null;
}

function valuesOf(
  command: ArgumentCommand,
  found: FoundArgument,
  rest: readonly string[],
): readonly string[] {
  const { option } = found;
  if (option.placeholder === null) return [];
  const isOption = (word: string): boolean => findArgument([help, ...command.options], word) !== null;
  const end = rest.findIndex(isOption);
  const plain = end < 0 ? rest : rest.slice(0, end);
  const values = found.value === null ? plain.slice(0, option.takesMany ? plain.length : 1) : [found.value];
  if (values.length === 0) {
    const wanted = option.takesMany ? "at least one argument" : "one argument";
    throw new ArgumentError(`argument ${shownNames(option)}: expected ${wanted}`);
  }
  for (const value of values) checkValue(option, value);
  return values;
}

function checkValue(option: Argument, value: string): void {
  if (option.type !== undefined && parseJavaNumber(option.type, value) === null) {
    const told = `could not convert '${value}' to ${option.type} (For input string: "${value}")`;
    throw new ArgumentError(`argument ${shownNames(option)}: ${told}`);
  }
  if (option.choices !== undefined && !option.choices.includes(value)) {
    const told = `invalid choice: '${value}' (choose from {${option.choices.join(",")}})`;
    throw new ArgumentError(`argument ${shownNames(option)}: ${told}`);
  }
}

function checkGroup(command: ArgumentCommand, option: Argument, given: GivenArguments): void {
  if (option.group === undefined) return;
  const present = command.options.find(
    (other) => other !== option && other.group === option.group && given.has(other.long),
  );
  if (present === undefined) return;
  const message = `argument ${shownNames(option)}: not allowed with argument ${shownNames(present)}`;
  throw new ArgumentError(message);
}

function checkMissing(command: ArgumentCommand, given: GivenArguments): void {
  const missing = command.options.findLast((option) => option.isRequired && !given.has(option.long));
  if (missing !== undefined) throw new ArgumentError(`argument ${shownNames(missing)} is required`);
  for (const { group, isGroupRequired } of command.options) {
    if (isGroupRequired !== true) continue;
    const members = command.options.filter((option) => option.group === group);
    if (members.some((option) => given.has(option.long))) continue;
    throw new ArgumentError(`one of the arguments ${members.map(shownNames).join(" ")} is required`);
  }
}

/** The text of `--help`. */
export function argumentHelp(command: ArgumentCommand): string {
  const lines = [help, ...command.options].flatMap((option) => {
    const value = option.placeholder === null ? "" : ` ${option.placeholder}`;
    const many = option.takesMany ? ` [${option.placeholder} ...]` : "";
    const names = [option.long, option.short].filter((name) => name !== "");
    const heading = `  ${names.map((name) => `${name}${value}${many}`).join(", ")}`;
    const meaning = justifiedLines(option.meaning, WIDTH - HELP_COLUMN);
    const indented = meaning.map((line) => `${" ".repeat(HELP_COLUMN)}${line}`);
    if (heading.length > HELP_COLUMN - 2) return [heading, ...indented];
    return [`${heading.padEnd(HELP_COLUMN)}${meaning[0] ?? ""}`, ...indented.slice(1)];
  });
  const about = justifiedLines(command.meaning, WIDTH).join("\n");
  return `${command.usage}\n\n${about}\n\noptional arguments:\n${lines.join("\n")}\n`;
}

/** The synopsis and the error, as they go to standard error. */
export function argumentFailure(program: string, usage: string, message: string): string {
  // The end of the last line counts as a character of it.
  const lines = justifiedLines(`${program}: error: ${message}${END_OF_LINE}`, WIDTH);
  return `${usage}\n${lines.join("\n").replace(END_OF_LINE, "\n")}`;
}

/** The error of a tool that was given no sub-command, or one that it does not have. */
export function subCommandProblem(name: string | undefined, known: Iterable<string>): string {
  if (name === undefined) return "too few arguments";
  return `invalid choice: '${name}' (choose from ${[...known].map((choice) => `'${choice}'`).join(", ")})`;
}

/** A long name may be cut short as long as it means one option. */
function findArgument(options: readonly Argument[], word: string): FoundArgument | null {
  for (const option of options) {
    if (word === option.long || (option.short !== "" && word === option.short))
      return { option, value: null };
    if (option.placeholder === null || option.short === "" || word.startsWith("--")) continue;
    if (word.startsWith(option.short)) return { option, value: word.slice(option.short.length) };
  }
  if (!word.startsWith("--") || word === "--") return null;
  const split = word.indexOf("=");
  const name = split < 0 ? word : word.slice(0, split);
  const exact = options.find((option) => option.long === name);
  const candidates = options.filter((option) => option.long.startsWith(name));
  const option = exact ?? (candidates.length === 1 ? candidates[0] : undefined);
  return option === undefined ? null : { option, value: split < 0 ? null : word.slice(split + 1) };
}
