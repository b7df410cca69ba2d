import assert from "node:assert/strict";
import { test } from "node:test";
import { runSeed } from "./run-seed.ts";

test("a seed keeps its promises, and run twice it shows the same events", () => {
  for (const seed of [1, 2, 3]) {
    const once = runSeed(seed);
    assert.equal(once.verdict, "passed", `${once.title}\n${once.text}`);
    assert.ok(once.acked > 50);
    assert.equal(runSeed(seed).eventHash, once.eventHash);
  }
  assert.notEqual(runSeed(1).eventHash, runSeed(2).eventHash);
});
