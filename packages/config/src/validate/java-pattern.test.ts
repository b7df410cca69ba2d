// Tests of what Java takes for a regular expression. What is said of each was asked of Java 17.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isJavaPattern } from "./java-pattern.ts";

const TAKEN = [
  "",
  "a",
  "a+b*c?d{2}e{2,}f{2,3}",
  "a++b*+c?+d{2}+",
  "a*?b+?",
  "[a-z&&[^bc]]",
  "[]a]",
  "[^]a]",
  "]",
  "}",
  "a]",
  "^*",
  "$+",
  "(?i)a",
  "(?i-s:b)",
  "(?:a)(?=b)(?!c)(?>d)(?<=e)(?<!f)",
  "(?<name>a)\\k<name>",
  "\\1",
  "\\Qx.[\\E",
  "\\Q[",
  "a\\Qb\\E+",
  "\\p{Alpha}\\h",
  "\\p{Lu}\\pL\\P{IsLatin}\\p{IsAlphabetic}\\p{javaLowerCase}",
  "\\x41\\u0041",
  "\\x{1F600}",
  "\\012",
  "\\cA",
  "\\.",
  "\\_",
  "\\R\\X\\Z\\z\\A\\G\\b\\B",
  "a|",
  "|a",
  "()",
  "[a-]",
  "[-a]",
  "[a\\-z]",
  "(?<=a{2,3})b",
  "(?<=a*)b",
  "{2}",
  "a|{2}",
  "(a|b)*",
  "[(]",
  "\\-",
  "ä+",
];
const REFUSED = [
  "*",
  "+a",
  "?",
  "{",
  "[a-\\d]",
  "a**",
  "a{",
  "a{2",
  "a{2,1}",
  "a{x}",
  "a|*",
  "(*)",
  "(",
  ")",
  "a)",
  "(?",
  "(?y)",
  "(?<a",
  "(?<1>a)",
  "(?<a>x)(?<a>y)",
  "\\",
  "\\y",
  "\\i",
  "[",
  "[]",
  "[^]",
  "[a",
  "[z-a]",
  "[a[b]",
  "\\p{Nope}",
  "\\p{",
  "\\k<none>",
  "\\x4",
  "\\u12",
  "\\c",
  "\\09",
  "(?<=(ab)+)c",
  "a{99999999999}",
  "[\\y]",
  "a{2}{",
  "\\p{IsNope}",
];

for (const text of TAKEN) {
  test(`/${text}/ is a pattern`, () => assert.equal(isJavaPattern(text), true));
}

for (const text of REFUSED) {
  test(`/${text}/ is no pattern`, () => assert.equal(isJavaPattern(text), false));
}

test("nesting as deep as a text is long is read without recursion", () => {
  const deep = 100_000;
  assert.equal(isJavaPattern(`${"(".repeat(deep)}${")".repeat(deep)}`), true);
  assert.equal(isJavaPattern("(".repeat(deep)), false);
  assert.equal(isJavaPattern("[".repeat(deep)), false);
});
