// Tests of the Prometheus text format.
import assert from "node:assert/strict";
import { test } from "node:test";
import { prometheusText } from "./prometheus-text.ts";

test("samples of one name stand together under one help and type line", () => {
  const text = prometheusText([
    { name: "a_total", kind: "counter", help: "As.", labels: { api: "Produce" }, value: 1 },
    { name: "b", kind: "gauge", help: "Bs.", labels: {}, value: 0.5 },
    { name: "a_total", kind: "counter", help: "As.", labels: { api: "Fetch" }, value: 2 },
  ]);
  assert.equal(
    text,
    "# HELP a_total As.\n# TYPE a_total counter\n" +
      'a_total{api="Produce"} 1\na_total{api="Fetch"} 2\n' +
      "# HELP b Bs.\n# TYPE b gauge\nb 0.5\n",
  );
});

test("a histogram has its buckets, the one without a bound, sum and count", () => {
  const buckets = [
    { upTo: 0.5, count: 1 },
    { upTo: 10, count: 3 },
  ];
  const sample = {
    name: "took_ms",
    kind: "histogram",
    help: "h",
    labels: {},
    value: 4,
    sum: 99,
    buckets,
  } as const;
  assert.deepEqual(prometheusText([sample]).split("\n").slice(2), [
    'took_ms_bucket{le="0.5"} 1',
    'took_ms_bucket{le="10"} 3',
    'took_ms_bucket{le="+Inf"} 4',
    "took_ms_sum 99",
    "took_ms_count 4",
    "",
  ]);
});

test("quotes, backslashes and line ends in labels are escaped", () => {
  const text = prometheusText([
    { name: "x", kind: "gauge", help: "h", labels: { topic: 'a"b\\c\nd' }, value: 1 },
  ]);
  assert.match(text, /x\{topic="a\\"b\\\\c\\nd"\} 1/);
});
