// From the words of an `ottla` command line to a command with operands and options, or to why not.
import { type GivenOptions } from "../../options/given-options.ts";
import { OptionTable } from "../../options/option-table.ts";
import { type Command, clusterOptions, synopsis } from "./command.ts";

/** The command line makes no sense. */
export class CommandLineError extends Error {}

/** A command and the words that are not its name. */
export interface FoundCommand {
  readonly command: Command;
  readonly rest: readonly string[];
}

/** Finds the command that the words begin with; options of the cluster may stand before it. */
export function findCommand(commands: readonly Command[], words: readonly string[]): FoundCommand | null {
  const options = new Set(clusterOptions.map(({ name }) => `--${name}`));
  let start = 0;
  while (start < words.length && words[start]?.startsWith("-"))
    start += options.has(words[start] ?? "") ? 2 : 1;
  for (const length of [2, 1]) {
    const name = words.slice(start, start + length).join(" ");
    const command = commands.find((each) => each.name === name);
    if (command !== undefined)
      return { command, rest: [...words.slice(0, start), ...words.slice(start + length)] };
  }
  return null;
}

/** Throws `CommandLineError`. */
export function parseCommand({ command, rest }: FoundCommand): {
  readonly given: GivenOptions;
  readonly operands: readonly string[];
} {
  const table = tableOf(command);
  if (command.takesAnyWords) return { given: table.parse([]), operands: rest };
  const given = table.parse(rest);
  const operands = given.words;
  const required = command.operands.filter(({ isOptional }) => isOptional !== true);
  const isOpen = command.operands.at(-1)?.isRepeated === true;
  const missing = required[operands.length];
  if (!given.has("help") && missing !== undefined) {
    throw new CommandLineError(`${missing.name} is missing: ottla ${synopsis(command)}`);
  }
  if (!isOpen && operands.length > command.operands.length) {
    throw new CommandLineError(`one word too many: ${operands[command.operands.length]}`);
  }
  return { given, operands };
}

/** The options of a command, `--json` and `--help` among them. */
export function tableOf(command: Command): OptionTable {
  const json = { name: "json", argument: "none" as const, meaning: "Print JSON." };
  return new OptionTable(command.printsData ? [...command.options, json] : command.options);
}

/** The nearest command to words that name none; null when none is near. */
export function nearestCommand(commands: readonly Command[], words: readonly string[]): string | null {
  const typed = words
    .filter((word) => !word.startsWith("-"))
    .slice(0, 2)
    .join(" ");
  const ranked = commands
    .map(({ name }) => ({ name, steps: editDistance(typed, name) }))
    .toSorted((a, b) => a.steps - b.steps);
  const [best] = ranked;
  return best !== undefined && best.steps <= 3 ? best.name : null;
}

function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
