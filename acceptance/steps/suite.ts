// A foreign client suite of `suites/` with our own allow-list of `lists/`, on a fresh broker.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { startBrokerUnderTest } from "../broker-under-test.ts";
import type { Step } from "../run.ts";

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
        const result = spawnSync(
          join(folder, "suites", `${name}.sh`),
          [broker.bootstrap, "--list", join(folder, "lists", `${name}.txt`)],
          { encoding: "utf8", maxBuffer: 64 << 20 },
        );
        const lines = `${result.stdout}\n${result.stderr}`.trim().split("\n");
        if (result.status !== 0) throw new Error(`exit ${result.status}\n${lines.slice(-30).join("\n")}`);
        return lines.findLast((line) => /\d+ passed/.test(line)) ?? "";
      } finally {
        await broker.dispose();
      }
    },
  };
}
