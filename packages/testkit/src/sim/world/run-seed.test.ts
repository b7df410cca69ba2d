import assert from "node:assert/strict";
import { test } from "node:test";
import { runSeed } from "./run-seed.ts";

for (const world of ["records", "groups"] as const) {
  test(`a seed of the world of ${world} keeps its promises, and run twice it shows the same events`, async () => {
    const once = await runSeed(world, 1);
    assert.equal(once.verdict, "passed", `${once.title}\n${once.text}`);
    assert.ok(once.acked > 50);
    assert.equal((await runSeed(world, 1)).eventHash, once.eventHash);
    assert.notEqual((await runSeed(world, 2)).eventHash, once.eventHash);
  });
}

test("clients that await show the same events, too", async () => {
  const seed = 9;
  const once = await runSeed("groups", seed);
  assert.match(once.title, /"usesEngine":true/);
  assert.equal(once.verdict, "passed", `${once.title}\n${once.text}`);
  assert.equal((await runSeed("groups", seed)).eventHash, once.eventHash);
});
