// `node --conditions=@ottla/source acceptance/faults/run.ts [--seconds N | --minutes N] [--seed N]
// [--file-system ext4|xfs] [--faults kill,pause,power,full] [--durability fsync|page-cache] [--expect-loss]
// [--verbose]`: real brokers under faults, judged by the simulator's checkers. With --minutes run after run
// until the time is over, each with the next seed. With --expect-loss a run must lose records, or it fails:
// it is to be seen that these faults take what is not synced. Exit code 0: all is well; 1: it is not; 2: this
// machine cannot mount a file system of the run's own.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Fault, FaultRun, type FaultRunResult } from "./fault-run.ts";
import { type FileSystemType, whyNoLoopFileSystem } from "./loop-file-system.ts";

const RUN_SECONDS_DEFAULT = 15;
const RUN_SECONDS_LONG = 40;

interface Plan {
  readonly seed: number;
  readonly seconds: number;
  readonly endMs: number;
  readonly fileSystem: FileSystemType | null;
  readonly faults: readonly Fault[];
  readonly durability: "fsync" | "page-cache";
  readonly expectsLoss: boolean;
  readonly report: (line: string) => void;
}

function plan(): Plan {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string" },
      minutes: { type: "string" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      "file-system": { type: "string" },
      faults: { type: "string" },
      durability: { type: "string", default: "fsync" },
      "expect-loss": { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
    },
  });
  const fileSystem = (values["file-system"] ?? null) as FileSystemType | null;
  const usual = fileSystem === null ? "kill,pause" : "kill,pause,power,power,full";
  const from = performance.now();
  return {
    seed: Number(values.seed),
    seconds: Number(
      values.seconds ?? (values.minutes === undefined ? RUN_SECONDS_DEFAULT : RUN_SECONDS_LONG),
    ),
    endMs: from + Number(values.minutes ?? 0) * 60_000,
    fileSystem,
    faults: (values.faults ?? usual).split(",") as Fault[],
    durability: values.durability as Plan["durability"],
    expectsLoss: values["expect-loss"],
    report: values.verbose
      ? (line) => console.log(`${((performance.now() - from) / 1000).toFixed(2)} ${line}`)
      : () => {},
  };
}

function line(seed: number, { verdict, faults, moves, slowestStartMs }: FaultRunResult): string {
  const { attempts, acknowledged, lost, duplicated, compacted, commits } = verdict;
  const had = Object.entries(faults).filter(([, count]) => count > 0);
  return (
    `seed ${seed}: ${had.map(([name, count]) => `${count} x ${name}`).join(", ")}, ${moves} moves; ` +
    `${attempts} attempts, ${acknowledged} acknowledged, ${lost} lost, ${duplicated} duplicated; ` +
    `${compacted.acknowledged} of them compacted to ${compacted.left}; ${commits} commits of offsets; ` +
    `slowest start ${Math.round(slowestStartMs)} ms`
  );
}

async function runOnce(options: Plan, seed: number): Promise<boolean> {
  const run = new FaultRun({ ...options, seed });
  const fail = (error: unknown): void => run.fail(error);
  process.on("uncaughtException", fail);
  try {
    const result = await run.run();
    console.log(line(seed, result));
    const { anomalies, lost } = result.verdict;
    if (options.expectsLoss) {
      const isTold = anomalies.some(({ checker }) => checker === "no-acked-record-lost");
      if (lost > 0 && isTold) return true;
      console.log(`seed ${seed}: nothing was lost, though nothing is synced: these faults show nothing`);
      return false;
    }
    for (const { checker, text } of anomalies) console.log(`  ${checker}: ${text}`);
    return anomalies.length === 0;
  } catch (error) {
    console.log(`seed ${seed}: ${error instanceof Error ? error.stack : String(error)}`);
    console.log(run.brokerLog());
    return false;
  } finally {
    await run.dispose();
    process.off("uncaughtException", fail);
  }
}

async function main(): Promise<number> {
  const options = plan();
  if (options.fileSystem !== null) {
    const directory = mkdtempSync(join(tmpdir(), "ottla-faults-"));
    const reason = await whyNoLoopFileSystem(options.fileSystem, directory);
    if (reason !== null) {
      console.log(`no ${options.fileSystem} whose power can be cut: ${reason}`);
      return 2;
    }
  }
  let failed = 0;
  for (let seed = options.seed; ; seed++) {
    if (!(await runOnce(options, seed))) failed++;
    if (performance.now() >= options.endMs) return failed === 0 ? 0 : 1;
  }
}

process.exitCode = await main();
