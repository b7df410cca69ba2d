// A seed from its options to its verdict: the world is run, then its history is judged.
import { checkersFor } from "../checkers/checkers.ts";
import type { Anomaly } from "../history.ts";
import { drawOptions, mayCutPowerOnPageCache, optionsLine } from "./sim-options.ts";
import { NotLive, SimWorld } from "./sim-world.ts";

/** What a run of a seed showed. */
export interface SeedResult {
  readonly seed: number;
  /** Seed and options, in one line. */
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

/**
 * Runs one seed. `report` gets each event of the history and what else a reader of a failing run wants to
 * see.
 */
export function runSeed(seed: number, report: (line: string) => void = () => {}): SeedResult {
  const options = drawOptions(seed);
  const title = optionsLine(options);
  const sim = new SimWorld(options, report);
  let verdict: SeedResult["verdict"] = "passed";
  let text = "";
  try {
    sim.run();
    const anomalies = checkersFor(mayCutPowerOnPageCache(options)).flatMap((check) => check(sim.history));
    if (anomalies.length > 0) verdict = "wrong";
    text = anomalies.map(anomalyLine).join("\n");
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    verdict = error instanceof NotLive ? "stuck" : "bug";
    text = error instanceof NotLive ? error.message : (error.stack ?? error.message);
  }
  const acked = sim.history.filter((event) => event.f === "send" && event.type === "ok").length;
  const { eventHash, eventCount, nowMs } = sim.world;
  return { seed, title, verdict, text, eventHash, events: eventCount, virtualMs: nowMs, acked };
}

function anomalyLine({ checker, text }: Anomaly): string {
  return `  ${checker}: ${text}`;
}
