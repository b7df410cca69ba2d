// The .properties syntax: what counts as an entry, where it was written, how escapes read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOverride, parseProperties } from "./parse-properties.ts";

function pairs(text: string): [string, string, number][] {
  return parseProperties(text, "f").map(({ key, value, origin }) => [key, value, origin.line]);
}

test("comments and empty lines are skipped and lines are counted from 1", () => {
  assert.deepEqual(pairs("# a\n! b\n\n  # c\na=1\r\nb = 2\rc=3"), [
    ["a", "1", 5],
    ["b", "2", 6],
    ["c", "3", 7],
  ]);
});

test("a key ends at the first unescaped equals sign, colon or blank", () => {
  assert.deepEqual(pairs("a=b=c\nd:e\nf g\nh\ti\nj =  k \nl\\=m=n\no\n p = : q"), [
    ["a", "b=c", 1],
    ["d", "e", 2],
    ["f", "g", 3],
    ["h", "i", 4],
    ["j", "k ", 5],
    ["l=m", "n", 6],
    ["o", "", 7],
    ["p", ": q", 8],
  ]);
});

test("a backslash at the end of a line joins it with the next, counted at the first", () => {
  assert.deepEqual(pairs("a = 1,\\\n    2,\\\n    3\nb=x\\\\\nc=y\\"), [
    ["a", "1,2,3", 1],
    ["b", "x\\", 4],
    ["c", "y", 5],
  ]);
});

test("escapes are resolved and an unknown one loses its backslash", () => {
  assert.deepEqual(pairs("a=\\u0041\\tz\\q\\\\"), [["a", "A\tz\\".replace("z", "zq"), 1]]);
});

test("keys such as __proto__ are ordinary keys", () => {
  assert.deepEqual(pairs("__proto__=1\nconstructor=2"), [
    ["__proto__", "1", 1],
    ["constructor", "2", 2],
  ]);
});

test("an override is split at its first equals sign and needs a key", () => {
  assert.deepEqual(parseOverride("a.b= c=d "), {
    key: "a.b",
    value: "c=d",
    origin: { file: "--override", line: 0 },
  });
  assert.equal(parseOverride("=x"), undefined);
});
