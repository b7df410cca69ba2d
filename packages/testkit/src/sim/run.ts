// `npm run sim -- [--seeds N] [--from N] [--seed 0x…] [--verbose] [--until-failure]`: runs seeds and tells
// which fail. The first line of a failing seed is the seed with everything drawn from it. Exit code 1: the
// broker or a client threw; 3: a promise is broken; 2: something did not happen in time. Some seeds, and all
// that once failed, run twice and must show the same events.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { runSeed, type SeedResult } from "./world/run-seed.ts";

const SEEDS_DEFAULT = 300;
const TWICE_ONE_IN = 10;
const REGRESSIONS: URL = new URL("../../seeds/regressions.txt", import.meta.url);
/** Spreads the numbers 0, 1, 2 … over all seeds. */
const SPREAD = 0x9e3779b1;

interface Job {
  readonly seed: number;
  readonly isRunTwice: boolean;
}

interface Plan {
  readonly jobs: readonly Job[];
  readonly isVerbose: boolean;
  readonly endsAtFailure: boolean;
}

function plan(): Plan {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: String(SEEDS_DEFAULT) },
      from: { type: "string", default: "0" },
      seed: { type: "string" },
      verbose: { type: "boolean", default: false },
      "until-failure": { type: "boolean", default: false },
    },
  });
  if (values.seed !== undefined) {
    const job = { seed: Number(values.seed) >>> 0, isRunTwice: true };
    return { jobs: [job], isVerbose: values.verbose, endsAtFailure: true };
  }
  const from = Number(values.from);
  const fresh = Array.from({ length: Number(values.seeds) }, (_, index) => ({
    seed: Math.imul(from + index + 1, SPREAD) >>> 0,
    isRunTwice: index % TWICE_ONE_IN === 0,
  }));
  const fixed = regressionSeeds().map((seed) => ({ seed, isRunTwice: true }));
  return {
    jobs: [...fixed, ...fresh],
    isVerbose: values.verbose,
    endsAtFailure: values["until-failure"],
  };
}

function regressionSeeds(): number[] {
  return readFileSync(REGRESSIONS, "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => Number(line.split(/\s/)[0]));
}

function runJob({ seed, isRunTwice }: Job, report: (line: string) => void): SeedResult {
  const result = runSeed(seed, report);
  if (!isRunTwice) return result;
  const again = runSeed(seed);
  if (again.eventHash === result.eventHash) return result;
  const text = `two runs differ: ${result.eventHash} and ${again.eventHash}\n${result.text}`;
  return { ...result, verdict: "bug", text };
}

function main(): number {
  const { jobs, isVerbose, endsAtFailure } = plan();
  const startedMs = performance.now();
  const counts = { passed: 0, bug: 0, stuck: 0, wrong: 0 };
  let events = 0;
  let acked = 0;
  let runs = 0;
  for (const job of jobs) {
    if (endsAtFailure && counts.passed < runs) break;
    runs++;
    const result = runJob(job, isVerbose ? (line) => console.log(line) : () => {});
    counts[result.verdict]++;
    events += result.events;
    acked += result.acked;
    if (result.verdict !== "passed") console.log(`${result.title}\n${result.verdict}:\n${result.text}\n`);
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(
    `${runs} seeds in ${seconds} s, ${events} events, ${acked} acknowledged batches: ${counts.passed} passed, ` +
      `${counts.bug} threw, ${counts.wrong} broke a promise, ${counts.stuck} got stuck`,
  );
  if (counts.bug > 0) return 1;
  if (counts.wrong > 0) return 3;
  return counts.stuck > 0 ? 2 : 0;
}

process.exitCode = main();
