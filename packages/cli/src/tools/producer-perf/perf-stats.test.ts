import assert from "node:assert/strict";
import { test } from "node:test";
import { PerfStats } from "./perf-stats.ts";

test("a summary has rates with six and two fractions, latencies with two", () => {
  const stats = new PerfStats(1000, 5000, 0);
  for (let i = 1; i <= 1000; i++) assert.equal(stats.record(i % 100, 100, 300), null);
  assert.equal(
    stats.total(385),
    "1000 records sent, 2597.402597 records/sec (0.25 MB/sec), 49.50 ms avg latency, 99.00 ms max latency, " +
      "50 ms 50th, 95 ms 95th, 99 ms 99th, 99 ms 99.9th.\n",
  );
});

test("a line of progress comes once its interval is over, and covers that interval alone", () => {
  const stats = new PerfStats(10, 2000, 1000);
  assert.equal(stats.record(10, 50, 2000), null);
  assert.equal(
    stats.record(21, 50, 3000),
    "2 records sent, 1.0 records/sec (0.00 MB/sec), 15.5 ms avg latency, 21.0 ms max latency.\n",
  );
  assert.equal(stats.record(1, 50, 4000), null);
  assert.match(stats.record(1, 50, 5000) ?? "", /^2 records sent, 1\.0 .* 1\.0 ms avg latency, 1\.0 ms max/);
});

test("the steady state is named, and long runs are sampled", () => {
  const stats = new PerfStats(1_500_000, Number.POSITIVE_INFINITY, 0, "steady state ");
  for (let i = 0; i < 1_500_000; i++) stats.record(i % 3, 1, 10);
  assert.match(stats.total(1000), /^1500000 steady state records sent, 1500000\.000000 records\/sec/);
});
