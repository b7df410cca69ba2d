// A seed from its options to its verdict: the world is run, then its history is judged.
import { checkersFor } from "../checkers/checkers.ts";
import { groupCheckers } from "../checkers/groups/group-checkers.ts";
import type { Anomaly } from "../history.ts";
import { drawGroupOptions } from "./group-options.ts";
import { GroupWorld } from "./group-world.ts";
import { drawOptions, mayLoseRecords } from "./sim-options.ts";
import { NotLive, type SimStage } from "./sim-stage.ts";
import { SimWorld } from "./sim-world.ts";
import { trimRules } from "./trim-plan.ts";

/** What a run of a seed showed. */
export interface SeedResult {
  readonly world: WorldName;
  readonly seed: number;
  /** World, seed and options, in one line. */
  readonly title: string;
  /**
   * `bug`: the broker or a client threw. `stuck`: something did not happen in time. `wrong`: a promise is
   * broken.
   */
  readonly verdict: "passed" | "bug" | "stuck" | "wrong";
  /** What went wrong, for people. */
  readonly text: string;
  /** Equal for two runs of one seed. */
  readonly eventHash: string;
  readonly events: number;
  readonly virtualMs: number;
  readonly acked: number;
}

/** A kind of world. */
export type WorldName = "records" | "groups";

/** A world that can be run and judged. */
interface Trial {
  readonly title: string;
  readonly stage: Pick<SimStage, "world"> & {
    readonly history: readonly { readonly f: string; readonly type?: string }[];
  };
  run(): Promise<void>;
  judge(): Anomaly[];
}

/**
 * Runs one seed. `report` gets each event of the history and what else a reader of a failing run wants to
 * see.
 */
export async function runSeed(
  world: WorldName,
  seed: number,
  report: ((line: string) => void) | null = null,
): Promise<SeedResult> {
  const trial = world === "records" ? recordsTrial(seed, report) : groupsTrial(seed, report);
  let verdict: SeedResult["verdict"] = "passed";
  let text = "";
  try {
    await trial.run();
    const anomalies = trial.judge();
    if (anomalies.length > 0) verdict = "wrong";
    text = anomalies.map(anomalyLine).join("\n");
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    verdict = error instanceof NotLive ? "stuck" : "bug";
    text = error instanceof NotLive ? error.message : (error.stack ?? error.message);
  }
  const { history, world: run } = trial.stage;
  const acked = history.filter(({ f, type }) => (f === "send" || f === "commit") && type === "ok").length;
  const { eventHash, eventCount: events, nowMs: virtualMs } = run;
  const { title } = trial;
  return { world, seed, title, verdict, text, eventHash, events, virtualMs, acked };
}

function recordsTrial(seed: number, report: ((line: string) => void) | null): Trial {
  const options = drawOptions(seed);
  const sim = new SimWorld(options, report);
  const { stage } = sim;
  const checkers = checkersFor(
    mayLoseRecords(options),
    options.trim === null ? null : trimRules(options.trim),
  );
  const judge = (): Anomaly[] => checkers.flatMap((check) => check(stage.history));
  return { title: optionsLine("records", options), stage, run: () => sim.run(), judge };
}

function groupsTrial(seed: number, report: ((line: string) => void) | null): Trial {
  const options = drawGroupOptions(seed);
  const sim = new GroupWorld(options, report);
  const { stage } = sim;
  const judge = (): Anomaly[] => groupCheckers.flatMap((check) => check(stage.history, sim.facts));
  return { title: optionsLine("groups", options), stage, run: () => sim.run(), judge };
}

/** The options in one line, as `--world` and `--seed` take them. */
function optionsLine(world: WorldName, { seed, ...rest }: { readonly seed: number }): string {
  return `world ${world} seed 0x${seed.toString(16).padStart(8, "0")} ${JSON.stringify(rest)}`;
}

function anomalyLine({ checker, text }: Anomaly): string {
  return `  ${checker}: ${text}`;
}
