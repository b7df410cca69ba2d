// What may come next on a command line of `ottla`: commands, options, names of topics and groups.
import type { Admin } from "@ottla/client";
import type { Command, Completes } from "./command.ts";
import { findCommand } from "./command-line.ts";

/** Every candidate that begins as the last word does. `names` is asked for what only a cluster knows. */
export async function candidates(
  commands: readonly Command[],
  words: readonly string[],
  names: (of: "topic" | "group") => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const found = findCommand(commands, before);
  const all =
    found === null ? nextWords(commands, before) : await ofCommand(found.command, found.rest, current, names);
  return [...new Set(all)].filter((candidate) => candidate.startsWith(current)).toSorted();
}

function nextWords(commands: readonly Command[], before: readonly string[]): readonly string[] {
  const prefix = before.filter((word) => !word.startsWith("-"));
  return commands
    .map(({ name }) => name.split(" "))
    .filter((parts) => prefix.every((word, index) => parts[index] === word))
    .map((parts) => parts[prefix.length] ?? "");
}

async function ofCommand(
  command: Command,
  rest: readonly string[],
  current: string,
  names: (of: "topic" | "group") => Promise<readonly string[]>,
): Promise<readonly string[]> {
  if (current.startsWith("-")) {
    const own = command.options.map(({ name }) => `--${name}`);
    return [...own, ...(command.printsData ? ["--json"] : []), "--help"];
  }
  const last = rest.at(-1) ?? "";
  const option = command.options.find(
    ({ name, argument }) => `--${name}` === last && argument === "required",
  );
  if (option !== undefined) {
    return option.name === "topic" || option.name === "group" ? names(option.name) : [];
  }
  const given = rest.filter((word) => !word.startsWith("-")).length;
  const operand = command.operands[Math.min(given, command.operands.length - 1)];
  const isFull = given >= command.operands.length && operand?.isRepeated !== true;
  return isFull || operand?.completes === undefined ? [] : namesOf(operand.completes, names);
}

async function namesOf(
  completes: Completes,
  names: (of: "topic" | "group") => Promise<readonly string[]>,
): Promise<readonly string[]> {
  if (completes === "topic" || completes === "group") return names(completes);
  return completes === "file" ? [] : completes;
}

/** Names that the cluster knows. */
export async function clusterNames(admin: Admin, of: "topic" | "group"): Promise<readonly string[]> {
  if (of === "topic") return (await admin.listTopics({ includeInternal: true })).map(({ name }) => name);
  return (await admin.listGroups()).map(({ groupId }) => groupId);
}
