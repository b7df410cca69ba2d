// One `ottla log verify` or `ottla log repair`: the directories one after the other, with progress for people
// who look on.
import {
  LogManagerError,
  type RepairedDirectory,
  repairLogDirectory,
  type VerifiedDirectory,
  verifyLogDirectory,
} from "@ottla/log";
import { DiskError, Slices } from "@ottla/ports";
import type { ToolHost } from "../../../options/tool-host.ts";
import type { CommandContext } from "../command.ts";
import { Progress } from "../progress.ts";
import { type ChosenDirectory, chosenDirectories, NotLookedAt } from "./chosen-directories.ts";
import { countsOf, type ReportedDirectory, reportJson, reportText } from "./log-report.ts";
import { ownDirectories } from "./own-directories.ts";

const MEGABYTE = 1_000_000;

/** `repair`: for real. Answers the exit code: 0 clean, 1 something is left, 2 it could not look. */
export async function runLook(context: CommandContext, how: "verify" | "repair"): Promise<number> {
  const { given, operands, host, print } = context;
  try {
    const own = (): readonly string[] => ownDirectories(given.value("config"), host);
    const chosen = chosenDirectories(operands, own, host);
    const reported = await lookAt(chosen, how, host);
    markTwins(reported);
    if (print.isJson) print.object(reportJson(reported));
    else host.out(reportText(reported));
    const { lost, wrong } = countsOf(reported);
    return lost + wrong === 0 ? 0 : 1;
  } catch (error) {
    const isTold =
      error instanceof LogManagerError || error instanceof NotLookedAt || error instanceof DiskError;
    if (!isTold) throw error;
    host.err(`ottla: ${error.message}\n`);
    return 2;
  }
}

async function lookAt(
  chosen: readonly ChosenDirectory[],
  how: "verify" | "repair",
  host: ToolHost,
): Promise<ReportedDirectory[]> {
  const { ports } = host;
  const slices = new Slices(ports);
  const total = chosen.reduce((sum, directory) => sum + segmentBytes(directory, host), 0);
  const progress = new Progress(host, "MB", Math.ceil(total / MEGABYTE), { besideOutput: true });
  let bytes = 0;
  const checked = (more: number): void => {
    bytes += more;
    progress.report(Math.floor(bytes / MEGABYTE));
  };
  const reported: ReportedDirectory[] = [];
  try {
    for (const { path, partitions } of chosen) {
      const options = { ports, slices, path, partitions, checked };
      if (how === "verify") {
        const found = await outcome<VerifiedDirectory>((done) => verifyLogDirectory(options, done));
        reported.push({ found, mended: null });
      } else reported.push(await outcome<RepairedDirectory>((done) => repairLogDirectory(options, done)));
    }
  } finally {
    progress.end();
  }
  return reported;
}

function outcome<Result>(start: (done: (result: Result | LogManagerError) => void) => void): Promise<Result> {
  return new Promise((resolve, reject) =>
    start((result) => (result instanceof LogManagerError ? reject(result) : resolve(result))),
  );
}

/** How much there is to read. */
function segmentBytes({ path, partitions }: ChosenDirectory, { ports: { disk } }: ToolHost): number {
  let bytes = 0;
  for (const name of partitions ?? disk.list(path)) {
    if (disk.status(`${path}/${name}`)?.kind !== "directory") continue;
    for (const file of disk.list(`${path}/${name}`)) {
      if (file.endsWith(".log")) bytes += disk.status(`${path}/${name}/${file}`)?.bytes ?? 0;
    }
  }
  return bytes;
}

/** A partition that two of the directories hold. */
function markTwins(reported: ReportedDirectory[]): void {
  const holders = new Map<string, string>();
  for (const [index, { found, mended }] of reported.entries()) {
    for (const { path } of found.logs) {
      const name = path.slice(found.path.length + 1);
      const other = holders.get(name);
      holders.set(name, path);
      if (other === undefined) continue;
      const twin = {
        kind: "in-two-directories",
        path,
        mendedBy: "nobody",
        reason: `also as ${other}`,
      } as const;
      reported[index] = { found: { ...found, findings: [...found.findings, twin] }, mended };
    }
  }
}
