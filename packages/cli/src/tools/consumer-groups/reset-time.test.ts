// Tests of times and durations on the command line.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDateTime, parseDuration } from "./reset-time.ts";

test("times are UTC unless they name a zone", () => {
  assert.equal(parseDateTime("2020-01-01T00:00:00.000"), Date.UTC(2020, 0, 1));
  assert.equal(parseDateTime("2020-01-01T00:00:00.5+01:00"), Date.UTC(2019, 11, 31, 23, 0, 0, 5));
  assert.equal(parseDateTime("2020-01-01T00:00:00.000+0100"), Date.UTC(2019, 11, 31, 23));
  assert.equal(parseDateTime("2020-01-01T00:00:00.000-02"), Date.UTC(2020, 0, 1, 2));
});

test("days that do not exist and texts that are no time are refused", () => {
  for (const text of ["2020-13-01T00:00:00.000", "2020-02-30T00:00:00.000", "2020-01-01T10:00"]) {
    assert.throws(() => parseDateTime(text), /Unparseable date/, text);
  }
  assert.throws(() => parseDateTime("yesterday"), /does not contain a 'T'/);
});

test("durations are Java's", () => {
  assert.equal(parseDuration("PT1H"), 3_600_000);
  assert.equal(parseDuration("P1DT2H3M4.5S"), 93_784_500);
  assert.equal(parseDuration("-PT1M"), -60_000);
  for (const text of ["1h", "P", "PT", "P1Y", ""]) {
    assert.throws(() => parseDuration(text), { message: "Text cannot be parsed to a Duration" }, text);
  }
});
