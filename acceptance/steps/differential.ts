// The differential runner over all scenarios: Apache Kafka 4.3.1 and Ottla, started fresh, must answer alike.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Step } from "../run.ts";

const runner = join(import.meta.dirname, "..", "differential", "run.ts");

/** `differential/run.ts` without options. */
export const differentialStep: Step = {
  name: "differential",
  needs: ["java", "mvn"],
  async run() {
    const result = spawnSync(process.execPath, ["--conditions=@ottla/source", runner], {
      encoding: "utf8",
      maxBuffer: 64 << 20,
    });
    const lines = `${result.stdout}\n${result.stderr}`.trim().split("\n");
    if (result.status !== 0) throw new Error(`exit ${result.status}\n${lines.slice(-60).join("\n")}`);
    return lines.findLast((line) => line.startsWith("differential:")) ?? "";
  },
};
