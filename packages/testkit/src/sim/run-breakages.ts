// `npm run sim:breakages -- [--only TEXT] [--by TEXT] [--seeds N]`: breaks a copy of the packages in one
// place after the other (those whose name, and whose catcher, have the text), and runs the simulator, or
// the named tests, on it. Exit code 1 when a breakage is not noticed, or no longer applies.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Breakage } from "./breakages/breakage.ts";
import { breakages } from "./breakages/breakages.ts";

const ROOT: string = fileURLToPath(new URL("../../../..", import.meta.url));
const SEEDS_MAX = 1000;
const RUN_MS_MAX = 1_200_000;
const MEMORY_ARGUMENT = "--max-old-space-size=1024";

type Outcome = "caught" | "not caught" | "does not apply";

/** The sources of all packages, with a node_modules of their own, so that `@ottla/…` means the copy. */
function copyPackages(): string {
  const copy = mkdtempSync(join(tmpdir(), "ottla-breakages-"));
  const modules = join(copy, "node_modules");
  mkdirSync(join(modules, "@ottla"), { recursive: true });
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (name !== "@ottla" && !name.startsWith("."))
      symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
  const isCopied = (path: string): boolean => !/[\\/](?:node_modules|dist|goldens)$/.test(path);
  for (const name of readdirSync(join(ROOT, "packages"))) {
    const target = join(copy, "packages", name);
    cpSync(join(ROOT, "packages", name), target, { recursive: true, filter: isCopied });
    symlinkSync(target, join(modules, "@ottla", name), "dir");
  }
  return copy;
}

function run(copy: string, args: readonly string[]): { isFailure: boolean; text: string } {
  const result = spawnSync(process.execPath, [MEMORY_ARGUMENT, "--conditions=@ottla/source", ...args], {
    cwd: copy,
    encoding: "utf8",
    timeout: RUN_MS_MAX,
  });
  // A run that was ended for its time has noticed nothing.
  const isFailure = result.status !== 0 && result.error === undefined;
  return { isFailure, text: `${result.stdout}${result.stderr}` };
}

function tryBreakage(copy: string, breakage: Breakage, seeds: number): { outcome: Outcome; text: string } {
  const { file, also, caughtBy } = breakage;
  const edits = [breakage, ...(also === undefined ? [] : [{ file, ...also }])];
  const sources = new Map<string, string>();
  let isApplied = true;
  for (const edit of edits) {
    const path = join(copy, "packages", edit.file);
    const source = readFileSync(path, "utf8");
    if (!sources.has(path)) sources.set(path, source);
    if (source.split(edit.find).length !== 2) isApplied = false;
    writeFileSync(
      path,
      source.replace(edit.find, () => edit.replace),
    );
  }
  const [kind, world] = caughtBy.split(" ");
  const simulator = ["packages/testkit/src/sim/run.ts", "--world", world ?? "", "--seeds", String(seeds)];
  const tests = ["--test", "--test-isolation=none", `packages/${caughtBy}`];
  const args = kind === "world" ? [...simulator, "--until-failure"] : tests;
  const { isFailure, text } = isApplied ? run(copy, args) : { isFailure: false, text: "" };
  for (const [path, source] of sources) writeFileSync(path, source);
  if (!isApplied) return { outcome: "does not apply", text: file };
  return { outcome: isFailure ? "caught" : "not caught", text: isFailure ? storyOf(text) : "" };
}

/** The lines of a failing run that tell most. */
function storyOf(text: string): string {
  const lines = text
    .split("\n")
    .filter((line) => /^(?: {2}[a-z-]+: |\w*Error: |.*not within|\d+ seeds in)/.test(line));
  const [first = "", ...rest] = lines;
  return `${first.trim().slice(0, 120)} (${(rest.at(-1) ?? first).split(",")[0]})`;
}

function main(): number {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: "" },
      by: { type: "string", default: "" },
      seeds: { type: "string", default: String(SEEDS_MAX) },
    },
  });
  const chosen = breakages.filter(
    ({ name, caughtBy }) => name.includes(values.only) && caughtBy.includes(values.by),
  );
  const copy = copyPackages();
  let isMissed = false;
  try {
    for (const breakage of chosen) {
      const { outcome, text } = tryBreakage(copy, breakage, Number(values.seeds));
      if (outcome !== "caught") isMissed = true;
      console.log(`${outcome}: ${breakage.name}${text === "" ? "" : `\n    ${text}`}`);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  return isMissed ? 1 : 0;
}

process.exitCode = main();
