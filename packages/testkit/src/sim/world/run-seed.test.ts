import assert from "node:assert/strict";
import { test } from "node:test";
import { runSeed } from "./run-seed.ts";

test("a seed keeps its promises, and run twice it shows the same events", async () => {
  for (const world of ["records", "groups"] as const) {
    for (const seed of [1, 2]) {
      const once = await runSeed(world, seed);
      assert.equal(once.verdict, "passed", `${once.title}\n${once.text}`);
      assert.ok(once.acked > 50);
      assert.equal((await runSeed(world, seed)).eventHash, once.eventHash);
    }
    assert.notEqual((await runSeed(world, 1)).eventHash, (await runSeed(world, 2)).eventHash);
  }
});
