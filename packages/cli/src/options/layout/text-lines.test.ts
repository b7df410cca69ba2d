// Tests of where lines break and how blanks are spread.
import assert from "node:assert/strict";
import { test } from "node:test";
import { justifiedLines, raggedLines } from "./text-lines.ts";

test("blanks are spread from the middle of a line, and the last line is left as it is", () => {
  assert.deepEqual(
    justifiedLines(
      "kafka-cluster: error: argument --id/-i: could not convert 'y' to Integer (For input string: \"y\")",
      75,
    ),
    [
      "kafka-cluster: error: argument --id/-i:  could  not  convert 'y' to Integer",
      '(For input string: "y")',
    ],
  );
  const missing =
    "kafka-cluster: error: one of the arguments --bootstrap-server/-b --bootstrap-controller/-C is required";
  assert.deepEqual(justifiedLines(missing, 75), [
    "kafka-cluster:  error:  one  of   the  arguments  --bootstrap-server/-b  --",
    "bootstrap-controller/-C is required",
  ]);
});

test("ragged lines keep paragraphs apart and indent what is continued", () => {
  assert.deepEqual(raggedLines("one two three four\nfive", 10), ["one two", "  three", "  four", "five"]);
});
