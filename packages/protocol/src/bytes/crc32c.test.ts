import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32c, crc32cByTables } from "./crc32c.ts";

const bytes = Uint8Array.from({ length: 5000 }, (_, index) => (index * 31 + (index >> 7)) & 0xff);

test("native code and tables agree for every length around the steps and the switch", () => {
  for (const length of [0, 1, 15, 16, 17, 31, 32, 33, 255, 256, 257, 4096, 4999]) {
    assert.equal(crc32c(bytes, 1, 1 + length), crc32cByTables(bytes, 1, 1 + length));
  }
});

test("a checksum goes on from the one before", () => {
  for (const middle of [0, 7, 300, 4000, 5000]) {
    const first = crc32c(bytes, 0, middle);
    assert.equal(crc32c(bytes, middle, bytes.length, first), crc32c(bytes));
    assert.equal(crc32cByTables(bytes, middle, bytes.length, first), crc32c(bytes));
  }
});
