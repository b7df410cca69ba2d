import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeUtf8, decodeUtf8Strict, encodeUtf8, utf8Length, writeUtf8 } from "./utf8.ts";

const texts = [
  "",
  "a",
  "topic",
  "é",
  "日本語トピック",
  "😀a😀",
  "x".repeat(24),
  "x".repeat(100),
  "é".repeat(60),
  "a\u0000b",
];

test("text comes back, and its length is known beforehand", () => {
  for (const text of texts) {
    const bytes = new Uint8Array(utf8Length(text));
    assert.equal(writeUtf8(bytes, 0, text), bytes.length);
    assert.deepEqual(bytes, encodeUtf8(text));
    assert.equal(decodeUtf8(bytes, 0, bytes.length), text);
    assert.equal(decodeUtf8Strict(bytes, 0, bytes.length), text);
  }
});

test("a lone surrogate takes the three bytes of the replacement character", () => {
  for (const text of ["\ud800", "a\udc00b", "\ud800".repeat(60)]) {
    const bytes = new Uint8Array(utf8Length(text));
    assert.equal(writeUtf8(bytes, 0, text), bytes.length);
    assert.deepEqual(bytes, encodeUtf8(text));
  }
});

test("the strict form refuses what the lenient one replaces", () => {
  const malformed = Uint8Array.of(0x61, 0xc3);
  assert.equal(decodeUtf8(malformed, 0, 2), "a\ufffd");
  assert.equal(decodeUtf8Strict(malformed, 0, 2), null);
});
