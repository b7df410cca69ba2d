// The differential runner over all scenarios: Apache Kafka 4.3.1 and Ottla, started fresh, must answer alike.
import { join } from "node:path";
import type { Step } from "../run.ts";
import { runProgram } from "./run-program.ts";

const runner = join(import.meta.dirname, "..", "differential", "run.ts");

/** `differential/run.ts` without options. */
export const differentialStep: Step = {
  name: "differential",
  needs: ["java", "mvn"],
  async run() {
    const { status, lines } = await runProgram(process.execPath, ["--conditions=@ottla/source", runner]);
    if (status !== 0) throw new Error(`exit ${status}\n${lines.slice(-60).join("\n")}`);
    return lines.findLast((line) => line.startsWith("differential:")) ?? "";
  },
};
