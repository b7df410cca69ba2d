// The differential runner over all scenarios: Apache Kafka 4.3.1 and Ottla, started fresh, must answer alike.
import { join } from "node:path";
import type { Step } from "../run.ts";
import { runProgram } from "./run-program.ts";

const runner = join(import.meta.dirname, "..", "differential", "run.ts");

/** Lines of a failed run that are told: the differences stand before the table. */
const linesTold = 80;

/** `differential/run.ts` without options. */
export const differentialStep: Step = {
  name: "differential",
  needs: ["java", "mvn"],
  async run() {
    const { status, lines } = await runProgram(process.execPath, ["--conditions=@ottla/source", runner]);
    const summary = lines.findLast((line) => line.startsWith("differential:")) ?? `exit ${status}`;
    if (status !== 0) throw new Error(`${summary}\n${lines.slice(0, linesTold).join("\n")}`);
    return summary;
  },
};
