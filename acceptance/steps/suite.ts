// A foreign client suite of `suites/` with our own allow-list of `lists/`, on a fresh broker.
import { join } from "node:path";
import { startBrokerUnderTest } from "../broker-under-test.ts";
import type { Step } from "../run.ts";
import { runProgram } from "./run-program.ts";

const folder = join(import.meta.dirname, "..");

/** The suite `name`: `suites/NAME.sh` over `lists/NAME.txt`. */
export function suiteStep(name: string, needs: readonly string[], headers: readonly string[] = []): Step {
  return {
    name,
    needs,
    headers,
    async run() {
      const broker = await startBrokerUnderTest();
      try {
        const script = join(folder, "suites", `${name}.sh`);
        const list = join(folder, "lists", `${name}.txt`);
        const { status, lines } = await runProgram(script, [broker.bootstrap, "--list", list]);
        if (status !== 0) throw new Error(`exit ${status}\n${lines.slice(-30).join("\n")}`);
        return lines.findLast((line) => /\d+ passed/.test(line)) ?? "";
      } finally {
        await broker.dispose();
      }
    },
  };
}
