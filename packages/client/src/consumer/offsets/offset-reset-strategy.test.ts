import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "../../config/config-error.ts";
import { parseIsoDurationMs, parseOffsetResetStrategy, resetTimestamp } from "./offset-reset-strategy.ts";

test("names of policies are read in any case", () => {
  assert.deepEqual(parseOffsetResetStrategy("earliest"), { kind: "earliest" });
  assert.deepEqual(parseOffsetResetStrategy("LATEST"), { kind: "latest" });
  assert.deepEqual(parseOffsetResetStrategy("none"), { kind: "none" });
  assert.deepEqual(parseOffsetResetStrategy("by_duration:P1DT2H"), {
    kind: "duration",
    durationMs: 26 * 3_600_000,
  });
});

test("anything else, and a negative duration, is refused", () => {
  for (const text of [
    "",
    "first",
    "by_duration:",
    "by_duration:1h",
    "by_duration:-PT1S",
    "by_duration:P1Y",
  ]) {
    assert.throws(() => parseOffsetResetStrategy(text), ConfigError, text);
  }
});

test("durations are read as ISO 8601 writes them", () => {
  const cases: [string, number | null][] = [
    ["PT0S", 0],
    ["PT1.5S", 1500],
    ["PT0.0019S", 1],
    ["pt1m30s", 90_000],
    ["P2D", 172_800_000],
    ["PT-1H", -3_600_000],
    ["-PT1H", -3_600_000],
    ["P", null],
    ["PT", null],
    ["P1DT", null],
    ["1D", null],
    ["PT99999999999999999H", null],
  ];
  for (const [text, ms] of cases) assert.equal(parseIsoDurationMs(text), ms, text);
});

test("a policy becomes the timestamp to look for", () => {
  assert.equal(resetTimestamp({ kind: "earliest" }, 5000), -2);
  assert.equal(resetTimestamp({ kind: "latest" }, 5000), -1);
  assert.equal(resetTimestamp({ kind: "duration", durationMs: 2000 }, 5000), 3000);
  assert.equal(resetTimestamp({ kind: "none" }, 5000), null);
});
