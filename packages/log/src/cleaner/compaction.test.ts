import assert from "node:assert/strict";
import { test } from "node:test";
import { runCompactionScenario } from "../testing/compaction-scenario.ts";

const SEEDS = 80;

test(`compaction keeps its promises over ${SEEDS} lives with crashes at any disk call`, () => {
  let cleanings = 0;
  for (let seed = 1; seed <= SEEDS; seed++) cleanings += runCompactionScenario(seed);
  assert.ok(cleanings > 0);
});
