// Real brokers under faults, judged by the simulator's checkers (faults/run.ts), each run in a process of its
// own: kill -9 and pauses anywhere; power cuts and a full disk on a file system in a loop device, where this
// machine lets root have one. And the same cuts where nothing is synced: those must lose records, else they
// show nothing.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Step } from "../run.ts";
import { runProgram } from "./run-program.ts";
import { SkippedStep } from "./skipped-step.ts";

const program = join(import.meta.dirname, "..", "faults", "run.ts");
const CANNOT = 2;
const RUN_MS_MAX = 240_000;

async function runFaults(...args: readonly string[]): Promise<string> {
  const command = ["--conditions=@ottla/source", program, ...args];
  const { status, lines } = await runProgram(process.execPath, command, { timeoutMs: RUN_MS_MAX });
  const text = lines.join("\n").trim();
  if (status === CANNOT) throw new SkippedStep(text);
  if (status !== 0) throw new Error(`faults/run.ts ${args.join(" ")}: exit ${status}\n${text}`);
  return text;
}

/** kill -9 and pauses. */
export const faultsStep: Step = {
  name: "faults",
  needs: [],
  run: () => runFaults("--seconds", "8"),
};

/** Power cuts, a full disk, and the proof that the cuts cut. */
export const powerCutStep: Step = {
  name: "power-cut",
  needs: [],
  async run() {
    const faults = ["--faults", "power,power,kill,full"];
    const told = [await runFaults("--seconds", "10", "--file-system", "ext4", ...faults)];
    const hasXfs = spawnSync("sh", ["-c", "command -v mkfs.xfs"]).status === 0;
    if (hasXfs) told.push(`xfs ${await runFaults("--seconds", "5", "--file-system", "xfs")}`);
    else told.push("xfs skipped: mkfs.xfs not installed");
    const unsynced = ["--faults", "power", "--durability", "page-cache", "--expect-loss"];
    told.push(`without syncs ${await runFaults("--seconds", "2", "--file-system", "ext4", ...unsynced)}`);
    return told.join("\n  ");
  },
};
