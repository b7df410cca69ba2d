// Gives Ottla's process the probe of loop-probe.ts, and asks it.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { connect } from "node:net";
import { join } from "node:path";

/** How late a loop was, as counts of probes by milliseconds (the lower bound of a bucket of 0.1 ms). */
export class LoopDelays {
  readonly #counts: readonly (readonly [number, number])[];

  constructor(counts: readonly (readonly [number, number])[]) {
    this.#counts = [...counts].sort(([left], [right]) => left - right);
  }

  get probes(): number {
    return this.#counts.reduce((sum, [, count]) => sum + count, 0);
  }

  /** Milliseconds that `share` of the probes stayed within; 0 of none. */
  percentile(share: number): number {
    const wanted = this.probes * share;
    let seen = 0;
    for (const [ms, count] of this.#counts) {
      seen += count;
      if (seen >= wanted) return ms;
    }
    return 0;
  }
}

/** The probe of one broker. */
export class LoopProbe {
  readonly #socketFile: string;
  readonly #program: string;

  /** `directory` must be of the broker alone, and its path short. */
  constructor(directory: string) {
    this.#socketFile = join(directory, "probe.sock");
    this.#program = join(directory, "loop-probe.mjs");
    // Plain JavaScript: else the broker would load what strips types, which takes memory.
    const source = readFileSync(join(import.meta.dirname, "loop-probe.ts"), "utf8");
    writeFileSync(this.#program, stripTypeScriptTypes(source));
  }

  /** For the broker's process; called before each start. */
  environment(): Record<string, string> {
    rmSync(this.#socketFile, { force: true });
    return { OTTLA_NODE_OPTIONS: `--import ${this.#program}`, OTTLA_BENCH_PROBE: this.#socketFile };
  }

  /** What was counted since the last time. */
  async take(): Promise<LoopDelays> {
    const text = await new Promise<string>((done, failed) => {
      let all = "";
      const socket = connect(this.#socketFile).setEncoding("utf8");
      socket.on("data", (piece: string) => {
        all += piece;
      });
      socket.once("error", failed);
      socket.once("end", () => done(all));
    });
    return new LoopDelays(JSON.parse(text) as [number, number][]);
  }
}
