import assert from "node:assert/strict";
import { test } from "node:test";
import { javaDouble } from "./java-double.ts";

test("a double is shown as Java shows it", () => {
  const shown: [number, string][] = [
    [0, "0.0"],
    [-0, "-0.0"],
    [1, "1.0"],
    [123456, "123456.0"],
    [0.1, "0.1"],
    [40.210682999999996, "40.210682999999996"],
    [9999999, "9999999.0"],
    [10000000, "1.0E7"],
    [12345678.5, "1.23456785E7"],
    [0.001, "0.001"],
    [0.0005, "5.0E-4"],
    [-1.5e-10, "-1.5E-10"],
    [Number.MIN_VALUE, "4.9E-324"],
    [Number.MAX_VALUE, "1.7976931348623157E308"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
  ];
  for (const [value, text] of shown) assert.equal(javaDouble(value), text);
});
