import assert from "node:assert/strict";
import { test } from "node:test";
import { runTruncateScenario } from "../testing/truncate-scenario.ts";

test("what was cut off never comes back after a crash, and what was not is there", () => {
  let cuts = 0;
  for (let seed = 1; seed <= 40; seed++) cuts += runTruncateScenario(seed, seed % 2 === 0 ? 1 << 16 : 0).cuts;
  assert.ok(cuts > 300, `only ${cuts} cuts`);
});
