import { test } from "node:test";
import { runCrashScenario } from "../testing/crash-scenario.ts";

const SEEDS = 60;

test(`no durable record is lost in ${SEEDS} crashes at any disk call`, () => {
  for (let seed = 1; seed <= SEEDS; seed++) runCrashScenario(seed);
});
