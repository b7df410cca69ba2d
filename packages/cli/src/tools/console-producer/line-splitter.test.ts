import assert from "node:assert/strict";
import { test } from "node:test";
import { LineSplitter } from "./line-splitter.ts";

function split(...chunks: readonly (string | Uint8Array)[]): string[] {
  const splitter = new LineSplitter();
  const lines = chunks.flatMap((chunk) =>
    splitter.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk),
  );
  return [...lines, ...splitter.end()].map((line) => Buffer.from(line).toString("latin1"));
}

test("lines end at a newline, at a return and at both together", () => {
  assert.deepEqual(split("a\nb\r\nc\rd"), ["a", "b", "c", "d"]);
  assert.deepEqual(split("\n\r\n\r"), ["", "", ""]);
});

test("the last line needs no end, and an end makes no further line", () => {
  assert.deepEqual(split("a\n"), ["a"]);
  assert.deepEqual(split("a"), ["a"]);
  assert.deepEqual(split(""), []);
});

test("lines may cross chunks, also between return and newline", () => {
  assert.deepEqual(split("a", "b", "c\nd"), ["abc", "d"]);
  assert.deepEqual(split("a\r", "\nb"), ["a", "b"]);
  assert.deepEqual(split("a\r", "", "\n", "\nb"), ["a", "", "b"]);
  assert.deepEqual(split("a\r", "b"), ["a", "b"]);
});

test("a character may cross chunks; what is no UTF-8 is replaced", () => {
  const word = Buffer.from("żółw\n");
  for (let at = 1; at < word.length; at++) {
    assert.deepEqual(split(word.subarray(0, at), word.subarray(at)), [
      word.subarray(0, -1).toString("latin1"),
    ]);
  }
  assert.deepEqual(split(Uint8Array.of(0x61, 0xff, 0x0a)), [Buffer.from("a\ufffd").toString("latin1")]);
  assert.deepEqual(split(Uint8Array.of(0x61), Uint8Array.of(0xc3)), [
    Buffer.from("a\ufffd").toString("latin1"),
  ]);
});
