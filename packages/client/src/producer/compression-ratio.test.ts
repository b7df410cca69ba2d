import assert from "node:assert/strict";
import { test } from "node:test";
import { CompressionRatio } from "./compression-ratio.ts";

test("the estimate falls slowly and rises at once", () => {
  const ratio = new CompressionRatio();
  assert.equal(ratio.bytesBefore(1000, 1e6), 1000);
  ratio.observe(1000, 100);
  assert.equal(ratio.bytesBefore(1000, 1e6), 1000);
  for (let batch = 0; batch < 200; batch += 1) ratio.observe(1000, 100);
  assert.equal(ratio.bytesBefore(1000, 1e6), 9000);
  assert.equal(ratio.bytesBefore(1000, 5500), 5000);
  ratio.observe(1000, 900);
  assert.equal(ratio.bytesBefore(1000, 1e6), 1000);
});
