// Long comments are broken at words and keep their words.
import assert from "node:assert/strict";
import { test } from "node:test";
import { wrapComments } from "./wrap-comments.ts";

const WORDS = "word ".repeat(30).trim();

function longest(text: string): number {
  return Math.max(...text.split("\n").map((line) => line.length));
}

test("what is cut off a comment line joins the next line of the comment", () => {
  const wrapped = wrapComments(`// ${WORDS}\n// more of it\ncode();`);
  assert.ok(longest(wrapped) <= 110);
  assert.equal(wrapped.split("\n").length, 3);
  assert.equal(wrapped.replace(/\n?\/\/ /g, " ").trim(), `${WORDS} more of it\ncode();`);
});

test("a one-line block comment becomes a block", () => {
  assert.match(
    wrapComments(`  /** ${WORDS} */\n  a();`),
    /^ {2}\/\*\*\n {3}\* word[^\n]*\n {3}\* word[^\n]*\n {3}\*\/\n {2}a\(\);$/,
  );
});

test("code and short comments stay as they are", () => {
  const text = `const a = "${WORDS}"; // ${WORDS}\n// short\n// ${"-".repeat(120)}`;
  assert.equal(wrapComments(text), text);
});
