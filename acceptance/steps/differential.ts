// The differential runner over all scenarios: Apache Kafka 4.3.1 and Ottla, started fresh, must answer alike.
import { join } from "node:path";
import type { Step } from "../run.ts";
import { runProgram } from "./run-program.ts";

const runner = join(import.meta.dirname, "..", "differential", "run.ts");

/** Lines of a failed run that are told: the differences stand before the table. */
const linesTold = 80;

async function compareOnce(): Promise<{ isAlike: boolean; summary: string; told: string }> {
  const { status, lines } = await runProgram(process.execPath, ["--conditions=@ottla/source", runner]);
  const summary = lines.findLast((line) => line.startsWith("differential:")) ?? `exit ${status}`;
  return { isAlike: status === 0, summary, told: lines.slice(0, linesTold).join("\n") };
}

/**
 * `differential/run.ts` without options. Some answers depend on who is faster, so a difference counts when it
 * is there again in a second run; one that is not is printed all the same.
 */
export const differentialStep: Step = {
  name: "differential",
  needs: ["java", "mvn"],
  async run() {
    const first = await compareOnce();
    if (first.isAlike) return first.summary;
    console.log(`differential, first run: ${first.summary}\n${first.told}`);
    const second = await compareOnce();
    if (!second.isAlike) throw new Error(`${second.summary}\n${second.told}`);
    return `${second.summary} in the second run; in the first: ${first.summary}`;
  },
};
