// Appends, transactions, truncations and cleanings with a crash at any disk call; then the log opens
// again. The last value of each key is there, offsets and order are as they were, tombstones go in their
// time. Seeded; compaction.test.ts runs the first of them.
import { test } from "node:test";
import { runCompactionScenario } from "../testing/compaction-scenario.ts";

const SEEDS = 1_000;

test(`compaction keeps its promises over ${SEEDS} lives with crashes at any disk call`, () => {
  for (let seed = 1; seed <= SEEDS; seed++) runCompactionScenario(seed);
});
