// Tests of Java's date line.
import assert from "node:assert/strict";
import { test } from "node:test";
import { javaDateLine } from "./java-date.ts";

test("the line is Java's, in UTC", () => {
  assert.equal(javaDateLine(Date.UTC(2026, 10, 21, 9, 41, 41)), "Sat Nov 21 09:41:41 UTC 2026");
  assert.equal(javaDateLine(Date.UTC(2027, 0, 5, 0, 0, 1)), "Tue Jan 05 00:00:01 UTC 2027");
});
