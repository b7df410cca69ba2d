import assert from "node:assert/strict";
import { test } from "node:test";
import { ascending, median, percentile, spreadOf } from "./statistics.ts";

test("the median of an odd count is the middle value, of an even count the mean of the two in the middle", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([10, 1, 9, 2]), 5.5);
  assert.equal(median([7]), 7);
  assert.ok(Number.isNaN(median([])));
});

test("sorting is by value, and leaves the list alone", () => {
  const values = [10, 9, 100, 1];
  assert.deepEqual(ascending(values), [1, 9, 10, 100]);
  assert.deepEqual(values, [10, 9, 100, 1]);
});

test("a percentile is a value that was measured, the largest at the end", () => {
  const sorted = Array.from({ length: 1000 }, (_, index) => index);
  assert.equal(percentile(sorted, 0.5), 500);
  assert.equal(percentile(sorted, 0.99), 990);
  assert.equal(percentile(sorted, 0.999), 999);
  assert.equal(percentile(sorted, 1), 999);
  assert.equal(percentile([3], 0.999), 3);
  assert.equal(percentile([], 0.5), 0);
});

test("a spread leaves out runs without the figure", () => {
  assert.deepEqual(spreadOf([3, undefined, 1, Number.NaN, 2]), { median: 2, min: 1, max: 3, runs: 3 });
  assert.equal(spreadOf([undefined]).runs, 0);
});
