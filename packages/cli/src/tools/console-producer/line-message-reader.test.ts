import assert from "node:assert/strict";
import { test } from "node:test";
import { LineMessageReader } from "./line-message-reader.ts";

function read(properties: Record<string, string>, ...lines: readonly string[]): string[] {
  const reader = new LineMessageReader(properties);
  const text = (bytes: Uint8Array | null): string =>
    bytes === null ? "null" : `"${Buffer.from(bytes).toString()}"`;
  return lines.map((line) => {
    const { key, value, headers } = reader.read(Buffer.from(line));
    const shown = headers.map((header) => `${header.key}=${text(header.value)}`);
    return [...shown, `${text(key)} -> ${text(value)}`].join(" ");
  });
}

test("a line is a value, without a key", () => {
  assert.deepEqual(read({}, "a\tb", ""), ['null -> "a\tb"', 'null -> ""']);
});

test("a key ends at the first separator", () => {
  assert.deepEqual(read({ "parse.key": " TRUE " }, "k\tv\tw"), ['"k" -> "v\tw"']);
  assert.deepEqual(read({ "parse.key": "true", "key.separator": "::" }, "k::", "::v"), [
    '"k" -> ""',
    '"" -> "v"',
  ]);
});

test("headers come before the key", () => {
  const both = { "parse.headers": "true", "parse.key": "true" };
  assert.deepEqual(read(both, "h1:v1,h2:a:b\tk\tv"), ['h1="v1" h2="a:b" "k" -> "v"']);
  assert.deepEqual(read({ "parse.headers": "true" }, "h:\tv"), ['h="" null -> "v"']);
});

test("the null marker stands for null in keys, values and headers", () => {
  const properties = { "parse.key": "true", "parse.headers": "true", "null.marker": "NULL" };
  assert.deepEqual(read(properties, "h:NULL\tNULL\tNULL", "NULL\tk\tv"), [
    "h=null null -> null",
    '"k" -> "v"',
  ]);
  assert.throws(
    () => read(properties, "NULL:x\tk\tv"),
    /Header keys should not be equal to the null marker 'NULL'/,
  );
});

test("a missing separator is told with the number of its line, or passed over", () => {
  assert.throws(() => read({ "parse.key": "true" }, "k\tv", "none"), {
    message: "No key separator found on line number 2: 'none'",
  });
  assert.throws(() => read({ "parse.headers": "true" }, "none"), {
    message: "No headers delimiter found on line number 1: 'none'",
  });
  assert.throws(() => read({ "parse.headers": "true" }, "bad\tv"), {
    message: "No header key separator found in pair 'bad' on line number 1",
  });
  const ignoring = { "parse.key": "true", "parse.headers": "true", "ignore.error": "true" };
  assert.deepEqual(read(ignoring, "none", "bad\tk\tv"), ['null -> "none"', 'bad=null "k" -> "v"']);
});

test("separators must differ", () => {
  assert.throws(() => read({ "headers.separator": ":" }), {
    message: "headers.separator and headers.key.separator may not be equal",
  });
  assert.throws(() => read({ "null.marker": "\t" }), {
    message: "null.marker and key.separator may not be equal",
  });
});
