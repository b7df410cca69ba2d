import assert from "node:assert/strict";
import { test } from "node:test";
import { LoopDelays } from "./loop-delay.ts";

test("a share of the probes stayed within the bucket where it ends", () => {
  const delays = new LoopDelays([
    [12, 1],
    [0.1, 900],
    [3, 99],
  ]);
  assert.equal(delays.probes, 1000);
  assert.equal(delays.percentile(0.5), 0.1);
  assert.equal(delays.percentile(0.9), 0.1);
  assert.equal(delays.percentile(0.999), 3);
  assert.equal(delays.percentile(1), 12);
  assert.equal(new LoopDelays([]).percentile(0.999), 0);
});
