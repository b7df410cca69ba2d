// Many logs over a small sync journal, cut, deleted, created again and crashed at any disk call; whatever was
// durable is there and nothing that was cut off comes back. Seeded; sync-journal.test.ts runs the first of
// them.
import { test } from "node:test";
import { runJournalScenario } from "../testing/journal-scenario.ts";

const SEEDS = 200;

test(`no durable record of a journal is lost, none that was cut off comes back, ${SEEDS} seeds`, () => {
  for (let seed = 1_000; seed < 1_000 + SEEDS; seed++) runJournalScenario(seed);
});
