import assert from "node:assert/strict";
import { test } from "node:test";
import { histogramBound, parseMetrics } from "./operation-metrics.ts";

const text = `# HELP delay_ms How late.
# TYPE delay_ms histogram
delay_ms_bucket{le="1"} 900
delay_ms_bucket{le="5"} 990
delay_ms_bucket{le="10"} 999
delay_ms_bucket{le="+Inf"} 1000
delay_ms_sum 812.5
delay_ms_count 1000
loaded_total{kind="a b"} 7
`;

test("series are read with their labels", () => {
  const metrics = parseMetrics(text);
  assert.equal(metrics.get("delay_ms_sum"), 812.5);
  assert.equal(metrics.get('loaded_total{kind="a b"}'), 7);
  assert.equal(metrics.size, 7);
});

test("a share of a histogram ends in the first bucket that holds it", () => {
  const metrics = parseMetrics(text);
  assert.equal(histogramBound(metrics, "delay_ms", 0.5), 1);
  assert.equal(histogramBound(metrics, "delay_ms", 0.99), 5);
  assert.equal(histogramBound(metrics, "delay_ms", 0.999), 10);
  assert.equal(histogramBound(metrics, "delay_ms", 1), Number.POSITIVE_INFINITY);
});
