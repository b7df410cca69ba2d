// Tests of the options of sub-commands.
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatCommand } from "../storage/storage-commands.ts";
import { argumentHelp, parseArguments } from "./argument-parser.ts";

function errorOf(...words: string[]): string | undefined {
  const parsed = parseArguments(formatCommand, words);
  return parsed.kind === "error" ? parsed.message : undefined;
}

test("values come apart, after an equals sign, or glued to the short name", () => {
  const words = ["-cfile", "--cluster-id=abc", "-f", "a=1", "--feature", "b=2", "-g"];
  const parsed = parseArguments(formatCommand, words);
  assert.equal(parsed.kind, "given");
  const { options } = parsed as Extract<typeof parsed, { kind: "given" }>;
  assert.deepEqual(
    [...options],
    [
      ["--config", ["file"]],
      ["--cluster-id", ["abc"]],
      ["--feature", ["a=1", "b=2"]],
      ["--ignore-formatted", [""]],
    ],
  );
});

test("a missing value, a missing option and an unknown word are told by name", () => {
  assert.equal(errorOf("-t", "x", "-c"), "argument --config/-c: expected one argument");
  assert.equal(errorOf("-c", "-t", "x"), "argument --config/-c: expected one argument");
  assert.equal(errorOf(), "argument --cluster-id/-t is required");
  assert.equal(errorOf("-t", "x"), "argument --config/-c is required");
  assert.equal(errorOf("--zookeeper"), "unrecognized arguments: '--zookeeper'");
  const both = "argument --standalone/-s: not allowed with argument --no-initial-controllers/-N";
  assert.equal(errorOf("-N", "-s"), both);
});

test("help wins over what is missing, and names every option", () => {
  assert.equal(parseArguments(formatCommand, ["-h"]).kind, "help");
  const text = argumentHelp(formatCommand);
  for (const { long } of formatCommand.options) assert.ok(text.includes(`  ${long}`), long);
});
