import assert from "node:assert/strict";
import { test } from "node:test";
import { OUTPUT_BYTES } from "./limits.ts";
import { OutputBuffer } from "./output-buffer.ts";

test("pieces come in order, and what was handed on stays as it was", () => {
  const pieces: Uint8Array[] = [];
  const output = new OutputBuffer((bytes) => pieces.push(bytes));
  let expected = "";
  for (let i = 0; i < 20_000; i++) {
    output.text(`żółw ${i}`);
    output.bytes(Buffer.from("\n"));
    expected += `żółw ${i}\n`;
  }
  const large = "x".repeat(OUTPUT_BYTES + 1);
  output.text(large);
  output.bytes(Buffer.from(large));
  output.flush();
  output.flush();
  assert.equal(Buffer.concat(pieces).toString(), expected + large + large);
  assert(pieces.every((piece) => piece.length <= OUTPUT_BYTES + 1));
});
