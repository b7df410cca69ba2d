// Tests of how words become a command, and of what may come next.
import assert from "node:assert/strict";
import { test } from "node:test";
import { flag, valued } from "../../options/option.ts";
import { type Command, clusterOptions } from "./command.ts";
import { CommandLineError, findCommand, nearestCommand, parseCommand } from "./command-line.ts";
import { candidates } from "./complete.ts";
import { completionScript, shells } from "./completion-scripts.ts";

function command(name: string, more: Partial<Command> = {}): Command {
  const base = { name, summary: "", operands: [], options: clusterOptions, printsData: true };
  return { ...base, run: async () => 0, ...more };
}

const commands: readonly Command[] = [
  command("topics list", { options: [flag("internal", "x"), ...clusterOptions] }),
  command("topics describe", { operands: [{ name: "TOPIC", isRepeated: true, completes: "topic" }] }),
  command("groups reset", {
    operands: [{ name: "GROUP", completes: "group" }],
    options: [valued("topic", null, "x")],
  }),
  command("completion", { operands: [{ name: "SHELL", completes: shells }], printsData: false }),
];

test("the command is the first words that are no option", () => {
  const found = findCommand(commands, ["--bootstrap-server", "a:1", "topics", "describe", "t", "--json"]);
  assert.equal(found?.command.name, "topics describe");
  const parsed = parseCommand(found as NonNullable<typeof found>);
  assert.deepEqual(parsed.operands, ["t"]);
  assert.equal(parsed.given.value("bootstrap-server"), "a:1");
  assert.equal(parsed.given.has("json"), true);
});

test("operands that are missing or too many are told", () => {
  const parse = (...words: string[]): unknown =>
    parseCommand(findCommand(commands, words) as NonNullable<ReturnType<typeof findCommand>>);
  assert.throws(() => parse("groups", "reset"), CommandLineError);
  assert.throws(() => parse("groups", "reset", "a", "b"), { message: "one word too many: b" });
  assert.doesNotThrow(() => parse("groups", "reset", "--help"));
});

test("a word that is nearly a command is recognized as such", () => {
  assert.equal(findCommand(commands, ["topic", "list"]), null);
  assert.equal(nearestCommand(commands, ["topic", "list"]), "topics list");
  assert.equal(nearestCommand(commands, ["something", "else"]), null);
});

test("commands, options and names are completed", async () => {
  const names = async (of: "topic" | "group"): Promise<readonly string[]> => [`${of}-1`, `${of}-2`];
  const next = (...words: string[]): Promise<readonly string[]> => candidates(commands, words, names);
  assert.deepEqual(await next(""), ["completion", "groups", "topics"]);
  assert.deepEqual(await next("topics", "d"), ["describe"]);
  assert.deepEqual(await next("topics", "describe", ""), ["topic-1", "topic-2"]);
  assert.deepEqual(await next("topics", "describe", "topic-1", ""), ["topic-1", "topic-2"]);
  assert.deepEqual(await next("groups", "reset", "g", ""), []);
  assert.deepEqual(await next("groups", "reset", "g", "--topic", "topic-2"), ["topic-2"]);
  assert.deepEqual(await next("topics", "list", "--int"), ["--internal"]);
  assert.deepEqual(await next("completion", "z"), ["zsh"]);
  for (const shell of shells) assert.match(completionScript(shell) ?? "", /__complete/);
});
