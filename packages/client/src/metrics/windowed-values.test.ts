import assert from "node:assert/strict";
import { test } from "node:test";
import { WindowedValues } from "./windowed-values.ts";

const windows = { count: 2, windowMs: 30_000 };

test("a young sensor's rate is over the windows that it should have lived", () => {
  const values = new WindowedValues(windows);
  for (let at = 0; at < 10; at += 1) values.record(6, 1000 + at * 100);
  assert.equal(values.rate(3000), 60 / 32);
  assert.equal(values.countRate(3000), 10 / 32);
  assert.equal(values.total, 60);
  assert.equal(values.totalCount, 10);
});

test("average, maximum and minimum are of the last windows, totals of all time", () => {
  const values = new WindowedValues(windows);
  values.record(100, 0);
  values.record(10, 30_000);
  values.record(20, 60_000);
  assert.equal(values.max(60_000), 20);
  assert.equal(values.min(60_000), 10);
  assert.equal(values.average(60_000), 15);
  assert.equal(values.rate(60_000), 30 / 30);
  assert.equal(values.total, 130);
});

test("without recent values there is no average, and the rate is 0", () => {
  const values = new WindowedValues(windows);
  assert.ok(Number.isNaN(values.average(0)) && Number.isNaN(values.max(0)) && Number.isNaN(values.min(0)));
  assert.equal(values.rate(0), 0);
  values.record(5, 0);
  assert.equal(values.rate(60_000), 0);
  assert.ok(Number.isNaN(values.max(60_000)));
  assert.equal(values.total, 5);
});
