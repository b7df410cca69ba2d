// Appends, rolls, truncations and ticks with a crash at any disk call; then the log opens again. Whatever was
// durable is there, offsets have no gaps and hold what was appended, and the log takes more. Seeded;
// crash.test.ts runs the first of them.
import { test } from "node:test";
import { runCrashScenario } from "../testing/crash-scenario.ts";

const SEEDS = 1_000;

test(`no durable record is lost in ${SEEDS} crashes at any disk call`, () => {
  for (let seed = 1; seed <= SEEDS; seed++) runCrashScenario(seed);
});
