import assert from "node:assert/strict";
import { test } from "node:test";
import { fixed } from "./java-format.ts";

test("fractions are rounded half up at their shortest decimal form", () => {
  const shown: [number, number, string][] = [
    [0, 2, "0.00"],
    [1.005, 2, "1.01"],
    [0.125, 2, "0.13"],
    [2597.4025974025976, 6, "2597.402597"],
    [47.71, 2, "47.71"],
    [351, 2, "351.00"],
    [9.995, 2, "10.00"],
    [-1.25, 1, "-1.3"],
    [0.04999, 1, "0.0"],
    [1e-9, 4, "0.0000"],
    [12345678901, 1, "12345678901.0"],
    [2.5, 0, "3"],
    [Number.NaN, 2, "NaN"],
    [Number.POSITIVE_INFINITY, 2, "Infinity"],
  ];
  for (const [value, digits, text] of shown) assert.equal(fixed(value, digits), text, `${value} ${digits}`);
});
