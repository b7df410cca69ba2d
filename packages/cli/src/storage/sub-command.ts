// Options of a tool with sub-commands, parsed as Kafka's parser does: `--long VALUE`, `--long=VALUE`, `-s
// VALUE`, `-sVALUE`. Texts of errors are those that scripts know. Not here: what the options mean.

/** One option of a sub-command. */
export interface SubCommandOption {
  readonly long: string;
  readonly short: string;
  /** Null for a switch. */
  readonly placeholder: string | null;
  readonly isRequired?: true;
  readonly isRepeatable?: true;
  /** At most one option of a group may be given. */
  readonly group?: number;
  readonly meaning: string;
}

/** A sub-command: its name, its synopsis (as wrapped lines) and its options. */
export interface SubCommand {
  readonly name: string;
  readonly usage: string;
  readonly meaning: string;
  readonly options: readonly SubCommandOption[];
}

/** Given options by long name: the values in order; empty texts for a switch. */
export type GivenOptions = ReadonlyMap<string, readonly string[]>;

export type ParsedSubCommand =
  | { readonly kind: "given"; readonly options: GivenOptions }
  | { readonly kind: "help" }
  | { readonly kind: "error"; readonly message: string };

const help: SubCommandOption = {
  long: "--help",
  short: "-h",
  placeholder: null,
  meaning: "show this help message and exit",
};

function shownNames(option: SubCommandOption): string {
  return option.short === "" ? option.long : `${option.long}/${option.short}`;
}

/** Parses what follows the name of the sub-command. */
export function parseSubCommand(command: SubCommand, words: readonly string[]): ParsedSubCommand {
  const options = [help, ...command.options];
  const given = new Map<string, string[]>();
  const fail = (message: string): ParsedSubCommand => ({ kind: "error", message });
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const found = findOption(options, word);
    if (found === null) return fail(`unrecognized arguments: '${word}'`);
    const { option } = found;
    if (option === help) return { kind: "help" };
    let value = found.value;
    if (option.placeholder !== null && value === null) {
      const next = words[index + 1];
      if (next === undefined || findOption(options, next) !== null) {
        return fail(`argument ${shownNames(option)}: expected one argument`);
      }
      value = next;
      index++;
    }
    const present = command.options.find(
      (other) =>
        other !== option &&
        other.group !== undefined &&
        other.group === option.group &&
        given.has(other.long),
    );
    if (present)
      return fail(`argument ${shownNames(option)}: not allowed with argument ${shownNames(present)}`);
    const values = option.isRepeatable ? (given.get(option.long) ?? []) : [];
    given.set(option.long, [...values, value ?? ""]);
  }
  const missing = command.options.findLast((option) => option.isRequired && !given.has(option.long));
  if (missing !== undefined) return fail(`argument ${shownNames(missing)} is required`);
  return { kind: "given", options: given };
}

/** The text of `--help`. */
export function subCommandHelp(command: SubCommand): string {
  const lines = [help, ...command.options].map((option) => {
    const value = option.placeholder === null ? "" : ` ${option.placeholder}`;
    const names = `  ${option.long}${value}, ${option.short}${value}`;
    return names.length < 24
      ? `${names.padEnd(25)}${option.meaning}`
      : `${names}\n${" ".repeat(25)}${option.meaning}`;
  });
  return `${command.usage}\n\n${command.meaning}\n\noptions:\n${lines.join("\n")}\n`;
}

function findOption(
  options: readonly SubCommandOption[],
  word: string,
): { option: SubCommandOption; value: string | null } | null {
  for (const option of options) {
    if (word === option.long || word === option.short) return { option, value: null };
    if (option.placeholder === null) continue;
    if (word.startsWith(`${option.long}=`)) return { option, value: word.slice(option.long.length + 1) };
    if (!word.startsWith("--") && word.startsWith(option.short)) {
      return { option, value: word.slice(option.short.length) };
    }
  }
  return null;
}
