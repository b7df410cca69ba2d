// `npm run sim:breakages -- [--only TEXT] [--seeds N]`: breaks a copy of the packages in one place after the
// other, and runs the simulator (or the named tests) on it. Exit code 1 when a breakage is not noticed, or no
// longer applies.
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
import { type Breakage, breakages } from "./breakages/breakages.ts";

const ROOT: string = fileURLToPath(new URL("../../../..", import.meta.url));
const SEEDS_MAX = 300;
const RUN_MS_MAX = 400_000;
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
  return { isFailure: result.status !== 0, text: `${result.stdout}${result.stderr}` };
}

function tryBreakage(copy: string, breakage: Breakage, seeds: number): { outcome: Outcome; text: string } {
  const path = join(copy, "packages", breakage.file);
  const source = readFileSync(path, "utf8");
  if (source.split(breakage.find).length !== 2) return { outcome: "does not apply", text: breakage.file };
  writeFileSync(
    path,
    source.replace(breakage.find, () => breakage.replace),
  );
  const simulator = ["packages/testkit/src/sim/run.ts", "--seeds", String(seeds), "--until-failure"];
  const tests = ["--test", "--test-isolation=none", `packages/${breakage.caughtBy}`];
  const { isFailure, text } = run(copy, breakage.caughtBy === "simulator" ? simulator : tests);
  writeFileSync(path, source);
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
    options: { only: { type: "string" }, seeds: { type: "string", default: String(SEEDS_MAX) } },
  });
  const chosen = breakages.filter(({ name }) => values.only === undefined || name.includes(values.only));
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
