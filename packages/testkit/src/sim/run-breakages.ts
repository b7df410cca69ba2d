// `npm run sim:breakages -- [--only TEXT] [--by TEXT] [--seeds N] [--remember]`: breaks a copy of the
// packages in one place after the other (those whose name, and whose catcher, have the text), and runs the
// simulator, or the named tests, on it. Exit code 1 when a breakage is not noticed, or no longer applies.
// The seed that noticed one last time (`seeds/breakages.txt`, written by --remember) is tried first.
import { execFile } from "node:child_process";
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
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Breakage } from "./breakages/breakage.ts";
import { breakages } from "./breakages/breakages.ts";

const ROOT: string = fileURLToPath(new URL("../../../..", import.meta.url));
const REMEMBERED: URL = new URL("../../seeds/breakages.txt", import.meta.url);
const SEEDS_MAX = 1000;
const LANES_MAX = 4;
const OUTPUT_BYTES_MAX = 64 << 20;
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

/** By name of the breakage, the seed that noticed it last. */
function readSeeds(): Map<string, string> {
  const lines = readFileSync(REMEMBERED, "utf8").split("\n");
  const entries = lines.filter((line) => line.startsWith("0x")).map((line) => line.split(" "));
  return new Map(entries.map(([seed = "", ...name]) => [name.join(" "), seed]));
}

function writeSeeds(seeds: ReadonlyMap<string, string>): void {
  const known = breakages.map(({ name }) => name).filter((name) => seeds.has(name));
  const head = "# The seed that noticed a breakage last, and the breakage; written by --remember.\n";
  writeFileSync(REMEMBERED, head + known.map((name) => `${seeds.get(name)} ${name}\n`).join(""));
}

interface Run {
  readonly isFailure: boolean;
  readonly text: string;
}

function run(copy: string, args: readonly string[]): Promise<Run> {
  const words = [MEMORY_ARGUMENT, "--conditions=@ottla/source", ...args];
  const options = { cwd: copy, timeout: RUN_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX };
  return new Promise((done) => {
    execFile(process.execPath, words, options, (error, stdout, stderr) => {
      // A run that was ended for its time has noticed nothing.
      const isFailure = error !== null && typeof error.code === "number" && error.killed !== true;
      done({ isFailure, text: `${stdout}${stderr}` });
    });
  });
}

/** Runs what should notice the breakage that the copy has. */
async function runCatcher(
  copy: string,
  caughtBy: string,
  seeds: number,
  remembered: string | undefined,
): Promise<Run> {
  const [kind, world = ""] = caughtBy.split(" ");
  if (kind !== "world") return run(copy, ["--test", "--test-isolation=none", `packages/${caughtBy}`]);
  const simulator = ["packages/testkit/src/sim/run.ts", "--world", world];
  if (remembered !== undefined) {
    const again = await run(copy, [...simulator, "--seed", remembered]);
    if (again.isFailure) return again;
  }
  return run(copy, [...simulator, "--seeds", String(seeds), "--until-failure"]);
}

interface Attempt {
  readonly outcome: Outcome;
  readonly text: string;
  /** That noticed it, when the simulator did. */
  readonly seed?: string;
}

async function tryBreakage(
  copy: string,
  breakage: Breakage,
  seeds: number,
  remembered: string | undefined,
): Promise<Attempt> {
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
  const { isFailure, text } = isApplied
    ? await runCatcher(copy, caughtBy, seeds, remembered)
    : { isFailure: false, text: "" };
  for (const [path, source] of sources) writeFileSync(path, source);
  if (!isApplied) return { outcome: "does not apply", text: file };
  if (!isFailure) return { outcome: "not caught", text: "" };
  const seed = /0x[0-9a-f]{8}/.exec(text)?.[0];
  return { outcome: "caught", text: storyOf(text), ...(seed === undefined ? {} : { seed }) };
}

/** The lines of a failing run that tell most. */
function storyOf(text: string): string {
  const lines = text
    .split("\n")
    .filter((line) => /^(?: {2}[a-z-]+: |\w*Error: |.*not within|\d+ seeds in)/.test(line));
  const [first = "", ...rest] = lines;
  return `${first.trim().slice(0, 120)} (${(rest.at(-1) ?? first).split(",")[0]})`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: "" },
      by: { type: "string", default: "" },
      seeds: { type: "string", default: String(SEEDS_MAX) },
      remember: { type: "boolean", default: false },
    },
  });
  const chosen = breakages.filter(
    ({ name, caughtBy }) => name.includes(values.only) && caughtBy.includes(values.by),
  );
  const remembered = readSeeds();
  let isMissed = false;
  const lane = async (): Promise<void> => {
    const copy = copyPackages();
    try {
      for (let breakage = chosen.shift(); breakage !== undefined; breakage = chosen.shift()) {
        const { name } = breakage;
        const attempt = await tryBreakage(copy, breakage, Number(values.seeds), remembered.get(name));
        if (attempt.outcome !== "caught") isMissed = true;
        if (attempt.seed !== undefined) remembered.set(name, attempt.seed);
        console.log(`${attempt.outcome}: ${name}${attempt.text === "" ? "" : `\n    ${attempt.text}`}`);
      }
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), LANES_MAX) }, lane));
  if (values.remember) writeSeeds(remembered);
  return isMissed ? 1 : 0;
}

process.exitCode = await main();
