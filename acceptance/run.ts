// `npm run acceptance [-- --only NAME]…`: foreign clients and Apache Kafka's own tools against a running
// Ottla. Each step says what it needs; a step whose tool is missing is skipped by name and counted. Suites
// that wait more than they work run beside the others. Exit code 0 only when every step that ran passed.
import { spawnSync } from "node:child_process";
import { crashStep } from "./steps/crash.ts";
import { dataDirectoryStep } from "./steps/data-directory.ts";
import { differentialStep } from "./steps/differential.ts";
import { dumpLogStep } from "./steps/dump-log.ts";
import { examplesStep } from "./steps/examples.ts";
import { faultsStep, powerCutStep } from "./steps/faults.ts";
import { SkippedStep } from "./steps/skipped-step.ts";
import { suiteStep } from "./steps/suite.ts";

/** One acceptance step. `run` throws, with what to know, when it fails, and `SkippedStep` when it cannot. */
export interface Step {
  readonly name: string;
  /** Programs that must be on the PATH. */
  readonly needs: readonly string[];
  /** Headers that its C compiler must find. */
  readonly headers?: readonly string[];
  run(): Promise<string>;
}

/** One row of steps and another beside it, about as long. These mostly wait: for timeouts, rebalances. */
const waitingSteps: readonly Step[] = [
  suiteStep("kcat", ["kcat", "timeout"]),
  suiteStep("franz-go", ["go", "timeout"]),
  suiteStep("kafka-go", ["go", "timeout"]),
  suiteStep("librdkafka", ["npm", "gcc", "g++", "make", "timeout"], ["zlib.h", "zstd.h", "openssl/ssl.h"]),
  differentialStep,
];

const workingSteps: readonly Step[] = [
  suiteStep("java-smoke", ["java", "mvn", "timeout"]),
  crashStep,
  faultsStep,
  powerCutStep,
  dumpLogStep,
  dataDirectoryStep,
  examplesStep,
];

function isThere(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

function isHeaderThere(header: string): boolean {
  return spawnSync("gcc", ["-E", "-"], { input: `#include <${header}>\n` }).status === 0;
}

const only = process.argv.flatMap((argument, index) =>
  process.argv[index - 1] === "--only" ? [argument] : [],
);
let failed = 0;
let passed = 0;
let skipped = 0;

async function runStep(step: Step): Promise<void> {
  if (only.length > 0 && !only.includes(step.name)) return;
  const missing = [
    ...step.needs.filter((program) => !isThere(program)),
    ...(step.headers ?? []).filter((header) => !isHeaderThere(header)),
  ];
  if (missing.length > 0) {
    skipped++;
    console.log(`SKIP ${step.name}: ${missing.join(", ")} not installed`);
    return;
  }
  const from = Date.now();
  try {
    const summary = await step.run();
    passed++;
    console.log(`PASS ${step.name} (${((Date.now() - from) / 1000).toFixed(1)} s): ${summary}`);
  } catch (error) {
    if (error instanceof SkippedStep) {
      skipped++;
      console.log(`SKIP ${step.name}: ${error.message}`);
      return;
    }
    failed++;
    const reason = error instanceof Error ? error.message : String(error);
    console.log(`FAIL ${step.name} (${((Date.now() - from) / 1000).toFixed(1)} s): ${reason}`);
  }
}

async function runInOrder(steps: readonly Step[]): Promise<void> {
  for (const step of steps) await runStep(step);
}

await Promise.all([runInOrder(waitingSteps), runInOrder(workingSteps)]);
console.log(`acceptance: ${passed} steps passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);
