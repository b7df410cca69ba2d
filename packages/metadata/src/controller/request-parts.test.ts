import assert from "node:assert/strict";
import { test } from "node:test";
import { partWeightMax, runsByWeight } from "./request-parts.ts";

test("runs hold what fits, in order, and a heavy item alone", () => {
  const weights = [100, 100, 100, partWeightMax * 3, 1, 1];
  assert.deepEqual(
    runsByWeight(weights, (weight) => weight),
    [[100, 100], [100], [partWeightMax * 3], [1, 1]],
  );
  assert.deepEqual(
    runsByWeight([], () => 1),
    [],
  );
});
